import LinuxIO
import TokenCore
import TokenStore
import TokenWire

/// One thread with its own epoll, its own connections and its own connection to the store.
///
/// A turn: wait, then for each ready connection read once, answer every whole frame that came, write once. No system call
/// but these, and no lock, lies between the read and the reply of a verification.
final class EventLoop {
    let poller: Poller
    let inbox: LoopInbox
    let listeners: SocketPair
    let admission: Admission
    let dispatcher: Dispatcher
    // The dispatcher's, at hand here: what is reached by way of another object is retained for each use.
    let reader: StoreReader
    let cache: VerificationCache
    let metrics: LoopMetrics
    let timeouts: Timeouts
    var polling: AdaptivePolling
    var connections = ConnectionTable()
    /// With whole frames left over from their last turn, or postponed for others.
    var awaitingTurn: [Connection] = []
    /// Whether that list has any: a word, which is cheaper to ask than a list.
    var hasTurnsToGive = false
    /// Answers of the writer that have yet to be written, from `nextReply` on.
    var replies: [LoopInbox.Reply?] = []
    var nextReply = 0
    var hasRepliesToGive = false
    var reserve = ReserveDescriptor()
    /// Sockets that nothing is accepted from before the next sweep.
    var pausedListeners: [SocketKind] = []
    var ending = LoopInbox.Ending.running
    var drainDeadline = Int64.max
    var hasArmedDeadlines = false
    var nextSweep: Int64 = 0
    /// Calls that wait for the writer, of all connections, those that are gone too.
    var callInFlightCount = 0
    /// So much has been freed that the allocator is to give it back, as soon as nothing is in flight.
    var owesMemory = false
    var nextTrim: Int64 = 0
    /// Where the walk over the uses of tokens goes on; none while there is no walk.
    var usePosition: UInt64?
    /// Connections with calls that are worked on in slices, and who of them has the next.
    var round: [Connection] = []
    var nextInRound = 0
    /// Whether there are any.
    var hasSlices = false
    /// In this turn streams of events come first, in the next those calls.
    var areTailsFirst = false
    /// Streams of events, of all connections, those in front that have had their turn in the round that goes on.
    var tails: [Tail] = []
    var hasTails = false
    /// How many have had it; none between rounds.
    var servedTailCount = 0
    /// Some stream may have something to say before `nextTailMoment`.
    var hasTailsToServe = false
    var nextTailMoment = Int64.max

    enum Registration {
        static let inbox: UInt64 = 0
        static let serviceListener: UInt64 = 1
        static let operatorListener: UInt64 = 2
    }

    init(
        inbox: LoopInbox, listeners: SocketPair, admission: Admission, dispatcher: Dispatcher, timeouts: Timeouts,
        pollNanoseconds: Int64
    ) throws(SystemError) {
        polling = AdaptivePolling(budgetNanoseconds: Processors.isOnlyOne ? 0 : pollNanoseconds)
        poller = try Poller()
        self.inbox = inbox
        self.listeners = listeners
        self.admission = admission
        self.dispatcher = dispatcher
        reader = dispatcher.reader
        cache = dispatcher.cache
        metrics = dispatcher.metrics
        self.timeouts = timeouts
        try poller.add(inbox.pollableDescriptor, .read, registration: Registration.inbox)
        try listen(on: .service)
        try listen(on: .operator)
    }

    /// Turns until it was asked to end and nothing is left to do.
    func run() throws(SystemError) {
        // Not a property: the compiler sees here that nobody else uses them meanwhile, and asks no more at run time.
        var buffers = TurnBuffersPair()
        while !isDone {
            let count = try wait()
            dispatcher.slicedNanoseconds = 0
            // First some of those that waited: whoever had a turn and waits for the next is behind them.
            takeTurns(&buffers.answered)
            handleEvents(count, &buffers)
            giveReplies()
            takeSlices()
            tellUses()
            sweepIfDue()
        }
        handOverLastUses()
        for connection in connections.all { close(connection) }
    }

    var isDone: Bool {
        switch ending {
        case .running: false
        case .draining: connections.isEmpty
        case .stopping: true
        }
    }
}
