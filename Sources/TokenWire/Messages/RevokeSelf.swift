/// Presents a secret whose token shall end.
package struct RevokeSelfRequest: WireMessage, Equatable, Sendable {
    package var token: String

    package init(token: String = "") {
        self.token = token
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, token)
    }
}

extension RevokeSelfRequest {
    /// A received `RevokeSelfRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var token: UTF8Span

        @_lifetime(immortal)
        package init() {
            token = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): token = try reader.text()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        token = String(copying: view.token)
    }
}
