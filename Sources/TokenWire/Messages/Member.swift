/// Whether a member's tokens verify. A number that is not named here comes from a newer peer and is kept.
package struct MemberStatus: RawRepresentable, Hashable, Sendable {
    package var rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static let unspecified = MemberStatus(rawValue: 0)
    package static let active = MemberStatus(rawValue: 1)
    /// They fail with OWNER_SUSPENDED.
    package static let suspended = MemberStatus(rawValue: 2)
}

/// A user in a workspace.
package struct Member: WireMessage, Equatable, Sendable {
    package var userID: String
    package var workspaceID: String
    package var role: String
    package var status: MemberStatus
    /// When this membership began; joining again begins a new one.
    package var joinedAt: Timestamp?
    package var updatedAt: Timestamp?

    package init(
        userID: String = "", workspaceID: String = "", role: String = "", status: MemberStatus = .unspecified,
        joinedAt: Timestamp? = nil, updatedAt: Timestamp? = nil
    ) {
        self.userID = userID
        self.workspaceID = workspaceID
        self.role = role
        self.status = status
        self.joinedAt = joinedAt
        self.updatedAt = updatedAt
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, userID)
        sink.text(2, workspaceID)
        sink.text(3, role)
        sink.enumeration(4, status)
        sink.message(5, joinedAt)
        sink.message(6, updatedAt)
    }
}

extension Member {
    /// A received `Member`.
    package struct View: WireView, ~Escapable {
        /// Whether the field that holds this message came at all.
        package private(set) var isPresent = false
        package private(set) var userID: UTF8Span
        package private(set) var workspaceID: UTF8Span
        package private(set) var role: UTF8Span
        package private(set) var status = MemberStatus.unspecified
        package private(set) var joinedAt: Timestamp?
        package private(set) var updatedAt: Timestamp?

        @_lifetime(immortal)
        package init() {
            userID = .empty
            workspaceID = .empty
            role = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            isPresent = true
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): userID = try reader.text()
                case (2, .lengthDelimited): workspaceID = try reader.text()
                case (3, .lengthDelimited): role = try reader.text()
                case (4, .varint): status = try reader.enumeration()
                case (5, .lengthDelimited): joinedAt = try reader.timestamp(field, in: body, after: joinedAt)
                case (6, .lengthDelimited): updatedAt = try reader.timestamp(field, in: body, after: updatedAt)
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        userID = String(copying: view.userID)
        workspaceID = String(copying: view.workspaceID)
        role = String(copying: view.role)
        status = view.status
        joinedAt = view.joinedAt
        updatedAt = view.updatedAt
    }
}
