import LinuxIO
import Synchronization
import TokenCore
import TokenStore

/// A loop's thread. What the loop owns is made on it and never leaves it.
final class LoopThread: Sendable {
    private let inbox: LoopInbox
    private let thread: Mutex<PosixThread?>

    init(
        number: Int, inbox: LoopInbox, sockets: SocketPair, facts: DaemonFacts, store: Store, prefixes: TokenPrefixes,
        reloader: Reloader, backups: Backups, cacheByteCount: Int, pollNanoseconds: Int64, timeouts: Timeouts,
        starts: LoopStarts, whenFailed: @escaping @Sendable (String) -> Void
    ) throws(SystemError) {
        self.inbox = inbox
        thread = Mutex(
            try PosixThread(name: "tokend-loop-\(number)") {
                let loop: EventLoop
                do {
                    let dispatcher = try Dispatcher(
                        store: store, facts: facts, prefixes: prefixes, reloader: reloader, backups: backups,
                        inbox: inbox, cacheByteCount: cacheByteCount)
                    loop = try EventLoop(
                        inbox: inbox, listeners: sockets, admission: facts.admission, dispatcher: dispatcher,
                        timeouts: timeouts, pollNanoseconds: pollNanoseconds)
                } catch {
                    return starts.note(.failure(error))
                }
                starts.note(.success(()))
                do throws(SystemError) {
                    try loop.run()
                } catch {
                    // Half of a daemon is worse than none: supervision restarts it.
                    whenFailed("\(error)")
                }
            })
    }

    func join() {
        thread.withLock { $0.take() }?.join()
    }

    /// At once, and waits for it.
    func end() {
        inbox.end(.stopping)
        join()
    }
}

/// Which of the loops have begun to serve: nobody is told that the daemon does before all of them have.
final class LoopStarts: Sendable {
    private struct State {
        var missingCount: Int
        var failure: (any Error)?
    }

    private let state: Mutex<State>
    private let waker: BlockingWaker

    init(count: Int) throws(SystemError) {
        state = Mutex(State(missingCount: count))
        waker = try BlockingWaker()
    }

    func note(_ result: Result<Void, any Error>) {
        state.withLock { state in
            state.missingCount -= 1
            if case .failure(let error) = result { state.failure = state.failure ?? error }
        }
        waker.wake()
    }

    /// Throws what the first met that could not.
    func wait() throws {
        while true {
            let (isOver, failure) = state.withLock { ($0.missingCount == 0, $0.failure) }
            if let failure { throw failure }
            if isOver { return }
            waker.wait()
        }
    }
}
