import LinuxIO
import TokenCore
import TokenStore
import TokenWire

/// Carries out the calls of one loop: reads are answered at once, or in slices when they take long, and changes are handed
/// to the writer.
///
/// What every call goes through, in this order: its envelope is decoded, its method found, the peer's grant judged, and
/// only then the payload looked at.
final class Dispatcher {
    let store: Store
    let reader: StoreReader
    let facts: DaemonFacts
    let prefixes: TokenPrefixes
    let reloader: Reloader
    let backups: Backups
    let inbox: LoopInbox
    /// Uses of tokens that no entry of the cache remembers until the store hears of them.
    var uses = UseTable()
    /// That table is to be emptied. A word, which is cheaper to ask at each turn.
    var hasUsesToHandOver = false
    /// The table that the store is at work on; the next waits for it.
    var usesBeingTaken: [RecordUse.Use] = []
    /// Answers that are good while the epochs of their shards stay what they were.
    let cache: VerificationCache
    /// Where the answer to a verification is encoded before it is kept.
    var scratch = WireBuffer(capacity: 512)
    /// Of the store's page, which `store` keeps.
    let epochs: EpochView
    let metrics = LoopMetrics()
    /// What the call at hand was charged, until it leaves the loop.
    var charge: ChangeLimiter.Charge?
    /// How long, in this turn of the loop, calls were worked on that take long, as they came in.
    var slicedNanoseconds: Int64 = 0

    init(
        store: Store, facts: DaemonFacts, prefixes: TokenPrefixes, reloader: Reloader, backups: Backups,
        inbox: LoopInbox, cacheByteCount: Int
    ) throws {
        self.store = store
        cache = try VerificationCache(byteCount: cacheByteCount)
        epochs = store.epochs.memory.view
        self.facts = facts
        self.prefixes = prefixes
        self.reloader = reloader
        self.backups = backups
        self.inbox = inbox
        reader = try store.makeReader()
        facts.add(metrics)
    }

    /// With a digest, the body is a Verify that `answerFromMemory` was asked about in vain.
    func answer(
        _ call: Call, _ body: Span<UInt8>, _ digest: Digest?, from peer: Peer, into output: inout WireBuffer
    ) -> Disposition {
        // With its method, or of none.
        var isCounted = false
        do throws(WireError) {
            if let digest, let request = PlainVerify(body),
                TokenText.parse(request.token, prefixes) != nil
            {
                isCounted = true
                try answerPlainVerify(call, request, digest, body, &output)
                return .answered
            }
            let envelope = try RequestEnvelope.View(body)
            isCounted = true
            guard let method = Method(service: envelope.service.span, method: envelope.method.span) else {
                metrics.noteUnknownMethod()
                return fail(call, Self.unknownMethod(envelope), peer, &output)
            }
            metrics.note(method)
            return try answer(method, envelope, call, from: peer, into: &output)
        } catch {
            if !isCounted { metrics.noteUnknownMethod() }
            return fail(call, Self.status(of: error), peer, &output)
        }
    }

    private func answer(
        _ method: Method, _ envelope: borrowing RequestEnvelope.View, _ call: Call, from peer: Peer,
        into output: inout WireBuffer
    ) throws(WireError) -> Disposition {
        let rule = MethodRule.rule(of: method)
        if !rule.grants.isEmpty && !peer.holds(rule.grants) {
            refuse(call, CallerMetadata.missing(rule.grants), method, peer, &output)
            return .answered
        }
        let deadline = Self.deadline(of: call, after: envelope.timeoutNanoseconds)
        if let deadline, SystemClock.monotonicNanoseconds() >= deadline {
            let refusal = Refusal(.deadlineExceeded, "the deadline passed before the call was begun")
            refuse(call, refusal, method, peer, &output)
            return .answered
        }
        switch method {
        case .verify:
            let request = try VerifyRequest.View(envelope.payload)
            do throws(SQLiteError) {
                try answerVerify(call, request, within: peer.power.reach, &output)
            } catch {
                refuseUnreadable(call, error, &output)
            }
            return .answered
        default:
            return manage(method, rule, envelope, call, peer, deadline, &output)
        }
    }

