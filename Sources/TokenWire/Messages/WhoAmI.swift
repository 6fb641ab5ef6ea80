/// The caller of a request.
package struct WhoAmIResponse: WireMessage, Equatable, Sendable {
    package var principalID: String
    package var callerKind: CallerKind
    package var workspaceID: String
    package var role: String
    /// What the caller may do now.
    package var scopes: [String]
    package var token: Token?

    package init(
        principalID: String = "", callerKind: CallerKind = .unspecified, workspaceID: String = "", role: String = "",
        scopes: [String] = [], token: Token? = nil
    ) {
        self.principalID = principalID
        self.callerKind = callerKind
        self.workspaceID = workspaceID
        self.role = role
        self.scopes = scopes
        self.token = token
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, principalID)
        sink.enumeration(2, callerKind)
        sink.text(3, workspaceID)
        sink.text(4, role)
        sink.texts(5, scopes)
        sink.message(6, token)
    }
}

extension WhoAmIResponse {
    /// A received `WhoAmIResponse`.
    package struct View: WireView, ~Escapable {
        package private(set) var principalID: UTF8Span
        package private(set) var callerKind = CallerKind.unspecified
        package private(set) var workspaceID: UTF8Span
        package private(set) var role: UTF8Span
        package private(set) var scopes: TextList
        package private(set) var token: Token.View

        @_lifetime(immortal)
        package init() {
            principalID = .empty
            workspaceID = .empty
            role = .empty
            scopes = TextList()
            token = Token.View()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): principalID = try reader.text()
                case (2, .varint): callerKind = try reader.enumeration()
                case (3, .lengthDelimited): workspaceID = try reader.text()
                case (4, .lengthDelimited): role = try reader.text()
                case (5, .lengthDelimited): try scopes.read(field, in: body, from: &reader)
                case (6, .lengthDelimited): try token.merge(body.embedded(field, from: &reader))
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        principalID = String(copying: view.principalID)
        callerKind = view.callerKind
        workspaceID = String(copying: view.workspaceID)
        role = String(copying: view.role)
        scopes = view.scopes.strings
        token = view.token.isPresent ? Token(copying: view.token) : nil
    }
}
