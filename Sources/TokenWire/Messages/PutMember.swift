/// A membership as it shall be.
package struct PutMemberRequest: WireMessage, Equatable, Sendable {
    package var userID: String
    /// Empty for a member who keeps the present one.
    package var role: String
    /// Unspecified leaves it as it is.
    package var status: MemberStatus

    package init(userID: String = "", role: String = "", status: MemberStatus = .unspecified) {
        self.userID = userID
        self.role = role
        self.status = status
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, userID)
        sink.text(2, role)
        sink.enumeration(3, status)
    }
}

extension PutMemberRequest {
    /// A received `PutMemberRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var userID: UTF8Span
        package private(set) var role: UTF8Span
        package private(set) var status = MemberStatus.unspecified

        @_lifetime(immortal)
        package init() {
            userID = .empty
            role = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): userID = try reader.text()
                case (2, .lengthDelimited): role = try reader.text()
                case (3, .varint): status = try reader.enumeration()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        userID = String(copying: view.userID)
        role = String(copying: view.role)
        status = view.status
    }
}

/// A membership as it now is.
package struct PutMemberResponse: WireMessage, Equatable, Sendable {
    package var member: Member?
    /// Whether the user joined by this call.
    package var created: Bool

    package init(member: Member? = nil, created: Bool = false) {
        self.member = member
        self.created = created
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.message(1, member)
        sink.bool(2, created)
    }
}

extension PutMemberResponse {
    /// A received `PutMemberResponse`.
    package struct View: WireView, ~Escapable {
        package private(set) var member: Member.View
        package private(set) var created = false

        @_lifetime(immortal)
        package init() {
            member = Member.View()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): try member.merge(body.embedded(field, from: &reader))
                case (2, .varint): created = try reader.bool()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        member = view.member.isPresent ? Member(copying: view.member) : nil
        created = view.created
    }
}

/// Asks to end a membership.
package struct RemoveMemberRequest: WireMessage, Equatable, Sendable {
    package var userID: String

    package init(userID: String = "") {
        self.userID = userID
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, userID)
    }
}

extension RemoveMemberRequest {
    /// A received `RemoveMemberRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var userID: UTF8Span

        @_lifetime(immortal)
        package init() {
            userID = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): userID = try reader.text()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        userID = String(copying: view.userID)
    }
}
