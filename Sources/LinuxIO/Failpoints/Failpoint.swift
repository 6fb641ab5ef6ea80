/// Points of a change and of a verification at which a test kills the process or holds it up.
///
/// Debug builds have them, and there one environment variable switches them on, which is read once:
///
///     TOKEND_FAILPOINTS=afterOdd=wait:3,afterCommit=kill:12,loopTagsAtStoreTime,lease=500
///
/// `wait:N` holds the thread up for N milliseconds each time it passes, `kill:N` ends the process by SIGKILL at the Nth time,
/// the name of a `Mistake` makes it, and `lease=N` is the term of the epoch page's lease in milliseconds. In a release build
/// nothing of all this is left.
public enum Failpoint: String, CaseIterable, Sendable {
    // In the writer, one after the other.
    case beforeOdd
    case afterOdd
    case afterCommit
    case afterMark
    case afterEven
    /// Before each answer of a group of changes that were committed together.
    case beforeReply
    case afterReply
    /// Between an answer and its keeping, in the daemon's loop and in a client's verifier.
    case loopBeforeKeeping
    case verifierBeforeKeeping
    // After each step of a restoration, one after the other.
    case restoreCopied
    case restoreCompleted
    case restorePageMarked
    case restoreOldKept
    case restoreReplaced
    case restoreMarkWritten
    /// Before the COMMIT of each migration of the store's schema.
    case beforeMigrationCommit

    /// Does here what is asked for.
    public func pass() {
        #if DEBUG
            FailpointSettings.current.pass(self)
        #endif
    }

    /// The term of the page's lease, where a test can't wait for the usual one.
    package static var leaseNanoseconds: Int64? {
        #if DEBUG
            FailpointSettings.current.leaseNanoseconds
        #else
            nil
        #endif
    }
}

/// Mistakes in the order of steps that a test builds in, to see that it would find them. Each breaks the promise of the epoch
/// page; `Tests/Models/epochs.pml` has them too, and tells how.
public enum Mistake: String, CaseIterable, Sendable {
    case moveOnlyBefore
    case moveOnlyAfter
    case answerBeforeMoving
    case loopTagsAtStoreTime
    case verifierTagsAtStoreTime
    case loopKeepsUnderAnOddEpoch
    case verifierKeepsUnderAnOddEpoch
    /// Behind a lost page.
    case commitWithoutWaiting
    case restartWithoutMoving

    /// Whether a test has built it in.
    public var isMade: Bool {
        #if DEBUG
            FailpointSettings.current.mistakes.contains(self)
        #else
            false
        #endif
    }
}
