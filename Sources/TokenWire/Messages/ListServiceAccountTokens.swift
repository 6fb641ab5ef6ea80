/// Asks for a page of a service account's tokens, newest first. Every filter left at its default matches all.
package struct ListServiceAccountTokensRequest: WireMessage, Equatable, Sendable {
    package var serviceAccountID: String
    package var pageSize: Int32
    package var pageToken: String
    package var state: TokenState
    package var scope: String
    package var expiresBefore: Timestamp?
    package var unusedSince: Timestamp?
    package var namePrefix: String
    package var kind: TokenKind

    package init(
        serviceAccountID: String = "", pageSize: Int32 = 0, pageToken: String = "", state: TokenState = .unspecified,
        scope: String = "", expiresBefore: Timestamp? = nil, unusedSince: Timestamp? = nil, namePrefix: String = "",
        kind: TokenKind = .unspecified
    ) {
        self.serviceAccountID = serviceAccountID
        self.pageSize = pageSize
        self.pageToken = pageToken
        self.state = state
        self.scope = scope
        self.expiresBefore = expiresBefore
        self.unusedSince = unusedSince
        self.namePrefix = namePrefix
        self.kind = kind
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, serviceAccountID)
        sink.int32(2, pageSize)
        sink.text(3, pageToken)
        sink.enumeration(4, state)
        sink.text(5, scope)
        sink.message(6, expiresBefore)
        sink.message(7, unusedSince)
        sink.text(8, namePrefix)
        sink.enumeration(9, kind)
    }
}

extension ListServiceAccountTokensRequest {
    /// A received `ListServiceAccountTokensRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var serviceAccountID: UTF8Span
        package private(set) var pageSize: Int32 = 0
        package private(set) var pageToken: UTF8Span
        package private(set) var state = TokenState.unspecified
        package private(set) var scope: UTF8Span
        package private(set) var expiresBefore: Timestamp?
        package private(set) var unusedSince: Timestamp?
        package private(set) var namePrefix: UTF8Span
        package private(set) var kind = TokenKind.unspecified

        @_lifetime(immortal)
        package init() {
            serviceAccountID = .empty
            pageToken = .empty
            scope = .empty
            namePrefix = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): serviceAccountID = try reader.text()
                case (2, .varint): pageSize = try reader.int32()
                case (3, .lengthDelimited): pageToken = try reader.text()
                case (4, .varint): state = try reader.enumeration()
                case (5, .lengthDelimited): scope = try reader.text()
                case (6, .lengthDelimited): expiresBefore = try reader.timestamp(field, in: body, after: expiresBefore)
                case (7, .lengthDelimited): unusedSince = try reader.timestamp(field, in: body, after: unusedSince)
                case (8, .lengthDelimited): namePrefix = try reader.text()
                case (9, .varint): kind = try reader.enumeration()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        serviceAccountID = String(copying: view.serviceAccountID)
        pageSize = view.pageSize
        pageToken = String(copying: view.pageToken)
        state = view.state
        scope = String(copying: view.scope)
        expiresBefore = view.expiresBefore
        unusedSince = view.unusedSince
        namePrefix = String(copying: view.namePrefix)
        kind = view.kind
    }
}

package typealias ListServiceAccountTokensResponse = ListTokensResponse
