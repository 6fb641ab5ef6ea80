/// Asks for a workspace with its first tenant admin and a token for that user.
package struct BootstrapRequest: WireMessage, Equatable, Sendable {
    package var workspaceID: String
    package var userID: String
    package var tokenName: String

    package init(workspaceID: String = "", userID: String = "", tokenName: String = "") {
        self.workspaceID = workspaceID
        self.userID = userID
        self.tokenName = tokenName
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, workspaceID)
        sink.text(2, userID)
        sink.text(3, tokenName)
    }
}

extension BootstrapRequest {
    /// A received `BootstrapRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var workspaceID: UTF8Span
        package private(set) var userID: UTF8Span
        package private(set) var tokenName: UTF8Span

        @_lifetime(immortal)
        package init() {
            workspaceID = .empty
            userID = .empty
            tokenName = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): workspaceID = try reader.text()
                case (2, .lengthDelimited): userID = try reader.text()
                case (3, .lengthDelimited): tokenName = try reader.text()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        workspaceID = String(copying: view.workspaceID)
        userID = String(copying: view.userID)
        tokenName = String(copying: view.tokenName)
    }
}
