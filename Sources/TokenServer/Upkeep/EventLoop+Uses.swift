import TokenStore

extension EventLoop {
    /// Tells the store which tokens were used. What it can't write now is lost; the next use is noted again.
    func handOverUses(coarseness: Duration = .seconds(ServerLimits.upkeepSeconds)) {
        let uses = dispatcher.uses.take()
        if uses.isEmpty { return }
        dispatcher.store.submit(RecordUse(uses: uses, coarseness: coarseness), origin: .daemon) { _ in }
    }
}
