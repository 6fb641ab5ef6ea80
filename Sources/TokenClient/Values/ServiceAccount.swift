internal import TokenWire

/// A workspace's machine principal. It belongs to no user, and survives the one who made it.
public struct ServiceAccount: Hashable, Sendable, Identifiable {
    /// `sa_` and 26 characters. Never used twice.
    public let id: String
    /// 1 to 100 characters; unique among the workspace's accounts that have not been deleted.
    public let name: String
    /// The workspace it belongs to, `ws_…`.
    public let workspaceID: String
    /// What its next token is issued with. Tokens that it has keep theirs.
    public let scopes: [String]
    /// While it is, its tokens don't verify.
    public let isDisabled: Bool
    /// When it was made.
    public let createdAt: Timestamp
    /// Who made it; that user may have left.
    public let createdBy: String
    /// When it was last changed; nil if never.
    public let updatedAt: Timestamp?
}

/// Which service accounts to list. Without a filter: all that have not been deleted.
public struct ServiceAccountFilter: Hashable, Sendable {
    /// Only accounts whose name starts so, compared by bytes.
    public var namePrefix: String?
    /// Only accounts that have this scope now.
    public var scope: String?
    /// Only accounts that are disabled, or only those that are not.
    public var isDisabled: Bool?

    /// Everything that isn't nil has to match.
    public init(namePrefix: String? = nil, scope: String? = nil, isDisabled: Bool? = nil) {
        self.namePrefix = namePrefix
        self.scope = scope
        self.isDisabled = isDisabled
    }
}

/// What to change of a service account.
public struct ServiceAccountChange: Hashable, Sendable {
    /// The new name.
    public var name: String?
    /// The new scopes, in place of all it has; empty takes all away.
    public var scopes: [String]?
    /// Whether its tokens shall not verify.
    public var isDisabled: Bool?

    /// What is nil stays as it is.
    public init(name: String? = nil, scopes: [String]? = nil, isDisabled: Bool? = nil) {
        self.name = name
        self.scopes = scopes
        self.isDisabled = isDisabled
    }
}

extension ServiceAccount {
    /// A received account. A missing `created_at`, which no daemon leaves out, reads as 1970.
    init(_ view: TokenWire.ServiceAccount.View) {
        id = String(copying: view.id)
        name = String(copying: view.name)
        workspaceID = String(copying: view.workspaceID)
        scopes = view.scopes.strings
        isDisabled = view.disabled
        createdAt = Timestamp(view.createdAt ?? TokenWire.Timestamp())
        createdBy = String(copying: view.createdBy)
        updatedAt = view.updatedAt.map(Timestamp.init)
    }
}

extension ServiceAccount: Answer {
    init?(decoding payload: Span<UInt8>) throws(WireError) {
        let view = try ServiceAccountResponse.View(payload)
        guard view.serviceAccount.isPresent else { return nil }
        self.init(view.serviceAccount)
    }
}

extension ServiceAccount: PageElement {
    static func page(decoding payload: Span<UInt8>) throws(WireError) -> Page<ServiceAccount> {
        let view = try ListServiceAccountsResponse.View(payload)
        return Page(
            elements: view.serviceAccounts.map { ServiceAccount($0) },
            nextPageToken: String(nonEmpty: view.nextPageToken), totalSize: Int(view.totalSize))
    }
}

/// How many tokens ended with a member or an account.
struct EndedTokenCount: Answer {
    let value: Int

    init?(decoding payload: Span<UInt8>) throws(WireError) {
        value = Int(try EndedTokensResponse.View(payload).endedTokenCount)
    }
}
