import TokenCore

/// A new secret for a token of the caller's user; the old one dies at once, or at the end of an overlap.
package struct RollToken: Operation {
    /// Seven days.
    package static let overlapSecondsMax: Int64 = 7 * 24 * 60 * 60
    /// A token that rolls itself could not ask again if its own secret died with an answer that was lost.
    package static let selfRollOverlapSecondsMin: Int64 = 60

    package let tokenID: String
    package let overlapSeconds: Int64
    package let request: RequestID?
    package let secret: SecretDraft

    package init(tokenID: String, overlapSeconds: Int64, request: RequestID?, secret: SecretDraft) {
        self.tokenID = tokenID
        self.overlapSeconds = overlapSeconds
        self.request = request
        self.secret = secret
    }

    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> TokenRecord {
        if !(0...Self.overlapSecondsMax).contains(overlapSeconds) {
            throw .refused(.invalid("overlap_seconds", "must be 0 to \(Self.overlapSecondsMax), seven days"))
        }
        let caller = try transaction.caller()
        let token = try transaction.visibleToken(id: tokenID, to: caller)
        try check(token, caller, now: transaction.now)
        if let request, let token = try transaction.repetition(of: request, fingerprint: fingerprint, by: caller) {
            return try transaction.answerAgain(token, with: secret, request, by: caller)
        }
        if let bearer = caller.bearer, bearer.tokenNumber == token.number, !bearer.isCurrent {
            // It would end the overlap that keeps this very secret alive: whoever holds it could not ask again.
            throw .refused(Refusal(.conflict, "the token was rolled since; roll it by its newest secret"))
        }
        try roll(token, transaction)
        if let request {
            try transaction.remember(
                request, fingerprint: fingerprint, token: token.number, digest: secret.digest, by: caller)
        }
        try transaction.record("token.rolled", target: token.id, by: caller, description(of: token))
        return try transaction.writtenToken(token.number)
    }

    private func check(_ token: TokenRecord, _ caller: Caller, now: Instant) throws(ChangeFailure) {
        if !caller.owns(token) {
            throw .refused(
                Refusal(.forbidden, "only its user may roll a personal token; an administrator may revoke it"))
        }
        switch token.state(at: now) {
        case .revoked:
            throw .refused(Refusal(.conflict, "the token is revoked, which is final; create a new one"))
        case .expired:
            throw .refused(Refusal(.conflict, "the token has expired; create a new one under the same name"))
        case .active, .paused:
            break
        }
        do throws(Denial) {
            try caller.power.checkRoll(scopes: token.scopes, expiresAt: token.expiresAt)
        } catch {
            throw .refused(Refusal(error))
        }
        if caller.bearer?.tokenNumber == token.number && overlapSeconds < Self.selfRollOverlapSecondsMin {
            throw .refused(
                .invalid(
                    "overlap_seconds",
                    "a token that rolls itself asks for at least \(Self.selfRollOverlapSecondsMin), or it could not "
                        + "ask again if the answer is lost"))
        }
    }

    private func roll(_ token: TokenRecord, _ transaction: WriteTransaction) throws(ChangeFailure) {
        let now = transaction.now
        // First the overlap that still runs: never more than two live secrets.
        try transaction.endOverlap(ofToken: token.number)
        let end = overlapSeconds == 0 ? Instant.deadAtOnce : now.adding(seconds: overlapSeconds)
        try transaction.supersedeCurrentSecret(
            ofToken: token.number, at: token.expiresAt.map { min($0, end) } ?? end)
        try transaction.insertCurrentSecret(secret.digest, ofToken: token.number)
        try transaction.run("UPDATE token SET hint = ?2, rolled_at = ?3 WHERE number = ?1") { statement in
            statement.bind(1, token.number)
            statement.bind(2, secret.hint)
            statement.bind(3, now)
        }
    }

    private func description(of token: TokenRecord) -> [AuditEvent.Metadata] {
        var metadata = [AuditEvent.Metadata("name", token.name)]
        if overlapSeconds > 0 { metadata.append(.init("overlap_seconds", String(overlapSeconds))) }
        return metadata
    }

    private var fingerprint: Digest {
        RequestID.fingerprint("RollToken", [tokenID, String(overlapSeconds)])
    }
}
