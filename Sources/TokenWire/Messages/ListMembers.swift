/// Asks for a page of members, newest first. Every filter left at its default matches all.
package struct ListMembersRequest: WireMessage, Equatable, Sendable {
    package var pageSize: Int32
    package var pageToken: String
    package var role: String
    package var status: MemberStatus
    /// Only this user.
    package var userID: String

    package init(
        pageSize: Int32 = 0, pageToken: String = "", role: String = "", status: MemberStatus = .unspecified,
        userID: String = ""
    ) {
        self.pageSize = pageSize
        self.pageToken = pageToken
        self.role = role
        self.status = status
        self.userID = userID
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.int32(1, pageSize)
        sink.text(2, pageToken)
        sink.text(3, role)
        sink.enumeration(4, status)
        sink.text(5, userID)
    }
}

extension ListMembersRequest {
    /// A received `ListMembersRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var pageSize: Int32 = 0
        package private(set) var pageToken: UTF8Span
        package private(set) var role: UTF8Span
        package private(set) var status = MemberStatus.unspecified
        package private(set) var userID: UTF8Span

        @_lifetime(immortal)
        package init() {
            pageToken = .empty
            role = .empty
            userID = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .varint): pageSize = try reader.int32()
                case (2, .lengthDelimited): pageToken = try reader.text()
                case (3, .lengthDelimited): role = try reader.text()
                case (4, .varint): status = try reader.enumeration()
                case (5, .lengthDelimited): userID = try reader.text()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        pageSize = view.pageSize
        pageToken = String(copying: view.pageToken)
        role = String(copying: view.role)
        status = view.status
        userID = String(copying: view.userID)
    }
}

/// A page of members.
package struct ListMembersResponse: WireMessage, Equatable, Sendable {
    package var members: [Member]
    /// Empty on the last page.
    package var nextPageToken: String
    package var totalSize: Int32

    package init(members: [Member] = [], nextPageToken: String = "", totalSize: Int32 = 0) {
        self.members = members
        self.nextPageToken = nextPageToken
        self.totalSize = totalSize
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.messages(1, members)
        sink.text(2, nextPageToken)
        sink.int32(3, totalSize)
    }
}

extension ListMembersResponse {
    /// A received `ListMembersResponse`.
    package struct View: WireView, ~Escapable {
        package private(set) var members: MessageList<Member.View>
        package private(set) var nextPageToken: UTF8Span
        package private(set) var totalSize: Int32 = 0

        @_lifetime(immortal)
        package init() {
            members = MessageList()
            nextPageToken = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): try members.read(field, in: body, from: &reader)
                case (2, .lengthDelimited): nextPageToken = try reader.text()
                case (3, .varint): totalSize = try reader.int32()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        members = view.members.map { Member(copying: $0) }
        nextPageToken = String(copying: view.nextPageToken)
        totalSize = view.totalSize
    }
}
