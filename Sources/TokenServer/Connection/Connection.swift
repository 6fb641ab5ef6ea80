import LinuxIO
import TokenWire

/// One accepted socket with what is known of it. It belongs to its loop's thread.
///
/// Bytes are kept here only between turns: those of a frame that is not whole yet, and replies that the peer has not
/// taken. An idle connection holds no buffer.
final class Connection {
    /// Never used twice by a loop, unlike the descriptor.
    let registration: UInt64
    let descriptor: FileDescriptor
    /// Judged again before each call.
    var peer: Peer
    /// Where the bytes count that are kept here, and how many do.
    let share: BufferBudget.Share
    var keptByteCount = 0
    /// Where the loop counts the requests of the peer's user.
    var userPlace = 0
    var machine = ConnectionMachine()
    /// Received and not yet answered, from a frame's first byte on.
    var input = WireBuffer(capacity: 0)
    /// Replies that the socket did not take.
    var output = WireBuffer(capacity: 0)
    var deadlines: Deadlines
    /// What the poller watches for.
    var interest: Poller.Interest = .arrivals
    /// There may be more to read, of which the poller has told already.
    var hasMoreToRead = false
    /// What has yet to come of the body of a frame that is not for us; none between frames. It is never kept.
    var skippedByteCount: Int?
    /// The peer sends no more.
    var hasInputEnded = false
    /// Begun, and worked on in slices: the first of them, and then the next.
    var slicedCalls: [SlicedCall] = []
    /// About how many bytes they hold.
    var slicedByteCount = 0
    /// About how many bytes its streams of events hold.
    var tailByteCount = 0
    /// It is in the loop's round of those with such calls.
    var isInRound = false
    /// The copy of the store that is being sent to the peer.
    var backup: BackupTransfer?
    /// No further frame is taken; the connection ends once calls in flight are answered and their replies taken.
    var isClosing = false
    /// Calls in flight get no answer any more: one of their streams was answered with an error already.
    var abandonsCalls = false
    /// The socket failed: nothing can be told to the peer.
    var isBroken = false
    /// It is owed nothing and owes nothing, no deadline of it runs, and it is read: as between two calls. Found out at the
    /// end of each turn that is not plain, so that the next may be.
    var isPlain = false
    /// It is in the loop's list of those with whole frames that wait for their turn.
    var isAwaitingTurn = false
    /// Since when frames that have been read wait for their turn, by CLOCK_MONOTONIC; nil while none do.
    var waitingSince: Int64?

    init(
        registration: UInt64, descriptor: consuming FileDescriptor, peer: Peer, share: BufferBudget.Share,
        _ timeouts: Timeouts, now: Int64
    ) {
        self.registration = registration
        self.descriptor = descriptor
        self.peer = peer
        self.share = share
        deadlines = Deadlines(timeouts, acceptedAt: now)
    }

    /// Calls wait to be answered, or replies for the peer, in a number past which nothing more is read.
    var isHeldBack: Bool { machine.isFull || keptReplyByteCount > ServerLimits.queuedReplyByteCountMax }

    /// Replies that wait for the peer, and what has been made of replies to come.
    var keptReplyByteCount: Int { output.count + slicedByteCount }

    /// So many replies wait for the peer that none is made for it before it has read some.
    var owesReading: Bool { output.count > ServerLimits.queuedReplyByteCountMax }

    /// Nothing is left over of a frame or of replies.
    var isBetweenFrames: Bool {
        input.isEmpty && output.isEmpty && skippedByteCount == nil && !isAwaitingTurn && !deadlines.isArmed
    }

    /// Nothing is left to do for it.
    var isFinished: Bool {
        let owesNothing = output.isEmpty && (abandonsCalls || !machine.hasCallsInFlight)
        return isBroken || (isClosing || hasInputEnded) && owesNothing
    }
}

/// Until when a peer must have done something, in nanoseconds of CLOCK_MONOTONIC.
struct Deadlines {
    private let timeouts: Timeouts
    private var firstFrame: Int64
    private var frame = Int64.max
    private var write = Int64.max

    init(_ timeouts: Timeouts, acceptedAt now: Int64) {
        self.timeouts = timeouts
        firstFrame = now + timeouts.firstFrame.nanoseconds
    }

    var earliest: Int64 { min(firstFrame, frame, write) }
    var isArmed: Bool { earliest != .max }

    mutating func frameArrived() {
        firstFrame = .max
        frame = .max
    }

    /// Some bytes of a frame are there, and more must come.
    mutating func frameIsPartial(now: Int64) {
        if frame == .max { frame = now + timeouts.frame.nanoseconds }
    }

    /// Calls of the connection hold back its reading: what is not read is not late.
    mutating func readingIsHeldBack() {
        frame = .max
    }

    /// Replies wait for the peer. More of them give it no more time: it could have them for ever without reading any.
    mutating func repliesWait(now: Int64) {
        if write == .max { write = now + timeouts.writeStall.nanoseconds }
    }

    /// The peer took some replies, and has the whole time again for those that are left.
    mutating func repliesWereTaken() {
        write = .max
    }
}
