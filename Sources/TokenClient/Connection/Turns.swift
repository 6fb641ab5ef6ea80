internal import LinuxIO
internal import TokenWire

/// The right to write to the connection, with the bytes to be written. One thread has it at a time, and no lock.
struct WriteTurn: ~Copyable, Sendable {
    let connection: Connection
    var bytes: WireBuffer
}

/// The right to read from the connection, with what was read of frames that are not whole yet. One thread has it at a
/// time, and no lock. Whoever has it also connects, and waits for the moment when blocked bytes can be written.
struct LeadTurn: ~Copyable, Sendable {
    /// Nil while there is none.
    var connection: Connection?
    var incoming: WireBuffer
    /// A daemon at work answers sooner than a sleeping core wakes.
    var polling: AdaptivePolling
}

/// Who leads: reads for all, and does whatever else has to be waited for.
enum Leader: Equatable {
    case nobody
    /// The thread of this blocking call, until the call ends.
    case call(CallKey)
    /// The thread of the library's own, while suspending calls wait.
    case background
}

/// What the library's own thread is at.
enum BackgroundThread {
    /// Not started, or it has ended.
    case none
    case asleep
    /// At work, or woken and about to look for work.
    case awake
}

/// What a caller does next for its call.
enum Step: ~Copyable, Sendable {
    case write(WriteTurn)
    case lead(LeadTurn)
    /// Sleep until woken, or until the moment. Blocking callers sleep in the parker.
    case wait(until: Moment, Parker?)
    case done(Outcome)
}

/// What the leader does next.
enum LeadStep: ~Copyable, Sendable {
    case connect(LeadTurn)
    /// Nothing until the moment, or until woken.
    case sleep(LeadTurn, until: Moment)
    case write(LeadTurn, WriteTurn)
    /// Wait until there is something to read, or until the moment, or until woken, or until blocked bytes can go on.
    case read(LeadTurn, until: Moment, wantsWrite: Bool)
    /// The turn was taken back.
    case resign
}

/// What the library's own thread does next.
enum BackgroundStep: ~Copyable, Sendable {
    case lead(LeadTurn)
    case sleep
    case exit
}

/// How an attempt to write all of a turn's bytes ended.
enum WriteResult {
    case done
    /// The socket takes no more now; the rest is still in the turn.
    case blocked
    /// The peer is gone, or reads no more.
    case failed
}

/// How an attempt to connect ended.
enum ConnectResult {
    case connected(Connection)
    /// Nobody listens now, which can change by itself: what happened and what to do.
    case notNow(String)
    /// Trying again won't help.
    case refused(TokenError)
}

/// What to do once the lock is released.
struct Effects {
    var unparks: [Parker] = []
    var resumptions: [UnsafeContinuation<Void, Never>] = []
    var wakesLeader = false
    var startsBackground = false
    var wakesBackground = false
    /// Connections that are given up: whoever still waits on one has to notice.
    var dropped: [Connection] = []
}
