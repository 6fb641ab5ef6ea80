/// The catalogue of scopes.
package struct ListScopesResponse: WireMessage, Equatable, Sendable {
    package var groups: [ScopeGroup]

    package init(groups: [ScopeGroup] = []) {
        self.groups = groups
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.messages(1, groups)
    }
}

extension ListScopesResponse {
    /// A received `ListScopesResponse`.
    package struct View: WireView, ~Escapable {
        package private(set) var groups: MessageList<ScopeGroup.View>

        @_lifetime(immortal)
        package init() {
            groups = MessageList()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): try groups.read(field, in: body, from: &reader)
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        groups = view.groups.map { ScopeGroup(copying: $0) }
    }
}

/// Scopes that belong together; a group may be empty.
package struct ScopeGroup: WireMessage, Equatable, Sendable {
    package var name: String
    package var scopes: [Scope]

    package init(name: String = "", scopes: [Scope] = []) {
        self.name = name
        self.scopes = scopes
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, name)
        sink.messages(2, scopes)
    }
}

extension ScopeGroup {
    /// A received `ScopeGroup`.
    package struct View: WireView, ~Escapable {
        package private(set) var name: UTF8Span
        package private(set) var scopes: MessageList<Scope.View>

        @_lifetime(immortal)
        package init() {
            name = .empty
            scopes = MessageList()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): name = try reader.text()
                case (2, .lengthDelimited): try scopes.read(field, in: body, from: &reader)
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        name = String(copying: view.name)
        scopes = view.scopes.map { Scope(copying: $0) }
    }
}

/// One scope of the catalogue.
package struct Scope: WireMessage, Equatable, Sendable {
    package var name: String
    package var description: String
    /// Whether the caller holds it now and so may give it to a token.
    package var grantable: Bool

    package init(name: String = "", description: String = "", grantable: Bool = false) {
        self.name = name
        self.description = description
        self.grantable = grantable
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, name)
        sink.text(2, description)
        sink.bool(3, grantable)
    }
}

extension Scope {
    /// A received `Scope`.
    package struct View: WireView, ~Escapable {
        package private(set) var name: UTF8Span
        package private(set) var description: UTF8Span
        package private(set) var grantable = false

        @_lifetime(immortal)
        package init() {
            name = .empty
            description = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): name = try reader.text()
                case (2, .lengthDelimited): description = try reader.text()
                case (3, .varint): grantable = try reader.bool()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        name = String(copying: view.name)
        description = String(copying: view.description)
        grantable = view.grantable
    }
}
