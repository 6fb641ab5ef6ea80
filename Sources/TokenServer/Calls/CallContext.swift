import LinuxIO
import TokenCore
import TokenStore
import TokenWire

/// A call whose envelope has been read: where its answer goes, who asks and for whom, and until when.
struct CallContext: Sendable {
    let call: Call
    let method: Method
    var peer: Peer
    var claim: CallerClaim
    let traceID: String
    let deadlineNanoseconds: Int64?
    /// CLOCK_MONOTONIC.
    let begunAt: Int64
    /// The moment at which what the loop judges is judged: of a stream, that of its next message.
    var now: Instant

    var origin: Origin {
        Origin(
            claim: claim, peerUserID: peer.credentials.userID, peerProcessID: peer.credentials.processID,
            traceID: traceID, deadlineNanoseconds: deadlineNanoseconds, reach: peer.power.reach)
    }
}

/// Names one call in the answer, the log and the audit: 64 random bits in hexadecimal.
enum TraceID {
    static func make() -> String {
        let digits = String(Randomness.word(), radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
