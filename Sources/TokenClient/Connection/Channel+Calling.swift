internal import TokenWire

extension Channel {
    /// Appends a call's frame, given a stream id and the nanoseconds that are left.
    typealias Encode = (inout WireBuffer, UInt32, Int64) throws(WireError) -> Void

    /// Makes a call on this thread, which waits for the answer.
    func call(isRepeatable: Bool, deadline: Moment, _ encode: Encode) -> Outcome {
        var now = Moment.now
        let key = withState { $0.open(isSuspending: false, isRepeatable: isRepeatable, deadline: deadline, now: now) }
        while true {
            switch withState({ $0.advance(key, now: now, encode) }) {
            case .done(let outcome): return outcome
            case .write(let turn): write(turn)
            case .lead(let turn): lead(turn)
            case .wait(let moment, let parker): parker?.park(until: moment)
            }
            now = .now
        }
    }

    /// Makes a call in this task, which suspends until the answer is there. Cancelling the task ends it.
    func callSuspending(isRepeatable: Bool, deadline: Moment, _ encode: Encode) async -> Outcome {
        let key = withState { state in
            state.open(isSuspending: true, isRepeatable: isRepeatable, deadline: deadline, now: .now)
        }
        return await withTaskCancellationHandler {
            while true {
                switch withState({ $0.advance(key, now: .now, encode) }) {
                case .done(let outcome): return outcome
                case .write(let turn): write(turn)
                case .lead: preconditionFailure("a suspending call never leads")
                case .wait: await suspend(key)
                }
            }
        } onCancel: {
            withState { $0.cancel(key, now: .now) }
        }
    }

    private func suspend(_ key: CallKey) async {
        await withUnsafeContinuation { continuation in
            if !withState({ $0.suspend(key, continuation) }) { continuation.resume() }
        }
    }
}
