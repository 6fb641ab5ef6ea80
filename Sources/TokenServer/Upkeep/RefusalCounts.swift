import Synchronization
import TokenCore
import TokenStore

/// Refusals since the store last heard of them, counted by peer, method, reason and minute.
final class RefusalCounts: Sendable {
    private struct Key: Hashable {
        let peerUserID: UInt32
        let method: String
        let reason: String
        let minute: Int64
    }

    private struct Tally {
        var count: UInt64 = 0
        /// Of the first.
        let traceID: String
    }

    /// Kinds of refusals remembered at once. Uids, methods and reasons are few; whoever makes many is not helped by it.
    private static let keyCountMax = 10_000
    private static let minuteMicroseconds: Int64 = 60_000_000

    private let counts = Mutex<[Key: Tally]>([:])

    /// Counts a refusal; true for the first of its kind in this minute.
    func note(peerUserID: UInt32, method: String, reason: String, traceID: String, at now: Instant) -> Bool {
        let key = Key(
            peerUserID: peerUserID, method: method, reason: reason,
            minute: now.microseconds / Self.minuteMicroseconds)
        return counts.withLock { counts in
            if counts[key] == nil && counts.count >= Self.keyCountMax { return false }
            counts[key, default: Tally(traceID: traceID)].count += 1
            return counts[key]?.count == 1
        }
    }

    /// Counts again what was taken and could not be recorded.
    func putBack(_ taken: [RecordRefusals.Count]) {
        counts.withLock { counts in
            for count in taken {
                let key = Key(
                    peerUserID: count.peerUserID, method: count.method, reason: count.reason,
                    minute: count.minute.microseconds / Self.minuteMicroseconds)
                if counts[key] == nil && counts.count >= Self.keyCountMax { continue }
                // What was taken was there before what has come since.
                counts[key] = Tally(count: count.count &+ (counts[key]?.count ?? 0), traceID: count.traceID)
            }
        }
    }

    /// The counts of minutes that are over at `now`, or all of them; they are forgotten here.
    func take(before now: Instant?) -> [RecordRefusals.Count] {
        let currentMinute = now.map { $0.microseconds / Self.minuteMicroseconds } ?? .max
        let taken = counts.withLock { counts in
            let taken = counts.filter { $0.key.minute < currentMinute }
            counts = counts.filter { $0.key.minute >= currentMinute }
            return taken
        }
        return taken.sorted { ($0.key.minute, $0.key.method) < ($1.key.minute, $1.key.method) }.map { key, tally in
            RecordRefusals.Count(
                peerUserID: key.peerUserID, method: key.method, reason: key.reason,
                minute: Instant(microseconds: key.minute * Self.minuteMicroseconds), count: tally.count,
                traceID: tally.traceID)
        }
    }
}
