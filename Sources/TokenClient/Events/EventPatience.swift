internal import TokenWire

/// How long a stream of events waits for what.
struct EventPatience: Sendable {
    /// For a daemon that has not been there since the stream was begun. With zero or less it is tried once.
    var beginning: Duration
    /// For one that was there before.
    var outage: Duration
    /// For the first message on a connection, which "comes at once": PROTOCOL.md, "Following the events".
    var firstMessage: Duration
    /// For the next message. The daemon says something every `tailSignSeconds`; one sign may be late, two aren't.
    var silence = Duration.seconds(2 * WireLimits.tailSignSeconds)

    init(_ configuration: TokenClient.Configuration, outageTimeout: Duration?) {
        beginning = configuration.connectTimeout
        outage = outageTimeout ?? configuration.connectTimeout
        firstMessage = configuration.callTimeout
    }
}

/// A time in which a stream of events does not reach the daemon: from when it is noticed to the next message.
struct EventOutage {
    private let end: Moment
    /// Whether the daemon has not been there at all. Then there is nothing to tell but that it is given up.
    private let isBeginning: Bool
    private var isTold = false

    /// What a failed attempt leads to.
    enum Consequence {
        case tryAgain
        /// The same, and this is the first that the caller should hear of it.
        case tell
        case giveUp
    }

    init(isBeginning: Bool, _ patience: EventPatience, now: Moment) {
        self.isBeginning = isBeginning
        end = now.adding(isBeginning ? patience.beginning : patience.outage)
    }

    mutating func attemptFailed(now: Moment) -> Consequence {
        if now >= end { return .giveUp }
        if isBeginning || isTold { return .tryAgain }
        isTold = true
        return .tell
    }
}
