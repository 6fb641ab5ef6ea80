/// Asks for a new service account.
package struct CreateServiceAccountRequest: WireMessage, Equatable, Sendable {
    package var name: String
    package var scopes: [String]
    /// A UUID; the same call with the same one gives the account that it made.
    package var requestID: String

    package init(name: String = "", scopes: [String] = [], requestID: String = "") {
        self.name = name
        self.scopes = scopes
        self.requestID = requestID
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, name)
        sink.texts(2, scopes)
        sink.text(3, requestID)
    }
}

extension CreateServiceAccountRequest {
    /// A received `CreateServiceAccountRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var name: UTF8Span
        package private(set) var scopes: TextList
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
                case (3, .lengthDelimited): requestID = try reader.text()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        name = String(copying: view.name)
        scopes = view.scopes.strings
        requestID = String(copying: view.requestID)
    }
}

/// Asks to change a service account. What is nil stays as it is.
package struct UpdateServiceAccountRequest: WireMessage, Equatable, Sendable {
    package var id: String
    package var name: String?
    /// In place of all it has; empty takes all away.
    package var scopes: [String]?
    package var disabled: Bool?

    package init(id: String = "", name: String? = nil, scopes: [String]? = nil, disabled: Bool? = nil) {
        self.id = id
        self.name = name
        self.scopes = scopes
        self.disabled = disabled
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, id)
        sink.optionalText(2, name)
        sink.message(3, scopes.map { ScopeList(scopes: $0) })
        sink.optionalBool(4, disabled)
    }
}

extension UpdateServiceAccountRequest {
    /// A received `UpdateServiceAccountRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var id: UTF8Span
        /// Whether `name` came; an empty one may have.
        package private(set) var hasName = false
        package private(set) var name: UTF8Span
        package private(set) var scopes: ScopeList.View
        package private(set) var disabled: Bool?

        @_lifetime(immortal)
        package init() {
            id = .empty
            name = .empty
            scopes = ScopeList.View()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): id = try reader.text()
                case (2, .lengthDelimited):
                    name = try reader.text()
                    hasName = true
                case (3, .lengthDelimited): try scopes.merge(body.embedded(field, from: &reader))
                case (4, .varint): disabled = try reader.bool()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        id = String(copying: view.id)
        name = view.hasName ? String(copying: view.name) : nil
        scopes = view.scopes.isPresent ? view.scopes.scopes.strings : nil
        disabled = view.disabled
    }
}

/// Scopes that can be absent as a whole.
package struct ScopeList: WireMessage, Equatable, Sendable {
    package var scopes: [String]

    package init(scopes: [String] = []) {
        self.scopes = scopes
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.texts(1, scopes)
    }
}

extension ScopeList {
    /// A received `ScopeList`.
    package struct View: WireView, ~Escapable {
        /// Whether the field that holds this message came at all.
        package private(set) var isPresent = false
        package private(set) var scopes: TextList

        @_lifetime(immortal)
        package init() {
            scopes = TextList()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            isPresent = true
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): try scopes.read(field, in: body, from: &reader)
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        scopes = view.scopes.strings
    }
}
