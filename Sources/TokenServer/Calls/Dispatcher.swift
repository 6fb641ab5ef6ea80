import LinuxIO
import TokenCore
import TokenStore
import TokenWire

/// Carries out the calls of one loop: reads are answered at once, changes are handed to the writer.
///
/// What every call goes through, in this order: its envelope is decoded, its method found, the peer's grant judged, and
/// only then the payload looked at.
final class Dispatcher {
    let store: Store
    let reader: StoreReader
    let facts: DaemonFacts
    let prefixes: TokenPrefixes
    private let inbox: LoopInbox

    init(store: Store, facts: DaemonFacts, prefixes: TokenPrefixes, inbox: LoopInbox) throws(StoreFailure) {
        self.store = store
        self.facts = facts
        self.prefixes = prefixes
        self.inbox = inbox
        reader = try store.makeReader()
    }

    func answer(
        _ call: Call, _ body: Span<UInt8>, from peer: Peer, into output: inout WireBuffer
    ) -> Disposition {
        do throws(WireError) {
            let envelope = try RequestEnvelope.View(body)
            guard let method = Method(service: envelope.service.span, method: envelope.method.span) else {
                output.appendResponse(stream: call.streamID, status: Self.unknownMethod(envelope))
                return .answered
            }
            return try answer(method, envelope, call, from: peer, into: &output)
        } catch {
            output.appendResponse(stream: call.streamID, status: Self.status(of: error))
            return .answered
        }
    }

    private func answer(
        _ method: Method, _ envelope: borrowing RequestEnvelope.View, _ call: Call, from peer: Peer,
        into output: inout WireBuffer
    ) throws(WireError) -> Disposition {
        let rule = MethodRule.rule(of: method)
        if !rule.grants.isEmpty && !peer.holds(rule.grants) {
            refuse(call, CallerMetadata.missing(rule.grants), &output)
            return .answered
        }
        if !rule.isServed {
            output.appendResponse(stream: call.streamID, status: Self.unserved(method))
            return .answered
        }
        let deadline = Self.deadline(after: envelope.timeoutNanoseconds)
        if let deadline, SystemClock.monotonicNanoseconds() >= deadline {
            refuse(call, Refusal(.deadlineExceeded, "the deadline passed before the call was begun"), &output)
            return .answered
        }
        switch method {
        case .verify:
            let request = try VerifyRequest.View(envelope.payload)
            do throws(SQLiteError) {
                reply(call, try verify(request), &output)
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
        let traceID = TraceID.make()
        do {
            let claim = try claim(rule.caller, envelope, peer)
            let context = CallContext(
                call: call, peer: peer, claim: claim, traceID: traceID, deadlineNanoseconds: deadline,
                now: reader.now)
            return try perform(method, envelope.payload, context, &output)
        } catch {
            output.appendResponse(stream: call.streamID, status: status(of: error, traceID: traceID))
            return .answered
        }
    }

    private func claim(
        _ need: MethodRule.CallerNeed, _ envelope: borrowing RequestEnvelope.View, _ peer: Peer
    ) throws(Refusal) -> CallerClaim {
        switch need {
        case .none: .none
        case .host: .host
        case .optional, .required: try CallerMetadata.claim(in: envelope.metadata, from: peer, prefixes)
        }
    }

    private func perform(
        _ method: Method, _ payload: Span<UInt8>, _ context: CallContext, _ output: inout WireBuffer
    ) throws -> Disposition {
        switch method {
        case .verifyBatch:
            reply(context.call, try verifyBatch(payload), &output)
            return .answeredAtLength
        case .listScopes: reply(context.call, try listScopes(context), &output)
        case .whoAmI: reply(context.call, try whoAmI(context), &output)
        case .getToken: reply(context.call, try getToken(payload, context), &output)
        case .listTokens:
            reply(context.call, try listTokens(payload, context), &output)
            return .answeredAtLength
        case .listEvents:
            reply(context.call, try listEvents(payload, context), &output)
            return .answeredAtLength
        case .getStatus: reply(context.call, try getStatus(context), &output)
        case .checkHealth: reply(context.call, try checkHealth(payload), &output)
        case .createToken: return try createToken(payload, context)
        case .rollToken: return try rollToken(payload, context)
        case .revokeToken: return try revokeToken(payload, context)
        case .revokeSelf: return try revokeSelf(payload, context)
        case .bootstrap: return try bootstrap(payload, context)
        default: output.appendResponse(stream: context.call.streamID, status: Self.unserved(method))
        }
        return .answered
    }

    /// When a call ends at the latest; none without a timeout, or with one past the end of the clock.
    private static func deadline(after timeoutNanoseconds: Int64) -> Int64? {
        guard timeoutNanoseconds > 0 else { return nil }
        let (deadline, overflow) = SystemClock.monotonicNanoseconds().addingReportingOverflow(timeoutNanoseconds)
        return overflow ? nil : deadline
    }
}

// MARK: - Answering

extension Dispatcher {
    func reply(_ call: Call, _ message: some WireMessage, _ output: inout WireBuffer) {
        do throws(WireError) {
            try output.appendResponse(stream: call.streamID, payload: message)
        } catch {
            output.appendResponse(stream: call.streamID, status: Self.status(of: error))
        }
    }

    private func refuse(_ call: Call, _ refusal: Refusal, _ output: inout WireBuffer) {
        output.appendResponse(stream: call.streamID, status: refusal.status(traceID: TraceID.make()))
    }

    /// Hands a change to the writer; the answer is made of its outcome, on this loop's thread.
    func submit<Work: Operation, Answer: WireMessage & SendableMetatype>(
        _ operation: Work, _ context: CallContext, _ answer: @escaping @Sendable (Work.Output) -> Answer
    ) -> Disposition {
        let inbox = inbox
        let call = context.call
        let traceID = context.traceID
        store.submit(operation, origin: context.origin) { result in
            inbox.add(
                LoopInbox.Reply(registration: call.registration, streamID: call.streamID) { output, streamID in
                    switch result {
                    case .failure(let refusal):
                        output.appendResponse(stream: streamID, status: refusal.status(traceID: traceID))
                    case .success(let value):
                        do throws(WireError) {
                            try output.appendResponse(stream: streamID, payload: answer(value))
                        } catch {
                            output.appendResponse(stream: streamID, status: Self.status(of: error))
                        }
                    }
                })
        }
        return .later
    }

    /// A frame too large to be read: the connection is closed behind this answer.
    func refuseOversized(_ header: FrameHeader, _ output: inout WireBuffer) {
        output.appendResponse(
            stream: header.streamID,
            status: Status(
                .rateLimited,
                message: "a request has at most \(WireLimits.requestBodyByteCountMax) bytes; send less in one call",
                traceID: TraceID.make()))
    }

    /// A frame that breaks the rules of streams.
    func refuse(_ header: FrameHeader, _ problem: String, _ output: inout WireBuffer) {
        output.appendResponse(
            stream: header.streamID, status: Status(.validationError, message: problem, traceID: TraceID.make()))
    }

    private static func status(of error: WireError, traceID: String = TraceID.make()) -> Status {
        let message = "the request does not decode: \(error.code) at byte \(error.byteOffset)"
        let reason: ErrorReason = error.statusCode == .resourceExhausted ? .rateLimited : .validationError
        return Status(reason, message: message, traceID: traceID)
    }

    private static func unknownMethod(_ envelope: borrowing RequestEnvelope.View) -> Status {
        Status(
            .unimplemented, message: "there is no method \(shown(envelope.service))/\(shown(envelope.method))",
            traceID: TraceID.make())
    }

    /// A name from outside, for a message: its first 64 bytes (a character may have thousands), and no control characters.
    private static func shown(_ name: UTF8Span) -> String {
        let start = name.span.extracting(first: 64)
        return Log.quoted(start.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) })
    }

