internal import LinuxIO
internal import TokenWire

/// The one connection of a client, shared by all its calls.
///
/// A blocking caller writes its frame and then reads until its answer is there, giving others theirs: a caller that is
/// alone makes one system call to send and one to receive. Whoever comes while somebody reads sleeps until it is given
/// its answer, or until it has to go on reading. A thread of the channel's own reads while suspending calls wait and no
/// blocking caller is there.
///
/// Frames are appended under the lock, and whoever finds nobody writing sends all there is; no lock is held across a
/// system call. Who may write or read is told by a turn, which is a value that only one thread has.
final class Channel: Sendable {
    let settings: ChannelSettings
    private let state: Locked<ChannelState>
    /// Gets the leader out of poll(2).
    let waker: Waker
    private let backgroundParker = Parker()

    init(_ settings: ChannelSettings) throws(TokenError) {
        self.settings = settings
        state = Locked(ChannelState(settings: settings, seed: Randomness.word()))
        do throws(SystemError) {
            waker = try Waker()
        } catch {
            throw .connectionFailed("\(error); close descriptors or raise the limit (ulimit -n)")
        }
    }

    deinit {
        // A forked child may hold the connection open, and the daemon shall see its end all the same.
        state.withLock { $0.link.connection }?.shutDown()
    }

    /// Lets the background thread end after the last call, and with it the channel.
    func retire() {
        withState { $0.retire() }
    }

    /// Changes the state, and does what follows from it once the lock is released.
    func withState<Result: ~Copyable & Sendable>(_ body: (inout ChannelState) -> Result) -> Result {
        var effects = Effects()
        let result = state.withLock { state in
            let result = body(&state)
            effects = state.takeEffects()
            assert(state.brokenInvariant() == nil, state.brokenInvariant() ?? "")
            return result
        }
        perform(effects)
        return result
    }

    /// Changes the state with a turn that is handed back.
    func withState<Turn: ~Copyable, Result: ~Copyable & Sendable>(
        _ turn: consuming Turn, _ body: (inout ChannelState, consuming Turn) -> Result
    ) -> Result {
        var turn: Turn? = consume turn
        return withState { state in
            guard let turn = turn.take() else { preconditionFailure("a turn is handed back once") }
            return body(&state, turn)
        }
    }

    private func perform(_ effects: Effects) {
        for parker in effects.unparks { parker.wake() }
        for continuation in effects.resumptions { continuation.resume() }
        for connection in effects.dropped { connection.shutDown() }
        if effects.wakesLeader { waker.wake() }
        if effects.wakesBackground { backgroundParker.wake() }
        if effects.startsBackground { startBackground() }
    }

    /// Sends a turn's bytes, and what is appended meanwhile.
    func write(_ first: consuming WriteTurn) {
        var next: WriteTurn? = consume first
        while var turn = next.take() {
            let result = turn.connection.send(&turn.bytes)
            next = withState(turn) { $0.wrote($1, result, now: .now) }
        }
    }
}

extension Channel {
    private func startBackground() {
        do throws(SystemError) {
            _ = try PosixThread(name: "tokend-client") { self.runBackground() }
        } catch {
            let failure = TokenError.connectionFailed("\(error); an async call needs a thread of the library's own")
            withState { $0.backgroundFailed(failure, now: .now) }
        }
    }

    private func runBackground() {
        // Signals are for the program's own threads.
        blockAllSignals()
        while true {
            switch withState({ $0.backgroundStep(now: .now) }) {
            case .lead(let turn): lead(turn)
            case .sleep: backgroundParker.park(until: .distantFuture)
            case .exit: return
            }
        }
    }
}
