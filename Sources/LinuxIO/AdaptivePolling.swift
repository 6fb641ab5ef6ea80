/// Decides when a thread that has nothing to do asks for events again and again for a while, before it sleeps until there
/// are some.
///
/// Waking a core that sleeps takes longer than answering a verification, on a virtual machine many times as long, and
/// whoever waits for the answer waits for that too. Asking costs processor time instead, so it is done only where it has
/// paid lately: after n times in vain the next 2ⁿ − 1 waits begin with sleep. A thread without traffic so asks for
/// `budgetNanoseconds` at most every 64th time that something happens, and not at all between.
///
/// Whoever asks gives way by sched_yield(2) between two times: what it waits for may need this core.
///
/// A value without a clock, so that it is tested without waiting.
public struct AdaptivePolling: Sendable {
    /// Others had this core meanwhile when a round took longer: alone it is two system calls and the clock, some 0.7 µs. Whom
    /// they are waiting for need not be woken on another core, so that asking is no gain, even if there are events then.
    static let roundNanosecondsMax: Int64 = 2_500
    private static let vainCountMax = 6

    private let budgetNanoseconds: Int64
    private var vainCount = 0
    private var sleepCount = 0

    /// 0 for never.
    public init(budgetNanoseconds: Int64) {
        self.budgetNanoseconds = budgetNanoseconds
    }

    /// Whether the wait that begins now is to begin with asking.
    public mutating func beginsNow() -> Bool {
        if budgetNanoseconds == 0 { return false }
        if sleepCount == 0 { return true }
        sleepCount -= 1
        return false
    }

    /// Whether to go on asking, after so long in all, of which the last round took `lastNanoseconds`.
    public func goesOn(after nanoseconds: Int64, lastNanoseconds: Int64) -> Bool {
        nanoseconds < budgetNanoseconds && lastNanoseconds < Self.roundNanosecondsMax
    }

    /// Asking found something that was not there at first.
    public mutating func paid() {
        vainCount = 0
    }

    /// Asking ended without that.
    public mutating func wasInVain() {
        vainCount = min(vainCount + 1, Self.vainCountMax)
        sleepCount = 1 << vainCount - 1
    }
}
