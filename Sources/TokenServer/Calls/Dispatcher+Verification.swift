import LinuxIO
import TokenCore
import TokenStore
import TokenWire

/// Verifying: from what the loop remembers, or else from the store.
///
/// An answer that is remembered was read under an epoch that was loaded before it, and is used while the epoch is that
/// number still: a change moves it before and behind its commit. Between the read and the reply of such a one nothing is
/// allocated and no lock is taken.
extension Dispatcher {
    /// Answers a Verify that asks in the plainest form about a token that the loop remembers as good: false for any other,
    /// which is `answer`'s then. For a peer that may verify everywhere.
    ///
    /// Whether the text is a token's is not asked: what has the digest of a kept token is that token's text.
    func answerFromMemory(
        _ streamID: UInt32, _ request: borrowing PlainVerify, _ digest: Digest, now: Instant,
        into output: inout WireBuffer
    ) -> Bool {
        let epoch = epochs.epoch(digest.shard(of: EpochLayout.shardCount))
        guard mayBeKept(under: epoch), let entry = cache.find(digest, epoch: epoch), meets(entry, request, now) else {
            return false
        }
        entry.use(at: now)
        appendAnswer(entry, streamID, &output)
        return true
    }

    /// Answers a Verify in the plainest form about a token that `answerFromMemory` does not remember. For a peer that may
    /// verify everywhere.
    ///
    /// What is found valid needs no walk through the envelope. What is not, and what can't be understood, is seen by it.
    func answerPlainVerify(
        _ call: Call, _ request: borrowing PlainVerify, _ digest: Digest, _ body: Span<UInt8>,
        _ output: inout WireBuffer
    ) throws(WireError) {
        metrics.note(.verify)
        let now = reader.now
        let found: Search
        do throws(SQLiteError) {
            found = try search(PresentedToken(digest: digest), now)
        } catch {
            return refuseUnreadable(call, error, &output)
        }
        if case .read(let entry) = found, meets(entry, request, now) {
            entry.use(at: now)
            metrics.note(.valid)
            return appendAnswer(entry, call.streamID, &output)
        }
        let envelope = try RequestEnvelope.View(body)
        let request = try VerifyRequest.View(envelope.payload)
        do throws(SQLiteError) {
            try answer(call, request, PresentedToken(digest: digest), found, now, within: .everywhere, &output)
        } catch {
            refuseUnreadable(call, error, &output)
        }
    }

    private func meets(
        _ entry: VerificationCache.Entry, _ request: borrowing PlainVerify, _ now: Instant
    ) -> Bool {
        now.microseconds < entry.diesAt
            && request.areMet(scope: { entry.holds($0) }, workspace: { entry.isIn(workspace: $0) })
    }

    /// What the token is kept by that a body asks about; none for one in another form than the plainest.
    static func digest(ofPlainVerify body: Span<UInt8>) -> Digest? {
        guard let request = PlainVerify(body) else { return nil }
        return digest(ofKept: request)
    }

    /// What a token is kept by; none for a text that takes more than one block to hash.
    static func digest(ofKept request: borrowing PlainVerify) -> Digest? {
        request.token.count <= Digest.byteCountInOneBlockMax ? Digest(hashing: request.token) : nil
    }

    func answerVerify(
        _ call: Call, _ request: borrowing VerifyRequest.View, within reach: WorkspaceReach,
        _ output: inout WireBuffer
    ) throws(SQLiteError) {
        guard let token = presentedToken(request.token.span) else {
            return reply(call, counted(VerifyResponse(outcome: .malformed)), &output)
        }
        let now = reader.now
        try answer(call, request, token, try search(token, now), now, within: reach, &output)
    }

    private func answer(
        _ call: Call, _ request: borrowing VerifyRequest.View, _ token: PresentedToken, _ found: Search, _ now: Instant,
        within reach: WorkspaceReach, _ output: inout WireBuffer
    ) throws(SQLiteError) {
        switch try verdict(request, token, found, now, within: reach) {
        case .kept(let entry): appendAnswer(entry, call.streamID, &output)
        case .made(let response): reply(call, response, &output)
        }
    }

    /// What a verification comes to, counted.
    private enum Verdict {
        /// VALID, as it is remembered from now on.
        case kept(VerificationCache.Entry)
        case made(VerifyResponse)
    }

    private func verdict(
        _ request: borrowing VerifyRequest.View, _ token: PresentedToken, _ found: Search, _ now: Instant,
        within reach: WorkspaceReach
    ) throws(SQLiteError) -> Verdict {
        switch found {
        case .remembered(let entry) where meets(entry, request, within: reach, now):
            metrics.noteCacheHits(1)
            entry.use(at: now)
            return .kept(entry)
        case .read(let entry) where meets(entry, request, within: reach, now):
            metrics.note(.valid)
            entry.use(at: now)
            return .kept(entry)
        case .unknown:
            return .made(counted(VerifyResponse(outcome: .unknown)))
        case .remembered, .read, .other:
            return .made(counted(try verify(request, token, within: reach)))
        }
    }

