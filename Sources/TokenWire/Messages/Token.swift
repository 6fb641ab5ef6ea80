/// A token without its secret. See token.proto for what each field means.
package struct Token: WireMessage, Equatable, Sendable {
    package var id: String
    package var name: String
    package var kind: TokenKind
    package var workspaceID: String
    package var ownerID: String
    package var scopes: [String]
    package var hint: String
    package var createdAt: Timestamp?
    package var createdBy: String
    package var expiresAt: Timestamp?
    package var rolledAt: Timestamp?
    package var revokedAt: Timestamp?
    package var lastUsedAt: Timestamp?
    package var state: TokenState

    package init(
        id: String = "", name: String = "", kind: TokenKind = .unspecified, workspaceID: String = "",
        ownerID: String = "", scopes: [String] = [], hint: String = "", createdAt: Timestamp? = nil,
        createdBy: String = "", expiresAt: Timestamp? = nil, rolledAt: Timestamp? = nil, revokedAt: Timestamp? = nil,
        lastUsedAt: Timestamp? = nil, state: TokenState = .unspecified
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.workspaceID = workspaceID
        self.ownerID = ownerID
        self.scopes = scopes
        self.hint = hint
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.expiresAt = expiresAt
        self.rolledAt = rolledAt
        self.revokedAt = revokedAt
        self.lastUsedAt = lastUsedAt
        self.state = state
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, id)
        sink.text(2, name)
        sink.enumeration(3, kind)
        sink.text(4, workspaceID)
        sink.text(5, ownerID)
        sink.texts(6, scopes)
        sink.text(7, hint)
        sink.message(8, createdAt)
        sink.text(9, createdBy)
        sink.message(10, expiresAt)
        sink.message(11, rolledAt)
        sink.message(12, revokedAt)
        sink.message(13, lastUsedAt)
        sink.enumeration(14, state)
    }
}

extension Token {
    /// A received `Token`.
    package struct View: WireView, ~Escapable {
        /// Whether the field that holds this message came at all.
        package private(set) var isPresent = false
        package private(set) var id: UTF8Span
        package private(set) var name: UTF8Span
        package private(set) var kind = TokenKind.unspecified
        package private(set) var workspaceID: UTF8Span
        package private(set) var ownerID: UTF8Span
        package private(set) var scopes: TextList
        package private(set) var hint: UTF8Span
        package private(set) var createdAt: Timestamp?
        package private(set) var createdBy: UTF8Span
        package private(set) var expiresAt: Timestamp?
        package private(set) var rolledAt: Timestamp?
        package private(set) var revokedAt: Timestamp?
        package private(set) var lastUsedAt: Timestamp?
        package private(set) var state = TokenState.unspecified

        @_lifetime(immortal)
        package init() {
            id = .empty
            name = .empty
            workspaceID = .empty
            ownerID = .empty
            scopes = TextList()
            hint = .empty
            createdBy = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            isPresent = true
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): id = try reader.text()
                case (2, .lengthDelimited): name = try reader.text()
                case (3, .varint): kind = try reader.enumeration()
                case (4, .lengthDelimited): workspaceID = try reader.text()
                case (5, .lengthDelimited): ownerID = try reader.text()
                case (6, .lengthDelimited): try scopes.read(field, in: body, from: &reader)
                case (7, .lengthDelimited): hint = try reader.text()
                case (8, .lengthDelimited): createdAt = try reader.timestamp(field, in: body, after: createdAt)
                case (9, .lengthDelimited): createdBy = try reader.text()
                case (10, .lengthDelimited): expiresAt = try reader.timestamp(field, in: body, after: expiresAt)
                case (11, .lengthDelimited): rolledAt = try reader.timestamp(field, in: body, after: rolledAt)
                case (12, .lengthDelimited): revokedAt = try reader.timestamp(field, in: body, after: revokedAt)
                case (13, .lengthDelimited): lastUsedAt = try reader.timestamp(field, in: body, after: lastUsedAt)
                case (14, .varint): state = try reader.enumeration()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        id = String(copying: view.id)
        name = String(copying: view.name)
        kind = view.kind
        workspaceID = String(copying: view.workspaceID)
        ownerID = String(copying: view.ownerID)
        scopes = view.scopes.strings
        hint = String(copying: view.hint)
        createdAt = view.createdAt
        createdBy = String(copying: view.createdBy)
        expiresAt = view.expiresAt
        rolledAt = view.rolledAt
        revokedAt = view.revokedAt
        lastUsedAt = view.lastUsedAt
        state = view.state
    }
}
