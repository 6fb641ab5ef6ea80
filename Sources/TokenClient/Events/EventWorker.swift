internal import LinuxIO

/// Waits for a task's events on a thread of its own, so that no thread of the pool does. A thread lives for one wait, which
/// brings up to a hundred events: an iterator that is dropped leaves nothing behind.
///
/// The tail changes hands: the thread has it from when an event is waited for until it has answered, and the task has it
/// otherwise.
final class EventWorker: @unchecked Sendable {
    // Sound: `tail` is touched by the thread only between the start of a wait and its answer, and by the one task that
    // iterates only outside of that; starting a thread and resuming a continuation order what both did.
    private let tail: EventTail
    private let interruption: Interruption

    init(_ tail: EventTail) {
        self.tail = tail
        interruption = tail.interrupter
    }

    var lastSequence: UInt64? { tail.lastSequence }

    func next() async throws(TokenError) -> AuditEvent? {
        while true {
            if Task.isCancelled { throw .cancelled }
            if let event = tail.takeEvent() { return event }
            let result = await withTaskCancellationHandler {
                await withCheckedContinuation { fill($0) }
            } onCancel: {
                interruption.raise()
            }
            try result.get()
        }
    }

    private func fill(_ continuation: CheckedContinuation<Result<Void, TokenError>, Never>) {
        do throws(SystemError) {
            _ = try PosixThread(name: "tokend-events") { [self] in
                // Signals are for the program's own threads.
                blockAllSignals()
                continuation.resume(returning: fill())
            }
        } catch {
            let failure = TokenError.connectionFailed("\(error); an async stream needs a thread of the library's own")
            continuation.resume(returning: .failure(failure))
        }
    }

    private func fill() -> Result<Void, TokenError> {
        do throws(TokenError) {
            return .success(try tail.fill())
        } catch {
            return .failure(error)
        }
    }
}
