import LinuxIO
import Synchronization
import TokenCore
import TokenStore

/// Has copies of the store made, one at a time, each by a thread that lives until the last piece is read: no loop waits for
/// the disk. Shared by the loops.
final class Backups: Sendable {
    private struct State {
        var transfer: BackupTransfer?
        var isEnding = false
    }

    private let store: Store
    private let facts: DaemonFacts
    private let state = Mutex(State())
    /// The last copy is done with.
    private let lastHasEnded: BlockingWaker

    init(store: Store, facts: DaemonFacts) throws(SystemError) {
        self.store = store
        self.facts = facts
        lastHasEnded = try BlockingWaker()
    }

    /// Begins a copy for the call. What comes of it goes to the loop by `inbox`.
    func begin(_ context: CallContext, _ inbox: LoopInbox) throws(Refusal) -> BackupTransfer {
        let transfer: BackupTransfer
        do throws(SystemError) {
            transfer = try BackupTransfer(streamID: context.call.streamID)
        } catch {
            throw Refusal(.storeUnavailable, "the copy could not be begun: \(error)")
        }
        let sender = BackupSender(
            context: context, store: store, facts: facts, transfer: transfer, inbox: inbox,
            letGo: finish)
        let refusal = state.withLock { state -> Refusal? in
            if state.isEnding { return BackupSender.stopping }
            if state.transfer != nil {
                return Refusal(.rateLimited, "another copy of the store is being sent; try again when that is done")
            }
            do throws(SystemError) {
                _ = try PosixThread(name: "tokend-backup") { sender.run() }
                state.transfer = transfer
                return nil
            } catch {
                return Refusal(.storeUnavailable, "the copy could not be begun: \(error)")
            }
        }
        if let refusal { throw refusal }
        return transfer
    }

    private func finish() {
        let isLast = state.withLock { state in
            state.transfer = nil
            return state.isEnding
        }
        if isLast { lastHasEnded.wake() }
    }

    /// Ends what runs, and waits until its connection to the store is closed. No other is begun.
    func end() {
        let transfer = state.withLock { state in
            state.isEnding = true
            return state.transfer
        }
        guard let transfer else { return }
        transfer.end(.daemonStops)
        lastHasEnded.wait()
    }
}
