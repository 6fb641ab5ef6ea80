import LinuxIO
import TokenCore
import TokenStore
import TokenWire

extension Dispatcher {
    /// An outcome, or the reason why there is none: whoever asked must then not take the token for good or bad.
    func verify(_ request: borrowing VerifyRequest.View) throws(SQLiteError) -> VerifyResponse {
        facts.statistics.countVerification()
        guard let digest = digest(ofPresented: request.token.span) else { return VerifyResponse(outcome: .malformed) }
        guard let credential = try reader.credential(digest) else {
            return VerifyResponse(outcome: .unknown)
        }
        return judge(credential, request)
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

    private func judge(_ credential: Credential, _ request: borrowing VerifyRequest.View) -> VerifyResponse {
        let facts = credential.facts
        var missing: [String] = []
        var cursor = request.requiredScopes.makeCursor()
        while let scope = cursor.next() {
            if !facts.scopes.contains(scope.span) { missing.append(String(copying: scope)) }
        }
        let now = reader.now
        let requested: Span<UInt8>? = request.workspaceID.isEmpty ? nil : request.workspaceID.span
        let outcome = facts.judge(requestedWorkspace: requested, now: now) { _ in missing.isEmpty }
        if outcome == .workspaceMismatch { return VerifyResponse(outcome: .workspaceMismatch) }
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

    func verifyBatch(_ payload: Span<UInt8>) throws -> VerifyBatchResponse {
        let request = try VerifyBatchRequest.View(payload)
        guard request.requests.count <= WireLimits.verifyBatchCountMax else {
            throw Refusal.invalid("requests", "has more than \(WireLimits.verifyBatchCountMax)")
        }
        var responses: [VerifyResponse] = []
        responses.reserveCapacity(request.requests.count)
        var cursor = request.requests.makeCursor()
        while let element = cursor.next() { responses.append(try verify(element)) }
        return VerifyBatchResponse(responses: responses)
    }
}
