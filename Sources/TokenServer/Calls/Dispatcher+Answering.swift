import LinuxIO
import TokenCore
import TokenStore
import TokenWire

// MARK: - Answering

extension Dispatcher {
    func reply(_ call: Call, _ message: some WireMessage, _ output: inout WireBuffer) {
        answer(call.streamID, message, &output)
    }

    func answer(_ streamID: UInt32, _ message: some WireMessage, _ output: inout WireBuffer) {
        do throws(WireError) {
            try output.appendResponse(stream: streamID, payload: message)
        } catch {
            output.appendResponse(stream: streamID, status: facts.noteTooLarge(error, traceID: TraceID.make()))
        }
    }

    /// The same, for an answer that took as long as many others.
    func replyAtLength(_ call: Call, _ message: some WireMessage, _ output: inout WireBuffer) -> Disposition {
        reply(call, message, &output)
        return .answeredAtLength
    }

    /// Answers a call that is not begun.
    func refuse(
        _ call: Call, _ refusal: Refusal, _ method: Method, _ peer: Peer, _ output: inout WireBuffer
    ) {
        let traceID = TraceID.make()
        facts.note(refusal, method, peer, traceID: traceID, at: reader.now)
        output.appendResponse(stream: call.streamID, status: refusal.status(traceID: traceID))
    }

    /// Answers a call that can't be understood.
    func fail(_ call: Call, _ status: Status, _ peer: Peer, _ output: inout WireBuffer) -> Disposition {
        facts.noteUnreadable(status, peer)
        output.appendResponse(stream: call.streamID, status: status)
        return .answered
    }

    /// Hands a change to the writer; the answer is made of its outcome, on this loop's thread.
    func submit<Work: Operation, Answer: WireMessage & SendableMetatype>(
        _ operation: Work, _ context: CallContext, _ answer: @escaping @Sendable (Work.Output) -> Answer
    ) -> Disposition {
        store.submit(operation, origin: context.origin, completion: answerLater(context, answer))
        return .later
    }

    /// The same for a change that makes a secret.
    func submit<Work: Operation>(
        _ operation: Work, _ secret: NewSecret, _ context: CallContext
    ) -> Disposition where Work.Output == TokenRecord {
        let completion = encodeLater(context) { (record: TokenRecord, streamID, output) throws(WireError) in
            try secret.answer(record, at: context.now, streamID, &output)
        }
        store.submit(operation, origin: context.origin, completion: completion)
        return .later
    }

    /// What another thread is to call with the outcome of a call that left the loop.
    func answerLater<Output: Sendable, Answer: WireMessage & SendableMetatype>(
        _ context: CallContext, _ answer: @escaping @Sendable (Output) -> Answer
    ) -> @Sendable (Result<Output, Refusal>) -> Void {
        encodeLater(context) { (value: Output, streamID, output) throws(WireError) in
            try output.appendResponse(stream: streamID, payload: answer(value))
        }
    }

    private func encodeLater<Output: Sendable>(
        _ context: CallContext,
        _ encode: @escaping @Sendable (Output, UInt32, inout WireBuffer) throws(WireError) -> Void
    ) -> @Sendable (Result<Output, Refusal>) -> Void {
        let (inbox, facts, metrics, call, charge) = (inbox, facts, metrics, context.call, charge)
        return { result in
            if let charge, case .failure(let refusal) = result {
                facts.changes.giveBack(
                    charge, isCallersDoing: !refusal.isOurs, now: SystemClock.monotonicNanoseconds())
            }
            inbox.add(
                LoopInbox.Reply(registration: call.registration, streamID: call.streamID) { output, streamID in
                    metrics.noteAnswer(to: context.method, begunAt: context.begunAt)
                    switch result {
                    case .failure(let refusal):
                        facts.note(refusal, context)
                        output.appendResponse(stream: streamID, status: refusal.status(traceID: context.traceID))
                    case .success(let value):
                        do throws(WireError) {
                            try encode(value, streamID, &output)
                        } catch {
                            output.appendResponse(
                                stream: streamID, status: facts.noteTooLarge(error, traceID: context.traceID))
                        }
                    }
                })
        }
    }

