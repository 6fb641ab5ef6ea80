/// Names a token or a service account: the request of GetToken, RevokeToken, GetServiceAccount and
/// DeleteServiceAccount, which are one message on the wire.
package struct IDRequest: WireMessage, Equatable, Sendable {
    package var id: String

    package init(id: String = "") {
        self.id = id
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, id)
    }
}

extension IDRequest {
    /// A received `IDRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var id: UTF8Span

        @_lifetime(immortal)
        package init() {
            id = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): id = try reader.text()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        id = String(copying: view.id)
    }
}

package typealias GetTokenRequest = IDRequest
package typealias RevokeTokenRequest = IDRequest
package typealias GetServiceAccountRequest = IDRequest
package typealias DeleteServiceAccountRequest = IDRequest
/// Names a token: what GetToken and RevokeToken have in common.
package typealias TokenIDRequest = IDRequest
