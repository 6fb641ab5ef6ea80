/// How many tokens ended with their owner: the answer of DeleteServiceAccount and RemoveMember, which are one message
/// on the wire.
package struct EndedTokensResponse: WireMessage, Equatable, Sendable {
    package var endedTokenCount: Int64

    package init(endedTokenCount: Int64 = 0) {
        self.endedTokenCount = endedTokenCount
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.int64(1, endedTokenCount)
    }
}

extension EndedTokensResponse {
    /// A received `EndedTokensResponse`.
    package struct View: WireView, ~Escapable {
        package private(set) var endedTokenCount: Int64 = 0

        @_lifetime(immortal)
        package init() {}

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .varint): endedTokenCount = try reader.int64()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        endedTokenCount = view.endedTokenCount
    }
}

package typealias DeleteServiceAccountResponse = EndedTokensResponse
package typealias RemoveMemberResponse = EndedTokensResponse
