/// Whether a workspace's tokens verify. A number that is not named here comes from a newer peer and is kept.
package struct WorkspaceState: RawRepresentable, Hashable, Sendable {
    package var rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static let unspecified = WorkspaceState(rawValue: 0)
    package static let active = WorkspaceState(rawValue: 1)
    /// They fail with OWNER_SUSPENDED.
    package static let suspended = WorkspaceState(rawValue: 2)
    /// They fail with REVOKED, for good.
    package static let ended = WorkspaceState(rawValue: 3)
}

/// A tenant.
package struct Workspace: WireMessage, Equatable, Sendable {
    package var id: String
    package var state: WorkspaceState
    package var createdAt: Timestamp?

    package init(id: String = "", state: WorkspaceState = .unspecified, createdAt: Timestamp? = nil) {
        self.id = id
        self.state = state
        self.createdAt = createdAt
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, id)
        sink.enumeration(2, state)
        sink.message(3, createdAt)
    }
}

extension Workspace {
    /// A received `Workspace`.
    package struct View: WireView, ~Escapable {
        /// Whether the field that holds this message came at all.
        package private(set) var isPresent = false
        package private(set) var id: UTF8Span
        package private(set) var state = WorkspaceState.unspecified
        package private(set) var createdAt: Timestamp?

        @_lifetime(immortal)
        package init() {
            id = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            isPresent = true
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): id = try reader.text()
                case (2, .varint): state = try reader.enumeration()
                case (3, .lengthDelimited): createdAt = try reader.timestamp(field, in: body, after: createdAt)
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        id = String(copying: view.id)
        state = view.state
        createdAt = view.createdAt
    }
}

/// Asks to suspend a workspace, to lift that, or to end it.
package struct SetWorkspaceStateRequest: WireMessage, Equatable, Sendable {
    package var id: String
    package var state: WorkspaceState

    package init(id: String = "", state: WorkspaceState = .unspecified) {
        self.id = id
        self.state = state
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, id)
        sink.enumeration(2, state)
    }
}

extension SetWorkspaceStateRequest {
    /// A received `SetWorkspaceStateRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var id: UTF8Span
        package private(set) var state = WorkspaceState.unspecified

        @_lifetime(immortal)
        package init() {
            id = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): id = try reader.text()
                case (2, .varint): state = try reader.enumeration()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        id = String(copying: view.id)
        state = view.state
    }
}

/// A workspace as it now is.
package struct SetWorkspaceStateResponse: WireMessage, Equatable, Sendable {
    package var workspace: Workspace?

    package init(workspace: Workspace? = nil) {
        self.workspace = workspace
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.message(1, workspace)
    }
}

extension SetWorkspaceStateResponse {
    /// A received `SetWorkspaceStateResponse`.
    package struct View: WireView, ~Escapable {
        package private(set) var workspace: Workspace.View

        @_lifetime(immortal)
        package init() {
            workspace = Workspace.View()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): try workspace.merge(body.embedded(field, from: &reader))
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        workspace = view.workspace.isPresent ? Workspace(copying: view.workspace) : nil
    }
}
