import TokenWire

/// How long a peer may take, and a stop. The protocol's times; a test has shorter ones.
package struct Timeouts: Sendable {
    /// From accept to the end of the first frame.
    package var firstFrame = Duration.seconds(WireLimits.firstFrameTimeoutSeconds)
    /// From a frame's first byte to its last.
    package var frame = Duration.seconds(WireLimits.frameTimeoutSeconds)
    /// Between two times that the peer takes some of the replies that wait for it.
    package var writeStall = Duration.seconds(WireLimits.writeStallTimeoutSeconds)
    /// How long a stop waits for calls in flight and for replies to be taken.
    package var drain = Duration.seconds(ServerLimits.drainSeconds)
    /// A stream of events says something at least so often.
    package var tailSign = Duration.seconds(WireLimits.tailSignSeconds)
    /// How often the store hears of tokens that were used and of calls that were refused.
    package var upkeep = Duration.seconds(ServerLimits.upkeepSeconds)
    /// How often it is looked whether clients still find the sockets and the page.
    package var look = Duration.seconds(ServerLimits.lookSeconds)
    /// How often the service manager hears figures.
    package var status = Duration.seconds(ServerLimits.statusSeconds)

    package init() {}
}

extension Duration {
    /// For deadlines on a clock that counts nanoseconds.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
