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
    func answerVerify(
        _ call: Call, _ request: borrowing VerifyRequest.View, within reach: WorkspaceReach,
        _ output: inout WireBuffer
    ) throws(SQLiteError) {
        guard let digest = digest(ofPresented: request.token.span) else {
            metrics.note(.malformed)
            return reply(call, VerifyResponse(outcome: .malformed), &output)
        }
        let epoch = epochs.epoch(digest.shard(of: EpochLayout.shardCount))
        if let entry = remembered(digest, epoch, request, within: reach) {
            do throws(WireError) {
                return try output.appendResponse(
                    stream: call.streamID, payloadBytes: Span<UInt8>(_unsafeBytes: entry.payload))
            } catch {
                // What is kept was answered before, so it fits a frame.
                return output.appendResponse(stream: call.streamID, status: Self.status(of: error))
            }
        }
        let response = try verify(request, digest, epoch, within: reach)
        metrics.note(response.outcome)
        reply(call, response, &output)
    }

    /// The answer that is kept for the secret, if it is `VALID` for this request now.
    private func remembered(
        _ digest: Digest, _ epoch: UInt64, _ request: borrowing VerifyRequest.View, within reach: WorkspaceReach
    ) -> VerificationCache.Entry? {
        let now = reader.now
        guard epoch % 2 == 0, let entry = cache.find(digest, epoch: epoch), now.microseconds < entry.diesAt,
            request.workspaceID.isEmpty || entry.isIn(workspace: request.workspaceID.span),
            !reach.isLimited || reach.covers(String(decoding: entry.workspaceID, as: UTF8.self))
        else { return nil }
        var scopes = request.requiredScopes.makeCursor()
        while let scope = scopes.next() {
            if !entry.holds(scope.span) { return nil }
        }
        metrics.noteCacheHit()
        let seconds = UInt32(truncatingIfNeeded: now.microseconds / 1_000_000)
        if entry.use(at: seconds, tellingEvery: UInt32(ServerLimits.upkeepSeconds)) {
            uses.note(entry.tokenNumber, at: now)
        }
        return entry
    }

    /// An outcome from the store, or the reason why there is none: whoever asked must then not take the token for good or
    /// bad. A live secret is kept, whatever was asked of it, under the epoch that was loaded before.
    private func verify(
        _ request: borrowing VerifyRequest.View, _ digest: Digest, _ epoch: UInt64, within reach: WorkspaceReach
    ) throws(SQLiteError) -> VerifyResponse {
        // To a peer that does not reach its workspace, the token is none that it could know of.
        guard let credential = try reader.credential(digest), reach.covers(credential.facts.workspaceID) else {
            return VerifyResponse(outcome: .unknown)
        }
        let now = reader.now
        if epoch % 2 == 0 { keep(credential, digest, epoch, now) }
        return judge(credential, request, within: reach, now)
    }

    private func keep(_ credential: Credential, _ digest: Digest, _ epoch: UInt64, _ now: Instant) {
        guard credential.facts.judge(requestedWorkspace: nil, now: now, holdsRequired: { _ in true }) == .valid else {
            return
        }
        let payload = response(.valid, credential).encoded()
        guard let parts = VerificationCache.Parts(of: payload.span) else { return }
        cache.insert(
            digest, epoch: epoch, diesAt: credential.facts.diesAt?.microseconds ?? .max,
            tokenNumber: credential.tokenNumber, payload: payload.span, parts: parts)
    }

    /// What a presented text is looked up by; none for a text that can be no token. Any text that does not begin as ours
    /// do may be an imported one, once there are such.
    func digest(ofPresented text: Span<UInt8>) -> Digest? {
        if TokenText.parse(text, prefixes) != nil { return Digest(hashing: text) }
        let mayBeImported =
            store.state.hasImportedTokens && (1...ServerLimits.importedTextByteCountMax).contains(text.count)
            && !TokenText.bearsPrefix(text, prefixes)
        return mayBeImported ? Digest(hashing: text) : nil
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
        if outcome == .valid { uses.note(credential.tokenNumber, at: now) }
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

    func verifyBatch(_ payload: Span<UInt8>, within reach: WorkspaceReach) throws -> VerifyBatchResponse {
        let request = try VerifyBatchRequest.View(payload)
        guard request.requests.count <= WireLimits.verifyBatchCountMax else {
            throw Refusal.invalid("requests", "has more than \(WireLimits.verifyBatchCountMax)")
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
        guard let digest = digest(ofPresented: request.token.span) else {
            metrics.note(.malformed)
            return VerifyResponse(outcome: .malformed)
        }
        let epoch = epochs.epoch(digest.shard(of: EpochLayout.shardCount))
        if let entry = remembered(digest, epoch, request, within: reach) {
            return VerifyResponse(copying: try VerifyResponse.View(Span<UInt8>(_unsafeBytes: entry.payload)))
        }
        let response = try verify(request, digest, epoch, within: reach)
        metrics.note(response.outcome)
        return response
    }
}