    /// The answer of a verification, with its outcome counted.
    private func counted(_ response: VerifyResponse) -> VerifyResponse {
        metrics.note(response.outcome)
        return response
    }

    private func appendAnswer(
        _ entry: VerificationCache.Entry, _ streamID: UInt32, _ output: inout WireBuffer
    ) {
        do throws(WireError) {
            try output.appendResponse(stream: streamID, kept: entry.answer)
        } catch {
            // What is kept fits a frame.
            output.appendResponse(stream: streamID, status: facts.noteTooLarge(error, traceID: TraceID.make()))
        }
    }

    private enum Search {
        /// Of a secret that is live but for the time of its death.
        case remembered(VerificationCache.Entry)
        /// The same, and it was read from the store.
        case read(VerificationCache.Entry)
        /// No token has or had the secret.
        case unknown
        /// The whole of what the store knows has to be looked at.
        case other
    }

    /// What is remembered of a secret, or else is read and remembered now, if its epoch allows.
    private func search(_ token: PresentedToken, _ now: Instant) throws(SQLiteError) -> Search {
        let digest = token.digest
        let epoch = epochs.epoch(digest.shard(of: EpochLayout.shardCount))
        if !mayBeKept(under: epoch) { return .other }
        if let entry = cache.find(digest, epoch: epoch) { return .remembered(entry) }
        var kept: VerificationCache.Entry?
        let found = try reader.liveCredential(digest, isForeign: token.isForeign, now: now) { credential in
            Failpoint.loopBeforeKeeping.pass()
            let isLate = Mistake.loopTagsAtStoreTime.isMade
            let tag = isLate ? epochs.epoch(digest.shard(of: EpochLayout.shardCount)) : epoch
            kept = keep(credential, digest, tag, &scratch)
        }
        switch found {
        case .unknown: return .unknown
        case .found: return kept.map { .read($0) } ?? .other
        case .notLive: return .other
        }
    }

    /// Not while a change is being committed.
    private func mayBeKept(under epoch: UInt64) -> Bool { epoch % 2 == 0 || Mistake.loopKeepsUnderAnOddEpoch.isMade }

    private func keep(
        _ credential: borrowing LiveCredential, _ digest: Digest, _ epoch: UInt64, _ scratch: inout WireBuffer
    ) -> VerificationCache.Entry? {
        let (tokenID, tokenName) = (credential.tokenID, credential.tokenName)
        let (workspaceID, principalID, scopes) = (credential.workspaceID, credential.principalID, credential.scopes)
        var answer = VerifyResponse.Parts(outcome: .valid)
        answer.kind = .init(credential.kind)
        answer.tokenID = Span(_unsafeBytes: tokenID)
        answer.workspaceID = Span(_unsafeBytes: workspaceID)
        answer.principalID = Span(_unsafeBytes: principalID)
        answer.tokenName = Span(_unsafeBytes: tokenName)
        scratch.removeAll()
        scratch.append(message: answer)
        let scopesOffset = scratch.count
        // Two messages, one behind the other, are one with the fields of both.
        var rest = VerifyResponse.Parts(outcome: .unspecified)
        rest.scopes = Span(_unsafeBytes: scopes)
        rest.expiresAt = credential.diesAt.map { Timestamp($0) }
        scratch.append(message: rest)
        return cache.insert(
            digest, epoch: epoch, diesAt: credential.diesAt?.microseconds ?? .max,
            tokenNumber: credential.tokenNumber, payload: scratch.span, scopesOffset: scopesOffset
        ) { note($0, usedAt: $1) }
    }

    /// Whether the request's answer is `VALID`.
    private func meets(
        _ entry: VerificationCache.Entry, _ request: borrowing VerifyRequest.View, within reach: WorkspaceReach,
        _ now: Instant
    ) -> Bool {
        guard now.microseconds < entry.diesAt,
            request.workspaceID.isEmpty || entry.isIn(workspace: request.workspaceID.span),
            !reach.isLimited || reach.covers(String(decoding: entry.workspaceID, as: UTF8.self))
        else { return false }
        var scopes = request.requiredScopes.makeCursor()
        while let scope = scopes.next() {
            if !entry.holds(scope.span) { return false }
        }
        return true
    }

