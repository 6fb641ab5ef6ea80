import TokenClient

extension Verification {
    var json: JSON {
        .object([
            ("outcome", .string(outcome.text)), ("token_id", .optional(tokenID)), ("kind", .optional(kind?.text)),
            ("workspace_id", .optional(workspaceID)), ("principal_id", .optional(principalID)),
            ("token_name", .optional(tokenName)), ("scopes", .strings(scopes)), ("expires_at", .time(expiresAt)),
            ("missing_scopes", .strings(missingScopes)),
        ])
    }

    func details(now: Timestamp) -> String {
        TextTable.pairs([
            ("outcome", outcome.styledText), ("token", tokenID), ("name", tokenName), ("principal", principalID),
            ("workspace", workspaceID), ("scopes", ScopeText.lines(scopes)),
            ("missing", ScopeText.lines(missingScopes)),
            ("expires", expiresAt.map { RelativeTime.full($0, from: now) }),
        ])
    }
}

extension Verification.Outcome {
    var text: String {
        switch self {
        case .valid: "VALID"
        case .malformed: "MALFORMED"
        case .unknown: "UNKNOWN"
        case .workspaceMismatch: "WORKSPACE_MISMATCH"
        case .revoked: "REVOKED"
        case .superseded: "SUPERSEDED"
        case .expired: "EXPIRED"
        case .disabled: "DISABLED"
        case .ownerSuspended: "OWNER_SUSPENDED"
        case .insufficientScope: "INSUFFICIENT_SCOPE"
        case .unrecognized(let number): "OUTCOME_\(number)"
        }
    }

    var styledText: String { Terminal.styled(text, self == .valid ? .good : .bad) }
}
