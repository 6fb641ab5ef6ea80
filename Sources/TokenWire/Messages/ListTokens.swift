/// Asks for a page of personal tokens, newest first. Every filter left at its default matches all.
package struct ListTokensRequest: WireMessage, Equatable, Sendable {
    package var pageSize: Int32
    package var pageToken: String
    package var ownerID: String
    package var state: TokenState
    package var kind: TokenKind
    package var scope: String
    package var expiresBefore: Timestamp?
    package var unusedSince: Timestamp?
    package var namePrefix: String

    package init(
        pageSize: Int32 = 0, pageToken: String = "", ownerID: String = "", state: TokenState = .unspecified,
        kind: TokenKind = .unspecified, scope: String = "", expiresBefore: Timestamp? = nil,
        unusedSince: Timestamp? = nil, namePrefix: String = ""
    ) {
        self.pageSize = pageSize
        self.pageToken = pageToken
        self.ownerID = ownerID
        self.state = state
        self.kind = kind
        self.scope = scope
        self.expiresBefore = expiresBefore
        self.unusedSince = unusedSince
        self.namePrefix = namePrefix
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.int32(1, pageSize)
        sink.text(2, pageToken)
        sink.text(3, ownerID)
        sink.enumeration(4, state)
        sink.enumeration(5, kind)
        sink.text(6, scope)
        sink.message(7, expiresBefore)
        sink.message(8, unusedSince)
        sink.text(9, namePrefix)
    }
}

extension ListTokensRequest {
    /// A received `ListTokensRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var pageSize: Int32 = 0
        package private(set) var pageToken: UTF8Span
        package private(set) var ownerID: UTF8Span
        package private(set) var state = TokenState.unspecified
        package private(set) var kind = TokenKind.unspecified
        package private(set) var scope: UTF8Span
        package private(set) var expiresBefore: Timestamp?
        package private(set) var unusedSince: Timestamp?
        package private(set) var namePrefix: UTF8Span

        @_lifetime(immortal)
        package init() {
            pageToken = .empty
            ownerID = .empty
            scope = .empty
            namePrefix = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .varint): pageSize = try reader.int32()
                case (2, .lengthDelimited): pageToken = try reader.text()
                case (3, .lengthDelimited): ownerID = try reader.text()
                case (4, .varint): state = try reader.enumeration()
                case (5, .varint): kind = try reader.enumeration()
                case (6, .lengthDelimited): scope = try reader.text()
                case (7, .lengthDelimited): expiresBefore = try reader.timestamp(field, in: body, after: expiresBefore)
                case (8, .lengthDelimited): unusedSince = try reader.timestamp(field, in: body, after: unusedSince)
                case (9, .lengthDelimited): namePrefix = try reader.text()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        pageSize = view.pageSize
        pageToken = String(copying: view.pageToken)
        ownerID = String(copying: view.ownerID)
        state = view.state
        kind = view.kind
        scope = String(copying: view.scope)
        expiresBefore = view.expiresBefore
        unusedSince = view.unusedSince
        namePrefix = String(copying: view.namePrefix)
    }
}

/// A page of tokens.
package struct ListTokensResponse: WireMessage, Equatable, Sendable {
    package var tokens: [Token]
    /// Empty on the last page.
    package var nextPageToken: String
    package var totalSize: Int32

    package init(tokens: [Token] = [], nextPageToken: String = "", totalSize: Int32 = 0) {
        self.tokens = tokens
        self.nextPageToken = nextPageToken
        self.totalSize = totalSize
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.messages(1, tokens)
        sink.text(2, nextPageToken)
        sink.int32(3, totalSize)
    }
}

extension ListTokensResponse {
    /// A received `ListTokensResponse`.
    package struct View: WireView, ~Escapable {
        package private(set) var tokens: MessageList<Token.View>
        package private(set) var nextPageToken: UTF8Span
        package private(set) var totalSize: Int32 = 0

        @_lifetime(immortal)
        package init() {
            tokens = MessageList()
            nextPageToken = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): try tokens.read(field, in: body, from: &reader)
                case (2, .lengthDelimited): nextPageToken = try reader.text()
                case (3, .varint): totalSize = try reader.int32()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        tokens = view.tokens.map { Token(copying: $0) }
        nextPageToken = String(copying: view.nextPageToken)
        totalSize = view.totalSize
    }
}
