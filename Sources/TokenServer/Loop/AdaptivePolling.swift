/// Decides when a loop that has nothing to do asks for events again and again for a while, before it sleeps until there are
/// some.
///
/// Waking a core that sleeps takes longer than answering a verification, on a virtual machine many times as long, and
/// whoever waits for the answer waits for that too. Asking costs processor time instead, so it is done only where it has
/// paid lately: after n times in vain the next 2ⁿ − 1 waits begin with sleep. A loop without traffic so asks for
/// `budgetNanoseconds` at most every 64th time that something happens, and not at all between.
///
/// A value without a clock, so that it is tested without waiting.
struct AdaptivePolling {
    /// Others had this core meanwhile when a round took longer. Whom they are waiting for need not be woken on another
    /// core, so that asking is no gain, even if there are events then.
    static let roundNanosecondsMax: Int64 = 4_000
    private static let vainCountMax = 6

    let budgetNanoseconds: Int64
    private var vainCount = 0
    private var sleepCount = 0

    /// 0 for never.
    init(budgetNanoseconds: Int64) {
        self.budgetNanoseconds = budgetNanoseconds
    }

    /// Whether the wait that begins now is to begin with asking.
    mutating func beginsNow() -> Bool {
        if budgetNanoseconds == 0 { return false }
        if sleepCount == 0 { return true }
        sleepCount -= 1
        return false
    }

    /// Whether to go on asking, after so long in all, of which the last round took `lastNanoseconds`.
    func goesOn(after nanoseconds: Int64, lastNanoseconds: Int64) -> Bool {
        nanoseconds < budgetNanoseconds && lastNanoseconds < Self.roundNanosecondsMax
    }

    mutating func paid() {
        vainCount = 0
    }

    mutating func wasInVain() {
        vainCount = min(vainCount + 1, Self.vainCountMax)
        sleepCount = 1 << vainCount - 1
    }
}