    private static func unserved(_ method: Method) -> Status {
        Status(
            .unimplemented, message: "tokend \(Version.current) does not serve \(method.name) yet",
            traceID: TraceID.make())
    }
}

// MARK: - Errors of the layers below, as a call's

extension Dispatcher {
    func caller(_ context: CallContext) throws(ChangeFailure) -> Caller {
        try reader.caller(context.claim, now: context.now)
    }

    private func status(of error: any Error, traceID: String) -> Status {
        switch error {
        case let refusal as Refusal: return refusal.status(traceID: traceID)
        case ChangeFailure.refused(let refusal): return refusal.status(traceID: traceID)
        case ChangeFailure.sqlite(let error): return unreadable(error, traceID: traceID)
        case let error as SQLiteError: return unreadable(error, traceID: traceID)
        case let error as WireError: return Self.status(of: error, traceID: traceID)
        default:
            facts.log.limited(.error, "a call failed for no known reason", ["error": "\(error)", "trace": traceID])
            return Status(.internal, message: "the daemon's log tells more under this trace id", traceID: traceID)
        }
    }

    private func unreadable(_ error: SQLiteError, traceID: String) -> Status {
        facts.log.limited(.error, "the store could not be read", ["error": error.description, "trace": traceID])
        return Refusal.storeUnavailable.status(traceID: traceID)
    }

    private func refuseUnreadable(_ call: Call, _ error: SQLiteError, _ output: inout WireBuffer) {
        output.appendResponse(stream: call.streamID, status: unreadable(error, traceID: TraceID.make()))
    }
}
