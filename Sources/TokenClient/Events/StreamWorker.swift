internal import LinuxIO

/// What a stream's elements come from. One thread at a time uses it; `interrupter` alone may be used by any.
protocol StreamSource: AnyObject, SendableMetatype {
    associatedtype Element: Sendable

    /// An element that is here already.
    func take() -> Element?
    /// Waits until at least one more is here; false when the stream has ended.
    func fill() throws(TokenError) -> Bool
    /// Ends the wait of whoever is in `fill`, with `cancelled`, now and for ever.
    var interrupter: Interruption { get }
}

/// Waits for a task's elements on a thread of its own, so that no thread of the pool does. A thread lives for one wait, which
/// brings many of them: an iterator that is dropped leaves nothing behind.
///
/// The source changes hands: the thread has it from when an element is waited for until it has answered, and the task has it
/// otherwise.
final class StreamWorker<Source: StreamSource>: @unchecked Sendable {
    // Sound: `source` is touched by the thread only between the start of a wait and its answer, and by the one task that
    // iterates only outside of that; starting a thread and resuming a continuation order what both did.
    let source: Source
    private let interrupter: Interruption

    init(_ source: Source) {
        self.source = source
        interrupter = source.interrupter
    }

    /// Nil at the end of the stream.
    func next() async throws(TokenError) -> Source.Element? {
        while true {
            if Task.isCancelled { throw .cancelled }
            if let element = source.take() { return element }
            let result = await withTaskCancellationHandler {
                await withCheckedContinuation { fill($0) }
            } onCancel: {
                interrupter.raise()
            }
            if try !result.get() { return nil }
        }
    }

    private func fill(_ continuation: CheckedContinuation<Result<Bool, TokenError>, Never>) {
        do throws(SystemError) {
            _ = try PosixThread(name: "tokend-stream") { [self] in
                // Signals are for the program's own threads.
                blockAllSignals()
                continuation.resume(returning: fill())
            }
        } catch {
            let failure = TokenError.connectionFailed("\(error); an async stream needs a thread of the library's own")
            continuation.resume(returning: .failure(failure))
        }
    }

    private func fill() -> Result<Bool, TokenError> {
        do throws(TokenError) {
            return .success(try source.fill())
        } catch {
            return .failure(error)
        }
    }
}
