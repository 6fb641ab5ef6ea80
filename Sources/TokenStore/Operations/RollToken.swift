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
        let draft = RollDraft(
            overlapSeconds: overlapSeconds, secret: secret, request: request, fingerprint: fingerprint)
        try draft.checkOverlap()
        let caller = try transaction.caller()
        let token = try transaction.visibleToken(id: tokenID, to: caller)
        if !caller.owns(token) {
            throw .refused(
                Refusal(.forbidden, "only its user may roll a personal token; an administrator may revoke it"))
        }
        try transaction.checkIsLive(token)
        // Its own end is the bearer's to keep, and whether it may roll itself by this very secret is judged by `roll`.
        let isBearersOwn = caller.bearer?.tokenNumber == token.number
        try allowing { () throws(Denial) in
            try caller.power.checkRoll(
                scopes: token.scopes, expiresAt: isBearersOwn ? caller.power.expiresAt : token.expiresAt)
        }
        return try transaction.roll(token, draft, by: caller)
    }

    private var fingerprint: Digest {
        RequestID.fingerprint("RollToken", [tokenID, String(overlapSeconds)])
    }
}
