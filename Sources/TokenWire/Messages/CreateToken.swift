/// Asks for a new personal token.
package struct CreateTokenRequest: WireMessage, Equatable, Sendable {
    package var name: String
    package var scopes: [String]
    package var expiresAt: Timestamp?
    /// A UUID; the same call with the same one asks again for a lost answer.
    package var requestID: String

    package init(name: String = "", scopes: [String] = [], expiresAt: Timestamp? = nil, requestID: String = "") {
        self.name = name
        self.scopes = scopes
        self.expiresAt = expiresAt
        self.requestID = requestID
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, name)
        sink.texts(2, scopes)
        sink.message(3, expiresAt)
        sink.text(4, requestID)
    }
}

extension CreateTokenRequest {
    /// A received `CreateTokenRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var name: UTF8Span
        package private(set) var scopes: TextList
        package private(set) var expiresAt: Timestamp?
        package private(set) var requestID: UTF8Span

        @_lifetime(immortal)
        package init() {
            name = .empty
            scopes = TextList()
            requestID = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): name = try reader.text()
                case (2, .lengthDelimited): try scopes.read(field, in: body, from: &reader)
                case (3, .lengthDelimited): expiresAt = try reader.timestamp(field, in: body, after: expiresAt)
                case (4, .lengthDelimited): requestID = try reader.text()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        name = String(copying: view.name)
        scopes = view.scopes.strings
        expiresAt = view.expiresAt
        requestID = String(copying: view.requestID)
    }
}

/// Asks for a new secret of a token.
package struct RollTokenRequest: WireMessage, Equatable, Sendable {
    package var id: String
    /// How long the old secret shall still verify.
    package var overlapSeconds: UInt32
    /// As in `CreateTokenRequest`.
    package var requestID: String

    package init(id: String = "", overlapSeconds: UInt32 = 0, requestID: String = "") {
        self.id = id
        self.overlapSeconds = overlapSeconds
        self.requestID = requestID
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, id)
        sink.uint32(2, overlapSeconds)
        sink.text(3, requestID)
    }
}

extension RollTokenRequest {
    /// A received `RollTokenRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var id: UTF8Span
        package private(set) var overlapSeconds: UInt32 = 0
        package private(set) var requestID: UTF8Span

        @_lifetime(immortal)
        package init() {
            id = .empty
            requestID = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): id = try reader.text()
                case (2, .varint): overlapSeconds = try reader.uint32()
                case (3, .lengthDelimited): requestID = try reader.text()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        id = String(copying: view.id)
        overlapSeconds = view.overlapSeconds
        requestID = String(copying: view.requestID)
    }
}
