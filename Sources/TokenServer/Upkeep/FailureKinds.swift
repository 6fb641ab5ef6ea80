import LinuxIO
import Synchronization
import TokenWire

/// Which kinds of failed calls the log has told of in this minute, so that a kind is told once, however many there are.
final class FailureKinds: Sendable {
    private struct Kind: Hashable {
        let userID: UInt32
        /// None for a call of no known method.
        let method: Method?
        let reason: ErrorReason
    }

    private struct Minute {
        var number: Int64 = -1
        var kinds: Set<Kind> = []
        var countsByUser: [UInt32: Int] = [:]
    }

    /// More than so many in one minute are not told: many users with many mistakes shall not fill the log.
    private static let kindCountMax = 200
    /// And of one user no more than so many, so that none hides what all others do.
    private static let kindCountOfUserMax = 32
    private static let minuteNanoseconds: Int64 = 60_000_000_000

    private let minute = Mutex(Minute())

    func isFirst(_ userID: UInt32, _ method: Method?, _ reason: ErrorReason) -> Bool {
        let number = SystemClock.monotonicNanoseconds() / Self.minuteNanoseconds
        return minute.withLock { minute in
            if minute.number != number { minute = Minute(number: number) }
            if minute.kinds.count >= Self.kindCountMax { return false }
            let countOfUser = minute.countsByUser[userID, default: 0]
            if countOfUser >= Self.kindCountOfUserMax { return false }
            if !minute.kinds.insert(Kind(userID: userID, method: method, reason: reason)).inserted { return false }
            minute.countsByUser[userID] = countOfUser + 1
            return true
        }
    }
}
