internal import LinuxIO
internal import Synchronization

/// Answering from memory. Nothing here makes a system call or allocates, and no thread waits for another.
extension VerifierCore {
    /// What was found for a secret: entries are only ever of valid ones, so it is one of three outcomes.
    struct Recollection {
        let outcome: Verification.Outcome
        let reading: EntryReading
    }

    /// The page that may be believed, or why there is none.
    @inline(__always)
    func trustedPage(bootTime: UInt64) throws(AskReason) -> EpochView {
        guard let page = EpochView(address: pageAddress.load(ordering: .acquiring)) else { throw .withoutPage }
        if page.instance != instance.load(ordering: .acquiring) { throw .restarted }
        if bootTime >= page.leaseEnd { throw .leaseOver }
        return page
    }

    /// Judges a secret by what is kept. All that decides is loaded after the call began.
    @inline(__always)
    private func recall(
        _ key: EntryKey, _ requiredScopes: [String], _ workspaceID: String?, wantsAll: Bool
    ) throws(AskReason) -> Recollection {
        // What can be done without the entry is done while it is on its way from memory.
        table.prefetch(key)
        let required = names.bits(of: requiredScopes)
        let bootTime = UInt64(SystemClock.boottimeNanoseconds())
        let page = try trustedPage(bootTime: bootTime)
        guard let reading = table.read(key), bootTime < reading.diesAtBoot,
            reading.diesAtWall == .max || SystemClock.realtimeMicroseconds() < reading.diesAtWall
        else { throw .notKept }
        if wantsAll { reading.prefetchAnswer() }
        let outcome = try judge(reading, required, requiredScopes, workspaceID)
        // The epoch that it was kept under is even. The sequence is looked at last: until then all may be of two entries.
        guard page.epoch(key.shard) == reading.epoch, reading.isUnchanged else { throw .notKept }
        if outcome == .valid {
            reading.noteUse(second: bootTime / 1_000_000_000)
        } else {
            counters.refusals.add(1, ordering: .relaxed)
        }
        return Recollection(outcome: outcome, reading: reading)
    }

    /// In the order of PROTOCOL.md ("Outcomes"): the workspace first.
    @inline(__always)
    private func judge(
        _ reading: EntryReading, _ required: ScopeBits?, _ requiredScopes: [String], _ workspaceID: String?
    ) throws(AskReason) -> Verification.Outcome {
        if let workspaceID, !workspaceID.isEmpty, try !isIn(workspaceID, reading) { return .workspaceMismatch }
        // A name that was not there before the entry was read may have come with it.
        guard let required = required ?? names.bits(of: requiredScopes) else { return .insufficientScope }
        return reading.holds(required) ? .valid : .insufficientScope
    }

    private func isIn(_ workspaceID: String, _ reading: EntryReading) throws(AskReason) -> Bool {
        if let isIn = reading.isIn(workspace: workspaceID) { return isIn }
        guard let answer = reading.answer() else { throw .notKept }
        return answer.isIn(workspace: workspaceID)
    }

    /// The outcome by what is kept; nil if the daemon has to be asked, which is counted.
    func recallOutcome(_ key: EntryKey, _ requiredScopes: [String], _ workspaceID: String?) -> Verification.Outcome? {
        do throws(AskReason) {
            return try recall(key, requiredScopes, workspaceID, wantsAll: false).outcome
        } catch {
            counters.count(error)
            return nil
        }
    }

    /// All that is kept for a secret, judged; nil as above.
    func recallAll(_ key: EntryKey, _ requiredScopes: [String], _ workspaceID: String?) -> Verification? {
        do throws(AskReason) {
            let recollection = try recall(key, requiredScopes, workspaceID, wantsAll: true)
            if let all = verification(recollection, requiredScopes, workspaceID) { return all }
            throw .notKept
        } catch {
            counters.count(error)
            return nil
        }
    }

    /// All of the judgement that was recalled; nil if the entry is gone meanwhile.
    private func verification(
        _ recollection: Recollection, _ requiredScopes: [String], _ workspaceID: String?
    ) -> Verification? {
        guard let answer = recollection.reading.answer() else { return nil }
        if recollection.outcome == .valid { return answer }
        return answer.judged(requiring: requiredScopes, in: workspaceID)
    }
}
