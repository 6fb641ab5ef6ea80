import LinuxIO
import TokenCore
import TokenStore
import TokenWire

/// What a call asks for that may take long: it is done in slices, between which the loop sees to others.
protocol SlicedWork {
    /// Does as much as may be done at once, some 300 µs. True when nothing is left to do.
    mutating func advance() throws -> Bool
    /// Whether the caller may still have the answer, of work that was not done in one slice. Throws if not: what was read
    /// in a later slice is not for who has lost the right to it meanwhile.
    func judgeAgain(_ context: CallContext) throws
    /// Encodes the answer, once nothing is left to do.
    func answer(streamID: UInt32, into output: inout WireBuffer) throws
    /// About how many bytes it holds between two slices.
    var heldByteCount: Int { get }
}

extension SlicedWork {
    func judgeAgain(_ context: CallContext) throws {}
}

/// A call that was begun and has no answer yet.
struct SlicedCall {
    var context: CallContext
    var work: any SlicedWork
}

extension Dispatcher {
    /// Does the first slice at once, after which most calls have their answer; unless the turn has had enough of them.
    func begin(
        _ work: some SlicedWork, _ context: CallContext, _ output: inout WireBuffer
    ) throws -> Disposition {
        if slicedNanoseconds >= ServerLimits.slicedNanosecondsPerTurn {
            return .continued(SlicedCall(context: context, work: work))
        }
        let start = SystemClock.monotonicNanoseconds()
        defer { slicedNanoseconds += SystemClock.monotonicNanoseconds() - start }
        var work = work
        guard try work.advance() else { return .continued(SlicedCall(context: context, work: work)) }
        try work.answer(streamID: context.call.streamID, into: &output)
        return .answeredAtLength
    }

    /// Does the next slice. True when the call has its answer.
    func advance(_ call: inout SlicedCall, into output: inout WireBuffer) -> Bool {
        let streamID = call.context.call.streamID
        do {
            if SystemClock.monotonicNanoseconds() >= call.context.deadlineNanoseconds ?? .max {
                throw Refusal(.deadlineExceeded, "the deadline passed before the call was finished")
            }
            guard try call.work.advance() else { return false }
            call.context.now = reader.now
            try call.work.judgeAgain(call.context)
            try call.work.answer(streamID: streamID, into: &output)
        } catch {
            output.appendResponse(stream: streamID, status: status(of: error, call.context))
        }
        metrics.noteAnswer(to: call.context.method, begunAt: call.context.begunAt)
        return true
    }
}