    /// An outcome from the store, or the reason why there is none: whoever asked must then not take the token for good or
    /// bad.
    private func verify(
        _ request: borrowing VerifyRequest.View, _ token: PresentedToken, within reach: WorkspaceReach
    ) throws(SQLiteError) -> VerifyResponse {
        // To a peer that does not reach its workspace, the token is none that it could know of.
        guard let credential = try reader.credential(token.digest, isForeign: token.isForeign),
            reach.covers(credential.facts.workspaceID)
        else {
            return VerifyResponse(outcome: .unknown)
        }
        return judge(credential, request, within: reach, reader.now)
    }

    /// None for a text that can be no token. Any text that does not begin as ours do may be an imported one, once there are
    /// such.
    func presentedToken(_ text: Span<UInt8>) -> PresentedToken? {
        if TokenText.parse(text, prefixes) != nil { return PresentedToken(digest: Digest(hashing: text)) }
        let mayBeImported =
            store.state.hasImportedTokens && (1...ServerLimits.importedTextByteCountMax).contains(text.count)
            && !TokenText.bearsPrefix(text, prefixes)
        return mayBeImported ? PresentedToken(digest: Digest(hashing: text), isForeign: true) : nil
    }

    /// Whether a bearer may be looked up by the digest alone. Whether a token was imported never changes, so that it is
    /// looked at here alone.
    func mayBeCaller(_ token: PresentedToken) throws(SQLiteError) -> Bool {
        if !token.isForeign { return true }
        return try reader.credential(token.digest, isForeign: true) != nil
    }

    private func judge(
        _ credential: Credential, _ request: borrowing VerifyRequest.View, within reach: WorkspaceReach,
        _ now: Instant
    ) -> VerifyResponse {
        let facts = credential.facts
        var missing: [String] = []
        var cursor = request.requiredScopes.makeCursor()
        while let scope = cursor.next() {
            if !facts.scopes.contains(scope.span) { missing.append(String(copying: scope)) }
        }
        let requested: Span<UInt8>? = request.workspaceID.isEmpty ? nil : request.workspaceID.span
        let outcome = facts.judge(requestedWorkspace: requested, now: now) { _ in missing.isEmpty }
        // A limited peer can't tell a workspace that it does not reach from one without such a token.
        if outcome == .workspaceMismatch {
            return VerifyResponse(outcome: reach.isLimited ? .unknown : .workspaceMismatch)
        }
        if outcome == .valid { note(credential.tokenNumber, usedAt: now) }
        var response = response(outcome, credential)
        if outcome == .insufficientScope { response.missingScopes = missing }
        return response
    }

    private func response(_ outcome: TokenCore.VerifyOutcome, _ credential: Credential) -> VerifyResponse {
        let facts = credential.facts
        var response = VerifyResponse(
            outcome: .init(rawValue: Int32(outcome.rawValue)), tokenID: credential.tokenID,
            kind: .init(credential.kind), workspaceID: facts.workspaceID, principalID: facts.principalID,
            tokenName: credential.tokenName)
        // A secret that was killed has no time of its own.
        if let diesAt = facts.diesAt, diesAt != .deadAtOnce { response.expiresAt = Timestamp(diesAt) }
        if outcome == .valid { response.scopes = facts.scopes.scopes.map(\.text) }
        return response
    }

    /// A kept answer as a message.
    private func response(_ entry: VerificationCache.Entry) throws(WireError) -> VerifyResponse {
        var payload = WireBuffer(capacity: entry.answer.payloadByteCount)
        payload.append(kept: entry.answer)
        return VerifyResponse(copying: try VerifyResponse.View(payload.span))
    }

    func verifyBatch(_ payload: Span<UInt8>, within reach: WorkspaceReach) throws -> VerifyBatchResponse {
        let request = try VerifyBatchRequest.View(payload)
        guard (1...WireLimits.verifyBatchCountMax).contains(request.requests.count) else {
            throw Refusal.invalid("requests", "must be 1 to \(WireLimits.verifyBatchCountMax)")
        }
        var responses: [VerifyResponse] = []
        responses.reserveCapacity(request.requests.count)
        var cursor = request.requests.makeCursor()
        while let element = cursor.next() { responses.append(try verifyOne(element, within: reach)) }
        return VerifyBatchResponse(responses: responses)
    }

    private func verifyOne(
        _ request: borrowing VerifyRequest.View, within reach: WorkspaceReach
    ) throws -> VerifyResponse {
        guard let token = presentedToken(request.token.span) else {
            return counted(VerifyResponse(outcome: .malformed))
        }
        let now = reader.now
        switch try verdict(request, token, try search(token, now), now, within: reach) {
        case .kept(let entry): return try response(entry)
        case .made(let response): return response
        }
    }
}

/// What a text that was presented as a token is looked up by.
struct PresentedToken {
    let digest: Digest
    /// It does not begin as ours do, and so is none but an imported one: a prefix that was dropped stays dropped.
    var isForeign = false
}
