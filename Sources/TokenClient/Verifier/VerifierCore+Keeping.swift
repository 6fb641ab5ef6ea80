internal import LinuxIO
internal import Synchronization

/// What was loaded before the daemon was asked, and without which its answer must not be kept.
struct KeepingTicket: Sendable {
    let key: EntryKey
    let adoption: UInt64
    let epoch: UInt64
}

/// Keeping answers.
///
/// The rule of the epoch page: the epoch is loaded **before** the call, and the answer is kept under that number, if it is
/// even. Whatever changes the token moves the epoch before it commits, so an answer from before the change is kept under a
/// number that has passed. An epoch loaded after the call could be that of the change already, and the answer older.
extension VerifierCore {
    /// Nil when no answer could be kept: there is no page to believe, or a change is being committed.
    func ticket(_ key: EntryKey) -> KeepingTicket? {
        // In the reverse order of the one in which an adoption stores.
        let adoption = adoption.load(ordering: .acquiring)
        guard let page = try? trustedPage(bootTime: UInt64(SystemClock.boottimeNanoseconds())) else { return nil }
        let epoch = page.epoch(key.shard)
        return epoch % 2 == 0 || Mistake.verifierKeepsUnderAnOddEpoch.isMade
            ? KeepingTicket(key: key, adoption: adoption, epoch: epoch) : nil
    }

    /// Keeps the daemon's unconditional answer, if it may be kept.
    func keep(_ verification: Verification, _ ticket: KeepingTicket) {
        guard verification.outcome == .valid, verification.tokenID != nil, let death = Death(verification.expiresAt)
        else { return }
        Failpoint.verifierBeforeKeeping.pass()
        let ticket = Mistake.verifierTagsAtStoreTime.isMade ? self.ticket(ticket.key) ?? ticket : ticket
        let workspace = PackedWorkspace(verification.workspaceID ?? "")
        let isFull = state.withLock { state in
            guard isCurrent(ticket), let scopes = bits(of: verification.scopes) else { return false }
            let entry = Entry(
                epoch: ticket.epoch, diesAtBoot: death.bootTime, diesAtWall: death.wallTime, scopes: scopes,
                workspace: workspace, answer: verification.facts)
            if let usage = table.insert(entry, ticket.key, second: death.now / 1_000_000_000) {
                state.ledger.add(usage)
            }
            return state.ledger.isFull
        }
        startReporter()
        if isFull { waker.wake() }
    }

    /// Whether nothing has changed since the ticket. If it has, the entry would never be used; it would only take the place
    /// of one that is. With the lock, so that the page can't be another one when the entry is stored.
    private func isCurrent(_ ticket: KeepingTicket) -> Bool {
        guard adoption.load(ordering: .acquiring) == ticket.adoption,
            let page = EpochView(address: pageAddress.load(ordering: .acquiring))
        else { return false }
        return page.instance == instance.load(ordering: .acquiring) && page.epoch(ticket.key.shard) == ticket.epoch
    }

    /// Nil when there are more scopes than there are numbers.
    private func bits(of scopes: [String]) -> ScopeBits? {
        var bits = ScopeBits()
        for scope in scopes {
            guard let number = names.numberAdding(scope) else { return nil }
            bits.insert(number)
        }
        return bits
    }
}

/// When a secret dies by itself, by two clocks: the wall clock can be set back, and CLOCK_BOOTTIME can't; and when it is set
/// forward the secret dies at once.
struct Death {
    let bootTime: UInt64
    let wallTime: Int64
    /// CLOCK_BOOTTIME when this was made.
    let now: UInt64

    /// Nil for a secret that is dead now.
    init?(_ expiresAt: Timestamp?) {
        // In this order: what passes between the two readings shortens its life.
        let bootTime = SystemClock.boottimeNanoseconds()
        now = UInt64(bootTime)
        guard let expiresAt else {
            self.bootTime = .max
            wallTime = .max
            return
        }
        wallTime = expiresAt.seconds * 1_000_000 + Int64(expiresAt.nanoseconds) / 1_000
        let left = wallTime - SystemClock.realtimeMicroseconds()
        guard left > 0 else { return nil }
        let (leftNanoseconds, isForever) = left.multipliedReportingOverflow(by: 1_000)
        self.bootTime = isForever ? .max : now + UInt64(leftNanoseconds)
    }
}
