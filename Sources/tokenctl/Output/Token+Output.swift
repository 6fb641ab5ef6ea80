import TokenClient

extension Token {
    var json: JSON {
        .object([
            ("id", .string(id)), ("name", .string(name)), ("kind", .string(kind.text)),
            ("workspace_id", .string(workspaceID)), ("owner_id", .string(ownerID)), ("scopes", .strings(scopes)),
            ("hint", .string(hint)), ("state", .string(state.text)), ("created_at", .string("\(createdAt)")),
            ("created_by", .string(createdBy)), ("expires_at", .optional(expiresAt?.description)),
            ("rolled_at", .optional(rolledAt?.description)), ("revoked_at", .optional(revokedAt?.description)),
            ("last_used_at", .optional(lastUsedAt?.description)),
        ])
    }

    /// All of it, for a person.
    func details(now: Timestamp) -> String {
        func time(_ time: Timestamp?) -> String? { time.map { RelativeTime.full($0, from: now) } }
        return TextTable.pairs([
            ("id", id), ("name", name), ("state", state.styledText), ("workspace", workspaceID), ("owner", ownerID),
            ("scopes", scopes.joined(separator: " ")), ("hint", hint), ("created", time(createdAt)),
            ("created by", createdBy), ("expires", time(expiresAt) ?? "never"), ("rolled", time(rolledAt)),
            ("revoked", time(revokedAt)), ("last used", time(lastUsedAt)),
        ])
    }

    static func table(_ tokens: [Token], now: Timestamp) -> String {
        var table = TextTable(header: ["id", "name", "state", "hint", "created", "expires", "scopes"])
        for token in tokens {
            table.add([
                token.id, token.name, token.state.text, token.hint, RelativeTime.text(token.createdAt, from: now),
                token.expiresAt.map { RelativeTime.text($0, from: now) } ?? "never",
                token.scopes.joined(separator: " "),
            ])
        }
        return table.text
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

extension TokenState {
    var text: String {
        switch self {
        case .active: "active"
        case .expired: "expired"
        case .revoked: "revoked"
        case .disabled: "disabled"
        case .ownerSuspended: "owner_suspended"
        case .unrecognized(let number): "state_\(number)"
        }
    }

    var styledText: String { Terminal.styled(text, self == .active ? .good : .bad) }

    /// The state of this name.
    init?(text: String) {
        let named: [TokenState] = [.active, .expired, .revoked, .disabled, .ownerSuspended]
        guard let state = named.first(where: { $0.text == text }) else { return nil }
        self = state
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

extension IssuedToken {
    /// Prints a new secret, this once: alone for a script, or under what it belongs to.
    func print(_ invocation: Invocation) {
        if invocation.wantsJSON {
            Terminal.printLine(
                JSON.object([("token", token.json), ("secret", .string(secret.reveal()))]).text)
        } else if invocation.isQuiet {
            Terminal.printLine(secret.reveal())
        } else {
            Terminal.printLine(token.details(now: .now))
            Terminal.printLine(
                TextTable.pairs([("secret".padded(to: 10), Terminal.styled(secret.reveal(), .strong))]))
            Terminal.remark("\nThe secret is shown this once. Keep it where only its user can read it.")
        }
    }
}
