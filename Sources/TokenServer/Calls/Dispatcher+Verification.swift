import LinuxIO
import TokenCore
import TokenStore
import TokenWire

extension Dispatcher {
    /// An outcome, or the reason why there is none: whoever asked must then not take the token for good or bad.
    /// For a peer that reaches a token's workspace or not: if not, the token is none that it could know of.
    func verify(
        _ request: borrowing VerifyRequest.View, within reach: WorkspaceReach
    ) throws(SQLiteError) -> VerifyResponse {
        facts.statistics.countVerification()
        guard let digest = digest(ofPresented: request.token.span) else { return VerifyResponse(outcome: .malformed) }
        guard let credential = try reader.credential(digest), reach.covers(credential.facts.workspaceID) else {
            return VerifyResponse(outcome: .unknown)
        }
        return judge(credential, request, within: reach)
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
        _ credential: Credential, _ request: borrowing VerifyRequest.View, within reach: WorkspaceReach
    ) -> VerifyResponse {
        let facts = credential.facts
        var missing: [String] = []
        var cursor = request.requiredScopes.makeCursor()
        while let scope = cursor.next() {
            if !facts.scopes.contains(scope.span) { missing.append(String(copying: scope)) }
        }
        let now = reader.now
        let requested: Span<UInt8>? = request.workspaceID.isEmpty ? nil : request.workspaceID.span
        let outcome = facts.judge(requestedWorkspace: requested, now: now) { _ in missing.isEmpty }
        // A limited peer can't tell a workspace that it does not reach from one without such a token.
        if outcome == .workspaceMismatch {
            return VerifyResponse(outcome: reach.isLimited ? .unknown : .workspaceMismatch)
        }
        var response = VerifyResponse(
            outcome: .init(rawValue: Int32(outcome.rawValue)), tokenID: credential.tokenID,
            kind: .init(credential.kind), workspaceID: facts.workspaceID, principalID: facts.principalID,
            tokenName: credential.tokenName)
        // A secret that was killed has no time of its own.
        if let diesAt = facts.diesAt, diesAt != .deadAtOnce { response.expiresAt = Timestamp(diesAt) }
        switch outcome {
        case .valid:
            response.scopes = facts.scopes.scopes.map(\.text)
            uses.note(credential.tokenNumber, at: now)
        case .insufficientScope: response.missingScopes = missing
        default: break
        }
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
        while let element = cursor.next() { responses.append(try verify(element, within: reach)) }
        return VerifyBatchResponse(responses: responses)
    }
}
