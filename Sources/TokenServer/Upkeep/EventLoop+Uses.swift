import TokenCore
import TokenStore

extension EventLoop {
    /// Tells the store which tokens were used. What it can't write now is lost; the next use is noted again.
    /// All that is known, at the end: what was used since it was last told of too.
    func handOverLastUses() {
        dispatcher.cache.forEachUntoldUse { number, seconds in
            if dispatcher.uses.isFull { handOverUses(coarseness: .zero) }
            dispatcher.uses.note(number, at: Instant(microseconds: Int64(seconds) * 1_000_000))
        }
        handOverUses(coarseness: .zero)
    }

    func handOverUses(coarseness: Duration = .seconds(ServerLimits.upkeepSeconds)) {
        let uses = dispatcher.uses.take()
        if uses.isEmpty { return }
        dispatcher.store.submit(RecordUse(uses: uses, coarseness: coarseness), origin: .daemon) { _ in }
    }
}
