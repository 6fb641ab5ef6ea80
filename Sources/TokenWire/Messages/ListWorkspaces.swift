/// Asks for a page of workspaces, newest first.
package struct ListWorkspacesRequest: WireMessage, Equatable, Sendable {
    package var pageSize: Int32
    package var pageToken: String
    /// Unspecified matches all.
    package var state: WorkspaceState

    package init(pageSize: Int32 = 0, pageToken: String = "", state: WorkspaceState = .unspecified) {
        self.pageSize = pageSize
        self.pageToken = pageToken
        self.state = state
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.int32(1, pageSize)
        sink.text(2, pageToken)
        sink.enumeration(3, state)
    }
}

extension ListWorkspacesRequest {
    /// A received `ListWorkspacesRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var pageSize: Int32 = 0
        package private(set) var pageToken: UTF8Span
        package private(set) var state = WorkspaceState.unspecified

        @_lifetime(immortal)
        package init() {
            pageToken = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .varint): pageSize = try reader.int32()
                case (2, .lengthDelimited): pageToken = try reader.text()
                case (3, .varint): state = try reader.enumeration()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        pageSize = view.pageSize
        pageToken = String(copying: view.pageToken)
        state = view.state
    }
}

/// A page of workspaces.
package struct ListWorkspacesResponse: WireMessage, Equatable, Sendable {
    package var workspaces: [Workspace]
    /// Empty on the last page.
    package var nextPageToken: String
    package var totalSize: Int32

    package init(workspaces: [Workspace] = [], nextPageToken: String = "", totalSize: Int32 = 0) {
        self.workspaces = workspaces
        self.nextPageToken = nextPageToken
        self.totalSize = totalSize
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.messages(1, workspaces)
        sink.text(2, nextPageToken)
        sink.int32(3, totalSize)
    }
}

extension ListWorkspacesResponse {
    /// A received `ListWorkspacesResponse`.
    package struct View: WireView, ~Escapable {
        package private(set) var workspaces: MessageList<Workspace.View>
        package private(set) var nextPageToken: UTF8Span
        package private(set) var totalSize: Int32 = 0

        @_lifetime(immortal)
        package init() {
            workspaces = MessageList()
            nextPageToken = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): try workspaces.read(field, in: body, from: &reader)
                case (2, .lengthDelimited): nextPageToken = try reader.text()
                case (3, .varint): totalSize = try reader.int32()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        workspaces = view.workspaces.map { Workspace(copying: $0) }
        nextPageToken = String(copying: view.nextPageToken)
        totalSize = view.totalSize
    }
}