    /// A frame too large to be read: the connection is closed behind this answer.
    func refuseOversized(_ header: FrameHeader, _ peer: Peer, _ output: inout WireBuffer) {
        let limit =
            header.type == .request
            ? "a request has at most \(WireLimits.requestBodyByteCountMax) bytes; send less in one call"
            : "a frame has at most \(WireLimits.frameBodyByteCountMax) bytes"
        refuse(header, Status(.rateLimited, message: limit, traceID: TraceID.make()), peer, &output)
    }

    /// A frame that breaks the rules of streams.
    func refuse(_ header: FrameHeader, _ problem: String, _ peer: Peer, _ output: inout WireBuffer) {
        refuse(header, Status(.validationError, message: problem, traceID: TraceID.make()), peer, &output)
    }

    private func refuse(_ header: FrameHeader, _ status: Status, _ peer: Peer, _ output: inout WireBuffer) {
        facts.noteUnreadable(status, peer)
        output.appendResponse(stream: header.streamID, status: status)
    }

    static func status(of error: WireError, traceID: String = TraceID.make()) -> Status {
        let message = "the request does not decode: \(error.code) at byte \(error.byteOffset)"
        let reason: ErrorReason = error.statusCode == .resourceExhausted ? .rateLimited : .validationError
        return Status(reason, message: message, traceID: traceID)
    }

    static func unknownMethod(_ envelope: borrowing RequestEnvelope.View) -> Status {
        Status(
            .unimplemented, message: "there is no method \(shown(envelope.service))/\(shown(envelope.method))",
            traceID: TraceID.make())
    }

    /// A name from outside, for a message: its first 64 bytes (a character may have thousands), and no control characters.
    private static func shown(_ name: UTF8Span) -> String {
        let start = name.span.extracting(first: 64)
        return LogEvent.quoted(start.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) })
    }
}

// MARK: - Errors of the layers below, as a call's

extension Dispatcher {
    func status(of error: any Error, _ context: CallContext) -> Status {
        let traceID = context.traceID
        switch error {
        case let refusal as Refusal: return status(of: refusal, context)
        case ChangeFailure.refused(let refusal): return status(of: refusal, context)
        case ChangeFailure.sqlite(let error): return unreadable(error, traceID: traceID)
        case let error as SQLiteError: return unreadable(error, traceID: traceID)
        case let error as WireError:
            let status = Self.status(of: error, traceID: traceID)
            facts.noteUnreadable(status, context.peer)
            return status
        default:
            facts.failures.note(.internal)
            facts.log.limited(.error, "a call failed for no known reason", ["error": "\(error)", "trace": traceID])
            return Status(.internal, message: "the daemon's log tells more under this trace id", traceID: traceID)
        }
    }

    /// Whether the call failed for what it asked, and not for what the daemon could not do.
    static func isCallersDoing(_ error: any Error) -> Bool {
        switch error {
        case let refusal as Refusal: !refusal.isOurs
        case ChangeFailure.refused(let refusal): !refusal.isOurs
        case is WireError: true
        default: false
        }
    }

    private func status(of refusal: Refusal, _ context: CallContext) -> Status {
        facts.note(refusal, context)
        return refusal.status(traceID: context.traceID)
    }

    private func unreadable(_ error: SQLiteError, traceID: String) -> Status {
        facts.failures.note(.storeUnavailable)
        facts.log.limited(.error, "the store could not be read", ["error": error.description, "trace": traceID])
        return Refusal.storeUnavailable.status(traceID: traceID)
    }

    func refuseUnreadable(_ call: Call, _ error: SQLiteError, _ output: inout WireBuffer) {
        output.appendResponse(stream: call.streamID, status: unreadable(error, traceID: TraceID.make()))
    }
}
