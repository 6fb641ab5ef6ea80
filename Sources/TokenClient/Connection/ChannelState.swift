internal import LinuxIO
internal import TokenWire

/// Everything that the threads and tasks of one client share: a state machine without I/O.
///
/// Each function takes the time, changes the state and says what the caller does next, once the lock is released. What
/// it does to others is gathered in `effects`, to be carried out then too.
///
/// Invariants, when the lock is released:
///  * As long as a call lives somebody leads, or a blocking caller is awake and will, or the background thread is.
///  * A call is in `queue` if and only if its phase is `queued`, and `queue` is in the order in which calls were made.
///  * Streams in flight and calls admitted are at most `streamCountMax` together.
struct ChannelState: ~Copyable {
    let connectTimeout: Duration
    let firstStreamID: UInt32
    let streamCountMax: Int

    var calls = CallTable()
    var queue: [CallKey] = []
    var admittedCount = 0
    var link = Link()
    var leader = Leader.nobody
    /// Until when the leader sleeps if nobody wakes it.
    var leaderSleepsUntil = Moment.distantFuture
    /// The turn to lead; nil while somebody has it. It keeps the bytes of frames that are not whole yet together with
    /// the connection they came from: under another one, where stream ids begin anew, they would be somebody else's.
    var leadTurn: LeadTurn?
    var backoff: Backoff
    /// The background thread, which is started when it is first needed.
    var background = BackgroundThread.none
    private var isRetired = false
    private var effects = Effects()

    init(settings: ChannelSettings, seed: UInt64) {
        connectTimeout = settings.connectTimeout
        firstStreamID = settings.firstStreamID
        streamCountMax = settings.streamCountMax
        leadTurn = LeadTurn(
            connection: nil, incoming: WireBuffer(capacity: Link.bufferByteCount),
            polling: AdaptivePolling(budgetNanoseconds: settings.pollNanoseconds))
        backoff = Backoff(seed: seed)
    }

    /// What has to be done now that the lock is about to be released.
    mutating func takeEffects() -> Effects {
        defer { effects = Effects() }
        return effects
    }

    /// Makes a call. It waits for its turn if others do already.
    mutating func open(isSuspending: Bool, isRepeatable: Bool, deadline: Moment, now: Moment) -> CallKey {
        let key = calls.insert(isSuspending: isSuspending, isRepeatable: isRepeatable, deadline: deadline)
        expectConnection(key, now: now)
        queue.append(key)
        settle(now: now)
        return key
    }

    /// What the caller of `key` does next. `encode` appends its frame, given a stream id and the time left.
    mutating func advance(
        _ key: CallKey, now: Moment, _ encode: (inout WireBuffer, UInt32, Int64) throws(WireError) -> Void
    ) -> Step {
        if calls.records[key.index].isLive, now >= limit(of: key) { end(key, .failed(overdue(key))) }
        if case .admitted = calls.records[key.index].phase { send(key, now: now, encode) }
        if let outcome = calls.take(key) {
            settle(now: now)
            return .done(outcome)
        }
        if let turn = link.takeWriteTurn() { return .write(turn) }
        let isSuspending = calls.records[key.index].isSuspending
        if !isSuspending, let turn = takeLeadTurn(as: .call(key)) { return .lead(turn) }
        let limit = prepareToWait(key, now: now)
        return .wait(until: limit, calls.records[key.index].parker)
    }

    /// Stores what resumes a call that was told to wait. False if it was woken in between: then it goes on at once.
    mutating func suspend(_ key: CallKey, _ continuation: UnsafeContinuation<Void, Never>) -> Bool {
        guard calls.records[key.index].isWaiting else { return false }
        calls.records[key.index].continuation = continuation
        return true
    }

    /// Ends a call because its task was cancelled. Does nothing when it has ended, or its outcome was taken.
    mutating func cancel(_ key: CallKey, now: Moment) {
        guard calls.contains(key), calls.records[key.index].isLive else { return }
        end(key, .failed(.cancelled))
        settle(now: now)
    }

