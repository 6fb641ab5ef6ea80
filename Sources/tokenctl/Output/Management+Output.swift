import TokenClient

extension ServiceAccount: Presentable {
    static var plural: String { "service accounts" }
    static var columns: [String] { ["id", "name", "state", "created", "created by", "scopes"] }
    var key: String { id }

    var json: JSON {
        .object([
            ("id", .string(id)), ("name", .string(name)), ("workspace_id", .string(workspaceID)),
            ("scopes", .strings(scopes)), ("disabled", .bool(isDisabled)), ("created_at", .time(createdAt)),
            ("created_by", .string(createdBy)), ("updated_at", .time(updatedAt)),
        ])
    }

    func cells(now: Timestamp) -> [String] {
        [
            id, name, isDisabled ? "disabled" : "enabled", RelativeTime.text(createdAt, from: now), createdBy,
            ScopeText.cell(scopes),
        ]
    }

    func details(now: Timestamp) -> [(String, String?)] {
        [
            ("id", id), ("name", name),
            ("state", isDisabled ? Terminal.styled("disabled", .bad) : Terminal.styled("enabled", .good)),
            ("workspace", workspaceID), ("scopes", ScopeText.lines(scopes) ?? "none"),
            ("created", RelativeTime.full(createdAt, from: now)), ("created by", createdBy),
            ("updated", updatedAt.map { RelativeTime.full($0, from: now) }),
        ]
    }
}

extension Member: Listed {
    static var plural: String { "members" }
    static var columns: [String] { ["user", "role", "status", "joined", "updated"] }
    var key: String { userID }

    var json: JSON {
        .object([
            ("user_id", .string(userID)), ("workspace_id", .string(workspaceID)), ("role", .string(role)),
            ("status", .string(status.text)), ("joined_at", .time(joinedAt)), ("updated_at", .time(updatedAt)),
        ])
    }

    func cells(now: Timestamp) -> [String] {
        [
            userID, role, status.text, RelativeTime.text(joinedAt, from: now),
            updatedAt.map { RelativeTime.text($0, from: now) } ?? "never",
        ]
    }
}

extension Workspace: Listed {
    static var plural: String { "workspaces" }
    static var columns: [String] { ["id", "state", "created"] }
    var key: String { id }

    var json: JSON {
        .object([("id", .string(id)), ("state", .string(state.text)), ("created_at", .time(createdAt))])
    }

    func cells(now: Timestamp) -> [String] { [id, state.text, RelativeTime.text(createdAt, from: now)] }
}
