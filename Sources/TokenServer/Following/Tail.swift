import TokenCore
import TokenStore

/// A stream of audit events on its way to one peer: whose events, and how far it has come.
struct Tail {
    /// With the peer as it was last judged.
    var context: CallContext
    let filter: EventFilter
    /// Every event up to this one has been sent, or is not asked for.
    var lastSequence: Int64
    /// More is to be read without waiting for a commit: at the beginning, and behind a full message.
    var isBehind = true
    /// CLOCK_MONOTONIC, nanoseconds: when the peer is to hear something even if there is nothing to tell.
    var nextSign: Int64

    /// About how many bytes it holds.
    var heldByteCount: Int { 1_024 + filter.actor.utf8.count + filter.action.utf8.count + filter.target.utf8.count }

    /// The moment at which it is to be looked at, commits aside.
    var dueAt: Int64 { min(nextSign, context.deadlineNanoseconds ?? .max) }
}