    /// Takes back the turn to write; gives another when more was appended meanwhile.
    mutating func wrote(_ turn: consuming WriteTurn, _ result: WriteResult, now: Moment) -> WriteTurn? {
        let isCurrent = turn.connection === link.connection
        let next = link.wrote(turn, result)
        switch result {
        case .done: break
        case .blocked:
            if leader != .nobody { effects.wakesLeader = true }
        case .failed:
            if isCurrent { requeueUnsent(now: now) }
            settle(now: now)
        }
        return next
    }

    /// The client is gone: no calls will be made any more. Those that live go on.
    mutating func retire() {
        isRetired = true
        if background == .asleep { wakeBackground() }
    }

    /// What the background thread does next.
    mutating func backgroundStep(now: Moment) -> BackgroundStep {
        if calls.suspendingCount > 0, calls.blockingCount == 0, let turn = takeLeadTurn(as: .background) {
            return .lead(turn)
        }
        background = isRetired && calls.suspendingCount == 0 ? .none : .asleep
        let isOver = background == .none
        settle(now: now)
        return isOver ? .exit : .sleep
    }

    /// The background thread can't be started: calls that count on it end.
    mutating func backgroundFailed(_ error: TokenError, now: Moment) {
        background = .none
        for index in calls.records.indices where calls.records[index].isLive && calls.records[index].isSuspending {
            end(calls.key(at: index), .failed(error))
        }
        settle(now: now)
    }
}

extension ChannelState {
    private mutating func takeLeadTurn(as newLeader: Leader) -> LeadTurn? {
        guard leader == .nobody, let turn = leadTurn.take() else { return nil }
        leader = newLeader
        leaderSleepsUntil = .distantFuture
        return turn
    }

    /// Encodes the frame of an admitted call.
    private mutating func send(
        _ key: CallKey, now: Moment, _ encode: (inout WireBuffer, UInt32, Int64) throws(WireError) -> Void
    ) {
        let timeLeft = calls.records[key.index].deadline.nanosecondsLeft(at: now)
        do throws(WireError) {
            let stream = try link.open(key) { (buffer, stream) throws(WireError) in
                try encode(&buffer, stream, timeLeft)
            }
            admittedCount -= 1
            calls.records[key.index].phase = .sent(stream: stream)
        } catch {
            end(key, .failed(.requestTooLarge))
        }
    }

    /// The caller of `key` is about to sleep; returns until when.
    ///
    /// Swift 6.3.1 `-O` copies a `Step` that this would return itself, which a step can't be: it traps.
    private mutating func prepareToWait(_ key: CallKey, now: Moment) -> Moment {
        let limit = limit(of: key)
        calls.records[key.index].isWaiting = true
        if calls.records[key.index].isSuspending {
            // Blocking callers keep their time themselves; that of suspending ones the leader keeps.
            if leader != .nobody, limit < leaderSleepsUntil {
                leaderSleepsUntil = limit
                effects.wakesLeader = true
            }
        } else if calls.records[key.index].parker == nil {
            calls.records[key.index].parker = Parker()
        }
        settle(now: now)
        return limit
    }

    /// Gives the caller of `key` something to do.
    mutating func wake(_ key: CallKey) {
        guard calls.records[key.index].isWaiting else { return }
        calls.records[key.index].isWaiting = false
        if calls.records[key.index].isSuspending {
            guard let continuation = calls.records[key.index].continuation else { return }
            calls.records[key.index].continuation = nil
            effects.resumptions.append(continuation)
        } else if let parker = calls.records[key.index].parker {
            effects.unparks.append(parker)
        }
    }

    mutating func drop(_ connection: Connection) {
        effects.dropped.append(connection)
    }

    mutating func wakeBackground() {
        switch background {
        case .none: effects.startsBackground = true
        case .asleep: effects.wakesBackground = true
        case .awake: return
        }
        background = .awake
    }
}
