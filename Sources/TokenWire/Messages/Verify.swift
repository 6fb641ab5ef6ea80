/// One token to judge.
package struct VerifyRequest: WireMessage, Equatable, Sendable {
    package var token: String
    /// All must be held.
    package var requiredScopes: [String]
    /// If not empty, the workspace the token must belong to.
    package var workspaceID: String

    package init(token: String = "", requiredScopes: [String] = [], workspaceID: String = "") {
        self.token = token
        self.requiredScopes = requiredScopes
        self.workspaceID = workspaceID
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, token)
        sink.texts(2, requiredScopes)
        sink.text(3, workspaceID)
    }
}

extension VerifyRequest {
    /// A received `VerifyRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var token: UTF8Span
        package private(set) var requiredScopes: TextList
        package private(set) var workspaceID: UTF8Span

        @_lifetime(immortal)
        package init() {
            token = .empty
            requiredScopes = TextList()
            workspaceID = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): token = try reader.text()
                case (2, .lengthDelimited): try requiredScopes.read(field, in: body, from: &reader)
                case (3, .lengthDelimited): workspaceID = try reader.text()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        token = String(copying: view.token)
        requiredScopes = view.requiredScopes.strings
        workspaceID = String(copying: view.workspaceID)
    }
}

/// The judgement on one token. Which fields are filled depends on the outcome.
package struct VerifyResponse: WireMessage, Equatable, Sendable {
    package var outcome: VerifyOutcome
    package var tokenID: String
    package var kind: TokenKind
    package var workspaceID: String
    package var principalID: String
    package var tokenName: String
    package var scopes: [String]
    package var expiresAt: Timestamp?
    package var missingScopes: [String]

    package init(
        outcome: VerifyOutcome = .unspecified, tokenID: String = "", kind: TokenKind = .unspecified,
        workspaceID: String = "", principalID: String = "", tokenName: String = "", scopes: [String] = [],
        expiresAt: Timestamp? = nil, missingScopes: [String] = []
    ) {
        self.outcome = outcome
        self.tokenID = tokenID
        self.kind = kind
        self.workspaceID = workspaceID
        self.principalID = principalID
        self.tokenName = tokenName
        self.scopes = scopes
        self.expiresAt = expiresAt
        self.missingScopes = missingScopes
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.enumeration(1, outcome)
        sink.text(2, tokenID)
        sink.enumeration(3, kind)
        sink.text(4, workspaceID)
        sink.text(5, principalID)
        sink.text(6, tokenName)
        sink.texts(7, scopes)
        sink.message(8, expiresAt)
        sink.texts(9, missingScopes)
    }
}

extension VerifyResponse {
    /// A received `VerifyResponse`.
    package struct View: WireView, ~Escapable {
        package private(set) var outcome = VerifyOutcome.unspecified
        package private(set) var tokenID: UTF8Span
        package private(set) var kind = TokenKind.unspecified
        package private(set) var workspaceID: UTF8Span
        package private(set) var principalID: UTF8Span
        package private(set) var tokenName: UTF8Span
        package private(set) var scopes: TextList
        package private(set) var expiresAt: Timestamp?
        package private(set) var missingScopes: TextList

        @_lifetime(immortal)
        package init() {
            tokenID = .empty
            workspaceID = .empty
            principalID = .empty
            tokenName = .empty
            scopes = TextList()
            missingScopes = TextList()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .varint): outcome = try reader.enumeration()
                case (2, .lengthDelimited): tokenID = try reader.text()
                case (3, .varint): kind = try reader.enumeration()
                case (4, .lengthDelimited): workspaceID = try reader.text()
                case (5, .lengthDelimited): principalID = try reader.text()
                case (6, .lengthDelimited): tokenName = try reader.text()
                case (7, .lengthDelimited): try scopes.read(field, in: body, from: &reader)
                case (8, .lengthDelimited): expiresAt = try reader.timestamp(field, in: body, after: expiresAt)
                case (9, .lengthDelimited): try missingScopes.read(field, in: body, from: &reader)
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        outcome = view.outcome
        tokenID = String(copying: view.tokenID)
        kind = view.kind
        workspaceID = String(copying: view.workspaceID)
        principalID = String(copying: view.principalID)
        tokenName = String(copying: view.tokenName)
        scopes = view.scopes.strings
        expiresAt = view.expiresAt
        missingScopes = view.missingScopes.strings
    }
}
