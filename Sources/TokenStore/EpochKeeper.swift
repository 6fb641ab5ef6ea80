import LinuxIO
import Synchronization

/// The store's epoch page, and the thread that renews its lease for as long as the store is open.
///
/// A clean end leaves the lease as it is: nothing changes while nobody has the store, so what clients keep is good until
/// the next daemon moves every epoch on.
final class EpochKeeper: Sendable {
    let page: EpochPage
    /// CLOCK_BOOTTIME in nanoseconds. Until then clients may believe a page that is lost: no change that narrows anything
    /// is committed before.
    let narrowsFrom: Int64
    private let waker: BlockingWaker
    private let isEnding = Atomic(false)
    private let thread = Mutex<PosixThread?>(nil)

    /// The page is lost when clients may have another one than this.
    init(_ page: EpochPage, isPageLost: Bool) throws(SystemError) {
        self.page = page
        narrowsFrom = isPageLost ? SystemClock.boottimeNanoseconds() + page.leaseNanoseconds : 0
        waker = try BlockingWaker()
    }

    func start() throws(SystemError) {
        page.renewLease()
        try thread.withLock { (thread) throws(SystemError) in
            thread = try PosixThread(name: "tokend-lease") { self.run() }
        }
    }

    private func run() {
        let interval = Int32(clamping: page.leaseNanoseconds / EpochLayout.renewalsPerLease / 1_000_000)
        while !isEnding.load(ordering: .acquiring) {
            if !waker.wait(atMostMilliseconds: interval) { page.renewLease() }
        }
    }

    func end() {
        isEnding.store(true, ordering: .releasing)
        waker.wake()
        thread.withLock { $0.take() }?.join()
    }
}

extension SQLiteConnection {
    /// The id of the page that clients were last told of.
    func rememberedPageID() throws(SQLiteError) -> [UInt8]? {
        let statement = try statement("SELECT page_id FROM store")
        guard try statement.step() else { return nil }
        defer { statement.reset() }
        return statement.isNull(0) ? nil : statement.blob(0)
    }

    /// Before any client is told of it.
    func remember(pageID: [UInt8]) throws(SQLiteError) {
        let statement = try statement("UPDATE store SET page_id = ?1")
        statement.bind(1, pageID)
        try statement.run()
    }
}
