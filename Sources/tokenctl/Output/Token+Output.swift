import TokenClient

extension Token: Presentable {
    static var plural: String { "tokens" }
    static var columns: [String] { ["id", "name", "state", "hint", "created", "expires", "last used", "scopes"] }
    var key: String { id }

    var json: JSON {
        .object([
            ("id", .string(id)), ("name", .string(name)), ("kind", .string(kind.text)),
            ("workspace_id", .string(workspaceID)), ("owner_id", .string(ownerID)), ("scopes", .strings(scopes)),
            ("hint", .string(hint)), ("state", .string(state.text)), ("created_at", .time(createdAt)),
            ("created_by", .string(createdBy)), ("expires_at", .time(expiresAt)), ("rolled_at", .time(rolledAt)),
            ("revoked_at", .time(revokedAt)), ("last_used_at", .time(lastUsedAt)),
        ])
    }

    func cells(now: Timestamp) -> [String] {
        [
            id, name, state.text, hint, RelativeTime.text(createdAt, from: now),
            expiresAt.map { RelativeTime.text($0, from: now) } ?? "never",
            lastUsedAt.map { RelativeTime.text($0, from: now) } ?? "never", ScopeText.cell(scopes),
        ]
    }

    func details(now: Timestamp) -> [(String, String?)] {
        [
            ("id", id), ("name", name), ("kind", kind == .personal ? nil : kind.text), ("state", state.styledText),
            ("workspace", workspaceID), ("owner", ownerID), ("scopes", ScopeText.lines(scopes)), ("hint", hint),
            ("created", RelativeTime.full(createdAt, from: now)), ("created by", createdBy),
            ("expires", expiresAt.map { RelativeTime.full($0, from: now) } ?? "never"),
            ("rolled", rolledAt.map { RelativeTime.full($0, from: now) }),
            ("revoked", revokedAt.map { RelativeTime.full($0, from: now) }),
            ("last used", lastUsedAt.map { RelativeTime.full($0, from: now) }),
        ]
    }
}

extension TokenKind {
    var text: String {
        switch self {
        case .personal: "personal"
        case .serviceAccount: "service_account"
        case .unrecognized(let number): "kind_\(number)"
        }
    }
}
