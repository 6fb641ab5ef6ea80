import TokenClient

extension CallerIdentity {
    var json: JSON {
        .object([
            ("principal_id", .string(principalID)), ("workspace_id", .string(workspaceID)), ("role", .optional(role)),
            ("scopes", .strings(scopes)), ("token", token?.json ?? .null),
        ])
    }

    func text(now: Timestamp) -> String {
        TextTable.pairs([
            ("principal", principalID), ("workspace", workspaceID), ("role", role),
            ("scopes", ScopeText.lines(scopes)), ("token", token?.id), ("token name", token?.name),
            ("expires", token.map { $0.expiresAt.map { RelativeTime.full($0, from: now) } ?? "never" }),
        ])
    }
}

extension ScopeGroup {
    var json: JSON {
        .object([
            ("name", .string(name)),
            (
                "scopes",
                .array(
                    scopes.map { scope in
                        .object([
                            ("name", .string(scope.name)), ("description", .string(scope.description)),
                            ("grantable", .bool(scope.isGrantable)),
                        ])
                    })
            ),
        ])
    }
}
