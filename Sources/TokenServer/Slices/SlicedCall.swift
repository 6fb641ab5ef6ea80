import LinuxIO
import TokenCore
import TokenStore
import TokenWire

/// What a call asks for that may take long: it is done in slices, between which the loop sees to others.
protocol SlicedWork {
    /// Does as much as may be done at once, some 300 µs, for the peer as it was last judged. True when nothing is left to
    /// do but to answer.
    mutating func advance(_ context: CallContext) throws -> Bool
    /// Whether the caller may still have the answer, of work that was not done in one slice. Throws if not: what was read
    /// in a later slice is not for who has lost the right to it meanwhile.
    func judgeAgain(_ context: CallContext) throws
    /// Encodes the answer, once nothing is left to do.
    func answer(streamID: UInt32, into output: inout WireBuffer) throws
    /// About how many bytes it holds between two slices.
    var heldByteCount: Int { get }
    /// Whether a deadline that passes now still ends it: not once it has changed something.
    var mayEndUnfinished: Bool { get }
}

extension SlicedWork {
    func judgeAgain(_ context: CallContext) throws {}
    var mayEndUnfinished: Bool { true }
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
        var work = work
        guard try work.advance(context) else { return .continued(SlicedCall(context: context, work: work)) }
        try work.answer(streamID: context.call.streamID, into: &output)
        return .answeredAtLength
    }

    /// Does the next slice, if the peer still may have the call. True when the call has its answer.
    func advance(_ call: inout SlicedCall, into output: inout WireBuffer) -> Bool {
        let streamID = call.context.call.streamID
        do {
            if call.work.mayEndUnfinished,
                SystemClock.monotonicNanoseconds() >= call.context.deadlineNanoseconds ?? .max
            {
                throw Refusal(.deadlineExceeded, "the deadline passed before the call was finished")
            }
            try call.context.peer.check(call.context.method)
            try call.context.peer.check(call.context.claim)
            guard try call.work.advance(call.context) else { return false }
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
