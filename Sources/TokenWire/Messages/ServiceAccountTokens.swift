/// Asks for a token of a service account.
package struct IssueServiceAccountTokenRequest: WireMessage, Equatable, Sendable {
    package var serviceAccountID: String
    package var name: String
    package var expiresAt: Timestamp?
    /// A UUID; the same call with the same one asks again for a lost answer.
    package var requestID: String
    /// Some of the account's; none here means all it has.
    package var scopes: [String]

    package init(
        serviceAccountID: String = "", name: String = "", expiresAt: Timestamp? = nil, requestID: String = "",
        scopes: [String] = []
    ) {
        self.serviceAccountID = serviceAccountID
        self.name = name
        self.expiresAt = expiresAt
        self.requestID = requestID
        self.scopes = scopes
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, serviceAccountID)
        sink.text(2, name)
        sink.message(3, expiresAt)
        sink.text(4, requestID)
        sink.texts(5, scopes)
    }
}

extension IssueServiceAccountTokenRequest {
    /// A received `IssueServiceAccountTokenRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var serviceAccountID: UTF8Span
        package private(set) var name: UTF8Span
        package private(set) var expiresAt: Timestamp?
        package private(set) var requestID: UTF8Span
        package private(set) var scopes: TextList

        @_lifetime(immortal)
        package init() {
            serviceAccountID = .empty
            name = .empty
            requestID = .empty
            scopes = TextList()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): serviceAccountID = try reader.text()
                case (2, .lengthDelimited): name = try reader.text()
                case (3, .lengthDelimited): expiresAt = try reader.timestamp(field, in: body, after: expiresAt)
                case (4, .lengthDelimited): requestID = try reader.text()
                case (5, .lengthDelimited): try scopes.read(field, in: body, from: &reader)
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        serviceAccountID = String(copying: view.serviceAccountID)
        name = String(copying: view.name)
        expiresAt = view.expiresAt
        requestID = String(copying: view.requestID)
        scopes = view.scopes.strings
    }
}

/// Asks to end a token of a service account.
package struct RevokeServiceAccountTokenRequest: WireMessage, Equatable, Sendable {
    package var serviceAccountID: String
    package var id: String

    package init(serviceAccountID: String = "", id: String = "") {
        self.serviceAccountID = serviceAccountID
        self.id = id
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, serviceAccountID)
        sink.text(2, id)
    }
}

extension RevokeServiceAccountTokenRequest {
    /// A received `RevokeServiceAccountTokenRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var serviceAccountID: UTF8Span
        package private(set) var id: UTF8Span

        @_lifetime(immortal)
        package init() {
            serviceAccountID = .empty
            id = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): serviceAccountID = try reader.text()
                case (2, .lengthDelimited): id = try reader.text()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        serviceAccountID = String(copying: view.serviceAccountID)
        id = String(copying: view.id)
    }
}

/// Asks for a new secret of a service account's token.
package struct RollServiceAccountTokenRequest: WireMessage, Equatable, Sendable {
    package var serviceAccountID: String
    package var id: String
    /// How long the old secret shall still verify.
    package var overlapSeconds: UInt32
    /// As in `IssueServiceAccountTokenRequest`.
    package var requestID: String

    package init(serviceAccountID: String = "", id: String = "", overlapSeconds: UInt32 = 0, requestID: String = "") {
        self.serviceAccountID = serviceAccountID
        self.id = id
        self.overlapSeconds = overlapSeconds
        self.requestID = requestID
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, serviceAccountID)
        sink.text(2, id)
        sink.uint32(3, overlapSeconds)
        sink.text(4, requestID)
    }
}

extension RollServiceAccountTokenRequest {
    /// A received `RollServiceAccountTokenRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var serviceAccountID: UTF8Span
        package private(set) var id: UTF8Span
        package private(set) var overlapSeconds: UInt32 = 0
        package private(set) var requestID: UTF8Span

        @_lifetime(immortal)
        package init() {
            serviceAccountID = .empty
            id = .empty
            requestID = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): serviceAccountID = try reader.text()
                case (2, .lengthDelimited): id = try reader.text()
                case (3, .varint): overlapSeconds = try reader.uint32()
                case (4, .lengthDelimited): requestID = try reader.text()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        serviceAccountID = String(copying: view.serviceAccountID)
        id = String(copying: view.id)
        overlapSeconds = view.overlapSeconds
        requestID = String(copying: view.requestID)
    }
}
