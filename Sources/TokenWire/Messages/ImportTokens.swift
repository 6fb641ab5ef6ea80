/// Existing tokens to take over, at most `WireLimits.importedTokenCountMax`.
package struct ImportTokensRequest: WireMessage, Equatable, Sendable {
    package var tokens: [ImportedToken]

    package init(tokens: [ImportedToken] = []) {
        self.tokens = tokens
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.messages(1, tokens)
    }
}

extension ImportTokensRequest {
    /// A received `ImportTokensRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var tokens: MessageList<ImportedToken.View>

        @_lifetime(immortal)
        package init() {
            tokens = MessageList()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): try tokens.read(field, in: body, from: &reader)
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        tokens = view.tokens.map { ImportedToken(copying: $0) }
    }
}

/// One existing personal token.
package struct ImportedToken: WireMessage, Equatable, Sendable {
    /// SHA-256 of the whole text.
    package var digest: [UInt8]
    package var name: String
    /// User id of a member.
    package var ownerID: String
    package var scopes: [String]
    package var expiresAt: Timestamp?
    /// What to show of the text.
    package var hint: String

    package init(
        digest: [UInt8] = [], name: String = "", ownerID: String = "", scopes: [String] = [],
        expiresAt: Timestamp? = nil, hint: String = ""
    ) {
        self.digest = digest
        self.name = name
        self.ownerID = ownerID
        self.scopes = scopes
        self.expiresAt = expiresAt
        self.hint = hint
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.bytes(1, digest.span)
        sink.text(2, name)
        sink.text(3, ownerID)
        sink.texts(4, scopes)
        sink.message(5, expiresAt)
        sink.text(6, hint)
    }
}

extension ImportedToken {
    /// A received `ImportedToken`.
    package struct View: WireView, ~Escapable {
        package private(set) var digest: Span<UInt8>
        package private(set) var name: UTF8Span
        package private(set) var ownerID: UTF8Span
        package private(set) var scopes: TextList
        package private(set) var expiresAt: Timestamp?
        package private(set) var hint: UTF8Span

        @_lifetime(immortal)
        package init() {
            digest = Span()
            name = .empty
            ownerID = .empty
            scopes = TextList()
            hint = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): digest = try reader.lengthDelimited()
                case (2, .lengthDelimited): name = try reader.text()
                case (3, .lengthDelimited): ownerID = try reader.text()
                case (4, .lengthDelimited): try scopes.read(field, in: body, from: &reader)
                case (5, .lengthDelimited): expiresAt = try reader.timestamp(field, in: body, after: expiresAt)
                case (6, .lengthDelimited): hint = try reader.text()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        digest = [UInt8](copying: view.digest)
        name = String(copying: view.name)
        ownerID = String(copying: view.ownerID)
        scopes = view.scopes.strings
        expiresAt = view.expiresAt
        hint = String(copying: view.hint)
    }
}

/// The tokens as they are now, in the order of the request.
package struct ImportTokensResponse: WireMessage, Equatable, Sendable {
    package var tokens: [Token]
    /// How many of them this call took over; the others had been taken over before.
    package var importedCount: UInt32

    package init(tokens: [Token] = [], importedCount: UInt32 = 0) {
        self.tokens = tokens
        self.importedCount = importedCount
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.messages(1, tokens)
        sink.uint32(2, importedCount)
    }
}

extension ImportTokensResponse {
    /// A received `ImportTokensResponse`.
    package struct View: WireView, ~Escapable {
        package private(set) var tokens: MessageList<Token.View>
        package private(set) var importedCount: UInt32 = 0

        @_lifetime(immortal)
        package init() {
            tokens = MessageList()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): try tokens.read(field, in: body, from: &reader)
                case (2, .varint): importedCount = try reader.uint32()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        tokens = view.tokens.map { Token(copying: $0) }
        importedCount = view.importedCount
    }
}
