internal import TokenWire

/// A user in a workspace.
public struct Member: Hashable, Sendable {
    /// The user.
    public let userID: String
    /// The workspace, `ws_…`.
    public let workspaceID: String
    /// Name of the role, for example `analyst`. What it grants bounds what the member's tokens may do.
    public let role: String
    /// Whether the member's tokens verify.
    public let status: MemberStatus
    /// When this membership began; another one on every join.
    public let joinedAt: Timestamp
    /// When role or status last changed; nil if never.
    public let updatedAt: Timestamp?
}

/// Whether a member's tokens verify.
public enum MemberStatus: Hashable, Sendable {
    /// They do.
    case active
    /// They don't until the member is active again.
    case suspended
    /// A status that this version of the library doesn't know, by its number in the protocol.
    case unrecognized(Int32)
}

/// What came of putting a member.
public struct MemberUpdate: Hashable, Sendable {
    /// The membership as it now is.
    public let member: Member
    /// Whether the user joined by this call.
    public let hasJoined: Bool
}

/// Which members to list. Without a filter: all.
public struct MemberFilter: Hashable, Sendable {
    /// Only members of this role.
    public var role: String?
    /// Only members of this status.
    public var status: MemberStatus?
    /// Only this user: a page of one, or of none for who is no member.
    public var userID: String?

    /// Everything that isn't nil has to match.
    public init(role: String? = nil, status: MemberStatus? = nil, userID: String? = nil) {
        self.role = role
        self.status = status
        self.userID = userID
    }
}

extension Member {
    /// A received member. A missing `joined_at`, which no daemon leaves out, reads as 1970.
    init(_ view: TokenWire.Member.View) {
        userID = String(copying: view.userID)
        workspaceID = String(copying: view.workspaceID)
        role = String(copying: view.role)
        status = MemberStatus(view.status)
        joinedAt = Timestamp(view.joinedAt ?? TokenWire.Timestamp())
        updatedAt = view.updatedAt.map(Timestamp.init)
    }
}

extension MemberStatus {
    init(_ wire: TokenWire.MemberStatus) {
        switch wire {
        case .active: self = .active
        case .suspended: self = .suspended
        default: self = .unrecognized(wire.rawValue)
        }
    }

    var wire: TokenWire.MemberStatus {
        switch self {
        case .active: .active
        case .suspended: .suspended
        case .unrecognized(let number): TokenWire.MemberStatus(rawValue: number)
        }
    }
}

extension MemberUpdate: Answer {
    init?(decoding payload: Span<UInt8>) throws(WireError) {
        let view = try PutMemberResponse.View(payload)
        guard view.member.isPresent else { return nil }
        self.init(member: Member(view.member), hasJoined: view.created)
    }
}

extension Member: PageElement {
    static func page(decoding payload: Span<UInt8>) throws(WireError) -> Page<Member> {
        let view = try ListMembersResponse.View(payload)
        return Page(
            elements: view.members.map { Member($0) }, nextPageToken: String(nonEmpty: view.nextPageToken),
            totalSize: Int(view.totalSize))
    }
}
