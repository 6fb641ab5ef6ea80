/// A message with its type (`google.protobuf.Any`), to be sent.
struct AnyMessage<Value: WireMessage>: WireMessage {
    var typeURL: StaticString
    var value: Value

    func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.literal(1, typeURL)
        sink.element(2, message: value)
    }
}

/// A received message with its type. What is in `value` was not looked at.
package struct AnyMessageView: WireView, ~Escapable {
    package private(set) var typeURL: UTF8Span
    package private(set) var value: Span<UInt8>

    @_lifetime(immortal)
    package init() {
        typeURL = .empty
        value = Span()
    }

    @_lifetime(self: copy self, copy body)
    package mutating func merge(_ body: MessageBody) throws(WireError) {
        var reader = WireReader(body)
        while let field = try reader.nextField() {
            switch (field.number, field.wireType) {
            case (1, .lengthDelimited): typeURL = try reader.text()
            case (2, .lengthDelimited): value = try reader.lengthDelimited()
            default: try reader.skip(field)
            }
        }
    }
}
