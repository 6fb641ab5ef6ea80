/// One page of a list, newest first.
public struct Page<Element: Sendable>: Sendable {
    /// At most as many as were asked for. A page can come back short, even empty, and not be the last.
    public let elements: [Element]
    /// What to ask the next page with, together with the same filter; nil on the last page. Opaque: it is bound to the
    /// caller and the filter, and one that was changed is refused with `invalidArgument`.
    public let nextPageToken: String?
    /// How many elements match in all: exact up to 10,000, then an estimate.
    public let totalSize: Int
}

/// Which tokens to list. Without a filter: all of the caller's own.
public struct TokenFilter: Hashable, Sendable {
    /// Another member's user id, which needs the scope `workspace:admin`; nil for the caller's own tokens.
    public var ownerID: String?
    /// Only tokens in this state.
    public var state: TokenState?
    /// Only tokens of this kind.
    public var kind: TokenKind?
    /// Only tokens that were given this scope.
    public var scope: String?
    /// Only tokens that end before this time.
    public var expiresBefore: Timestamp?
    /// Only tokens not used since this time.
    public var unusedSince: Timestamp?
    /// Only tokens whose name starts so, compared by bytes.
    public var namePrefix: String?

    /// Everything that isn't nil has to match.
    public init(
        ownerID: String? = nil, state: TokenState? = nil, kind: TokenKind? = nil, scope: String? = nil,
        expiresBefore: Timestamp? = nil, unusedSince: Timestamp? = nil, namePrefix: String? = nil
    ) {
        self.ownerID = ownerID
        self.state = state
        self.kind = kind
        self.scope = scope
        self.expiresBefore = expiresBefore
        self.unusedSince = unusedSince
        self.namePrefix = namePrefix
    }
}

/// Which audit events to list. Without a filter: all of the caller's workspace.
public struct EventFilter: Hashable, Sendable {
    /// Only events of this actor.
    public var actor: String?
    /// Only events of this action; a trailing `.*` matches every action under that prefix: `token.*`.
    public var action: String?
    /// Only events on this target.
    public var target: String?
    /// Only events at or after this time.
    public var from: Timestamp?
    /// Only events before this time.
    public var until: Timestamp?

    /// Everything that isn't nil has to match.
    public init(
        actor: String? = nil, action: String? = nil, target: String? = nil, from: Timestamp? = nil,
        until: Timestamp? = nil
    ) {
        self.actor = actor
        self.action = action
        self.target = target
        self.from = from
        self.until = until
    }
}
