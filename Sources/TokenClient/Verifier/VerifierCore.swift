internal import LinuxIO
internal import Synchronization

/// All that a verifier has, in one process.
///
/// What it may believe of the epoch page is told by three words. `pageAddress` is that of the mapped page, zero when there is
/// none to be trusted; `instance` the daemon's instance that the page was adopted under; `adoption` a number that rises with
/// each change of the two. The order of a change is: `pageAddress` to zero → `adoption` → all slots emptied → `instance` →
/// `pageAddress`. A thread that has read half of it finds an instance that isn't the page's, or no page, and asks the daemon.
/// One that goes on with the old page may find an entry that was kept under the new one: the daemon said `VALID` after that
/// thread began, so the answer is right for it.
final class VerifierCore: Sendable {
    let client: TokenClient
    let table: EntryTable
    let names = ScopeNames()
    let counters = VerifierCounters()

    let pageAddress = Atomic<UInt>(0)
    let instance = Atomic<UInt64>(0)
    let adoption = Atomic<UInt64>(0)

    let state: Locked<VerifierState>
    /// For the thread that reports usage.
    let waker: BlockingWaker
    let isRetired = Atomic(false)

    init(client: TokenClient, entryCountMax: Int) throws(SystemError) {
        self.client = client
        table = try EntryTable(slotCountMin: entryCountMax)
        waker = try BlockingWaker()
        state = Locked(VerifierState(usageCountMax: max(table.slotCount, VerifierState.usageCountMin)))
    }

    /// Another one of the same kind, for another process.
    func makeAnother() throws(SystemError) -> VerifierCore {
        try VerifierCore(client: client, entryCountMax: table.slotCount)
    }
}

/// What changes under the lock. Whoever holds it is the one writer of the table and of the names of scopes.
struct VerifierState: Sendable {
    /// A page stays mapped once it was adopted, because a thread may still read it; so their number is limited.
    static let pageCountMax = 256
    /// How long to leave the daemon alone about its page.
    static let attemptIntervalNanoseconds: Int64 = 1_000_000_000

    /// Room for uses not reported yet, of tokens that have left the table.
    static let usageCountMin = 4_096

    /// All that were adopted; the one in use, if there is one, is the last.
    var pages: [EpochMemory] = []
    /// Why the last attempt to find the page failed; nil if it didn't.
    var attemptProblem: String? = "it was not asked for yet"
    var isAttempting = false
    /// CLOCK_BOOTTIME in nanoseconds.
    var nextAttempt: Int64 = 0

    var ledger: UsageLedger
    var hasReporter = false
    /// A report is under way: what it has yet to tell is in its hands.
    var isReporting = false

    init(usageCountMax: Int) {
        ledger = UsageLedger(countMax: usageCountMax)
    }
}

/// Counts of what was not answered by a plain hit; hits are counted in their entries.
struct VerifierCounters: ~Copyable, Sendable {
    let refusals = Atomic<UInt64>(0)
    let misses = Atomic<UInt64>(0)
    let fresh = Atomic<UInt64>(0)
    let withoutPage = Atomic<UInt64>(0)
    let leaseOver = Atomic<UInt64>(0)
    let restarted = Atomic<UInt64>(0)

    func count(_ reason: AskReason) {
        switch reason {
        case .notKept: misses.add(1, ordering: .relaxed)
        case .withoutPage: withoutPage.add(1, ordering: .relaxed)
        case .leaseOver: leaseOver.add(1, ordering: .relaxed)
        case .restarted: restarted.add(1, ordering: .relaxed)
        }
    }
}

/// Why the daemon has to be asked.
enum AskReason: Error, Equatable {
    /// Nothing that is good now is kept for the secret.
    case notKept
    case withoutPage
    /// The page's lease is over: the daemon may be gone, or have another page.
    case leaseOver
    /// Another instance of the daemon serves than the one the page was adopted under.
    case restarted
}
