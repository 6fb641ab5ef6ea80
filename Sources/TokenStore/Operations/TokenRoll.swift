import TokenCore

/// A new secret that an operation would give to a token.
struct RollDraft {
    let overlapSeconds: Int64
    let secret: SecretDraft
    let request: RequestID?
    /// Of what was asked for.
    let fingerprint: Digest

    func checkOverlap() throws(ChangeFailure) {
        if !(0...RollToken.overlapSecondsMax).contains(overlapSeconds) {
            throw .refused(.invalid("overlap_seconds", "must be 0 to \(RollToken.overlapSecondsMax), seven days"))
        }
    }
}

extension WriteTransaction {
    /// Rolling revives nothing.
    func checkIsLive(_ token: TokenRecord) throws(ChangeFailure) {
        switch token.state(at: now) {
        case .revoked:
            throw .refused(Refusal(.conflict, "the token is revoked, which is final; create a new one"))
        case .expired:
            throw .refused(Refusal(.conflict, "the token has expired; create a new one under the same name"))
        case .active, .paused:
            break
        }
    }

    /// Gives the token its new secret, or a fresh one in place of the one that the same request gave it. That the token is
    /// live and the caller may roll it has been judged.
    func roll(_ token: TokenRecord, _ draft: RollDraft, by caller: Caller) throws(ChangeFailure) -> TokenRecord {
        let isBearersOwn = caller.bearer?.tokenNumber == token.number
        if isBearersOwn && draft.overlapSeconds < RollToken.selfRollOverlapSecondsMin {
            throw .refused(
                .invalid(
                    "overlap_seconds",
                    "a token that rolls itself asks for at least \(RollToken.selfRollOverlapSecondsMin), or it could "
                        + "not ask again if the answer is lost"))
        }
        if let request = draft.request,
            let token = try repetition(of: request, fingerprint: draft.fingerprint, by: caller)
        {
            return try answerAgain(token, with: draft.secret, request, by: caller)
        }
        if isBearersOwn, caller.bearer?.isCurrent == false {
            // It would end the overlap that keeps this very secret alive: whoever holds it could not ask again.
            throw .refused(Refusal(.conflict, "the token was rolled since; roll it by its newest secret"))
        }
        try replaceSecret(of: token, draft)
        if let request = draft.request {
            try remember(
                request, fingerprint: draft.fingerprint, token: token.number, digest: draft.secret.digest, by: caller)
        }
        var metadata = token.ownerMetadata + [.init("name", token.name)]
        if draft.overlapSeconds > 0 { metadata.append(.init("overlap_seconds", String(draft.overlapSeconds))) }
        try record(TokenAction.rolled.name(token.kind), target: token.id, by: caller, metadata)
        return try writtenToken(token.number)
    }

    private func replaceSecret(of token: TokenRecord, _ draft: RollDraft) throws(ChangeFailure) {
        // First the overlap that still runs: never more than two live secrets.
        try endOverlap(ofToken: token.number)
        let end = draft.overlapSeconds == 0 ? Instant.deadAtOnce : now.adding(seconds: draft.overlapSeconds)
        try supersedeCurrentSecret(ofToken: token.number, at: token.expiresAt.map { min($0, end) } ?? end)
        try insertCurrentSecret(draft.secret.digest, of: TokenOfSecret(token))
        try run("UPDATE token SET hint = ?2, rolled_at = ?3 WHERE number = ?1") { statement in
            statement.bind(1, token.number)
            statement.bind(2, draft.secret.hint)
            statement.bind(3, now)
        }
    }
}