    /// The calls that are not hot: they have a trace id, and most a caller.
    private func manage(
        _ method: Method, _ rule: MethodRule, _ envelope: borrowing RequestEnvelope.View, _ call: Call, _ peer: Peer,
        _ deadline: Int64?, _ output: inout WireBuffer
    ) -> Disposition {
        var context = CallContext(
            call: call, method: method, peer: peer, claim: .none, traceID: TraceID.make(),
            deadlineNanoseconds: deadline, begunAt: call.beginning, now: reader.now)
        charge = nil
        let start = method.takesLong ? SystemClock.monotonicNanoseconds() : nil
        defer { if let start { slicedNanoseconds += SystemClock.monotonicNanoseconds() - start } }
        do {
            context.claim = try claim(rule.caller, envelope, peer)
            return try perform(method, envelope.payload, context, &output)
        } catch {
            if let charge {
                facts.changes.giveBack(
                    charge, isCallersDoing: Self.isCallersDoing(error), now: SystemClock.monotonicNanoseconds())
            }
            output.appendResponse(stream: call.streamID, status: status(of: error, context))
            return method.takesLong ? .answeredAtLength : .answered
        }
    }

    private func claim(
        _ need: MethodRule.CallerNeed, _ envelope: borrowing RequestEnvelope.View, _ peer: Peer
    ) throws -> CallerClaim {
        switch need {
        case .none: .none
        case .host: .host
        case .optional, .required:
            try CallerMetadata.claim(
                in: envelope.metadata, from: peer, token: presentedToken, mayBeCaller: mayBeCaller)
        }
    }

    private func perform(
        _ method: Method, _ payload: Span<UInt8>, _ context: CallContext, _ output: inout WireBuffer
    ) throws -> Disposition {
        let call = context.call
        switch method {
        case .verifyBatch:
            return replyAtLength(call, try verifyBatch(payload, within: context.peer.power.reach), &output)
        case .listScopes: reply(call, try listScopes(payload, context), &output)
        case .whoAmI: reply(call, try whoAmI(payload, context), &output)
        case .getToken: reply(call, try getToken(payload, context), &output)
        case .listTokens: return try listTokens(payload, context, &output)
        case .createToken: return try createToken(payload, context)
        case .rollToken: return try rollToken(payload, context)
        case .revokeToken: return try revokeToken(payload, context, &output)
        case .revokeSelf: return try revokeSelf(payload, context, &output)
        case .importTokens: return try importTokens(payload, context)
        case .getServiceAccount: reply(call, try getServiceAccount(payload, context), &output)
        case .listServiceAccounts: return try listServiceAccounts(payload, context, &output)
        case .createServiceAccount: return try createServiceAccount(payload, context)
        case .updateServiceAccount: return try updateServiceAccount(payload, context)
        case .deleteServiceAccount: return try deleteServiceAccount(payload, context)
        case .issueServiceAccountToken: return try issueServiceAccountToken(payload, context)
        case .listServiceAccountTokens: return try listServiceAccountTokens(payload, context, &output)
        case .rollServiceAccountToken: return try rollServiceAccountToken(payload, context)
        case .revokeServiceAccountToken: return try revokeServiceAccountToken(payload, context, &output)
        case .listMembers: return try listMembers(payload, context, &output)
        case .putMember: return try putMember(payload, context)
        case .removeMember: return try removeMember(payload, context)
        case .listEvents: return try listEvents(payload, context, &output)
        case .tailEvents: return .followed(try tailEvents(payload, context))
        case .getStatus: return replyAtLength(call, try getStatus(payload, context), &output)
        case .getMetrics: return replyAtLength(call, try getMetrics(payload), &output)
        case .bootstrap: return try bootstrap(payload, context)
        case .listWorkspaces: return try listWorkspaces(payload, context, &output)
        case .setWorkspaceState: return try setWorkspaceState(payload, context)
        case .verifyChain: return try verifyChain(payload, context, &output)
        case .reload: return try reload(payload, context)
        case .checkHealth: reply(call, try checkHealth(payload), &output)
        case .getCachePage: reply(call, try getCachePage(payload), &output)
        case .reportUsage: return try reportUsage(payload, context, &output)
        case .backup: return try backup(payload, context)
        case .verify: preconditionFailure("it is answered before this")
        }
        return .answered
    }

    /// When a call ends at the latest; none without a timeout, or with one past the end of the clock.
    private static func deadline(of call: Call, after timeoutNanoseconds: Int64) -> Int64? {
        guard timeoutNanoseconds > 0 else { return nil }
        let (deadline, overflow) = call.beginning.addingReportingOverflow(timeoutNanoseconds)
        return overflow ? nil : deadline
    }
}
