import Glibc
import LinuxIO
import Synchronization
import TokenCore
import TokenStore

/// What `tokend recover` is asked for.
package enum Recovery: Sendable {
    /// A new token for a tenant administrator, in place of all that the user has in the workspace.
    case admin(userID: String, workspaceID: String)
    /// Go on with a store that ends at this event, though later ones had been committed.
    case rollback(sequence: Int64, revokesTokens: Bool)
    /// Believe the wall clock.
    case clock
}

extension Daemon {
    /// Mends what no daemon can. `note` is told what it waits for; a secret goes to `secretFile`, or else to the standard
    /// output. Returns what was done.
    package static func recover(
        _ recovery: Recovery, _ configuration: LoadedConfiguration, secretFile: String?, note: (String) -> Void
    ) throws(Failure) -> String {
        let actor = "uid:\(getuid())"
        switch recovery {
        case .admin(let userID, let workspaceID):
            try check(userID: userID)
            var output = try SecretOutput(file: secretFile)
            let work = try RecoveryWork(configuration, OfflineWork(), note)
            return try work.recoverAdmin(userID, workspaceID, actor, &output)
        case .rollback(let sequence, let revokesTokens):
            let work = try RecoveryWork(configuration, OfflineWork(acceptedSequence: sequence), note)
            return try work.acceptRollback(revokesTokens ? .revoked : .kept, actor)
        case .clock:
            return try RecoveryWork(configuration, OfflineWork(resetsClock: true), note).resetClock(actor)
        }
    }

    private static func check(userID: String) throws(Failure) {
        if IdentifierRule.isUserID(userID) { return }
        throw Failure(
            description: "--admin: a user id has 1 to \(IdentifierRule.byteCountMax) visible ASCII characters",
            exitCode: .usage)
    }
}

/// A store that was opened to recover something.
private final class RecoveryWork {
    private let store: Store
    private let prefixes: TokenPrefixes

    /// Opens the store as its owner. What cannot be narrowed yet is waited for before anything is asked of it.
    init(_ configuration: LoadedConfiguration, _ offline: OfflineWork, _ note: (String) -> Void) throws(Daemon.Failure)
    {
        let settings = configuration.settings
        prefixes = settings.prefixes
        try Daemon.becomeOwner(of: settings.storeDirectory)
        do throws(StoreFailure) {
            store = try Store(
                directory: settings.storeDirectory, rules: configuration.rules,
                epochPagePath: settings.epochPagePath, offline: offline,
                whenPoisoned: Self.complain, whenHindered: Self.complain)
        } catch {
            throw Daemon.Failure(error)
        }
        let wait = store.narrowingWaitNanoseconds
        if wait > 0 { note(LostPage.note(path: settings.epochPagePath, waitNanoseconds: wait)) }
    }

    deinit {
        store.close()
    }

    /// What the disk refuses, of which the answer to the caller says only that it does.
    private static let complain: @Sendable (String) -> Void = { reason in
        let line = Array("tokend: \(reason)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }

    func recoverAdmin(
        _ userID: String, _ workspaceID: String, _ actor: String, _ output: inout SecretOutput
    ) throws(Daemon.Failure) -> String {
        let secret = NewSecret(.personal, prefixes)
        let outcome = try perform(
            RecoverAdmin(workspaceID: workspaceID, userID: userID, secret: secret.draft, actor: actor))
        try output.write(secret)
        let admin = outcome.isNewAdmin ? "\(userID), who is its tenant administrator now," : userID
        return "\(admin) of \(workspaceID) has the token \(outcome.token.id); "
            + "revoked \(outcome.endedTokenCount) older ones"
    }

    func acceptRollback(_ tokens: Rollback.Tokens, _ actor: String) throws(Daemon.Failure) -> String {
        guard let rollback = store.acceptedRollback else {
            throw Daemon.Failure(description: "there is no rollback to accept", exitCode: .usage)
        }
        let count = try perform(AcceptRollback(rollback, tokens: tokens, actor: actor))
        let kept = tokens == .kept ? "kept the tokens, those too that had been revoked" : "revoked \(count) tokens"
        return "accepted that events up to \(rollback.mark.sequence) are missing; \(kept)"
    }

    func resetClock(_ actor: String) throws(Daemon.Failure) -> String {
        guard let previous = try perform(ResetClock(actor: actor)) else {
            return "the store's clock mark is not ahead of the clock; nothing was changed"
        }
        return "the store believes the clock again; its mark was \(previous)"
    }

    private func perform<Work: Operation>(_ operation: Work) throws(Daemon.Failure) -> Work.Output {
        let outcome = Outcome<Work.Output>()
        let origin = Origin(
            claim: .host, peerUserID: getuid(), peerProcessID: getpid(), traceID: TraceID.make(),
            deadlineNanoseconds: nil)
        store.submit(operation, origin: origin) { outcome.set($0) }
        switch outcome.wait() {
        case .success(let value): return value
        case .failure(let refusal):
            // What is invalid was said on the command line.
            throw Daemon.Failure(
                description: refusal.message, exitCode: refusal.reason == .validationError ? .usage : .disk)
        }
    }
}

/// What the writer's thread answers, for the thread that waits for it.
private final class Outcome<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, Refusal>?>(nil)

    func set(_ result: Result<Value, Refusal>) {
        self.result.withLock { $0 = result }
    }

    /// The writer answers within one commit; a lost page has it wait for seconds.
    func wait() -> Result<Value, Refusal> {
        while true {
            if let result = result.withLock({ $0 }) { return result }
            usleep(500)
        }
    }
}
