import Glibc
import LinuxIO
import TokenCore

/// The copy that a store is made of, in the store's directory under a name of its own: examined there, and told of what it
/// becomes, before anything is replaced.
struct RestoreCopy {
    let path: String
    let id: StoreID
    /// Where its chain ends.
    let head: ChainCheck.Anchor
    /// Of the epoch page that clients of the copied store knew.
    let pageID: [UInt8]?

    /// Takes the bytes over, and checks them as a whole: they come from elsewhere.
    init(of plan: RestorePlan, as path: String) throws(StoreFailure) {
        self.path = path
        try Self.copy(plan, to: path)
        let connection = try Self.open(path)
        // Every text below names the file that the operator gave.
        do throws(StoreFailure) {
            try Self.check(connection, named: plan.copyPath)
        } catch {
            guard case .foreignFile = error else { throw error }
            throw .unfit(path: plan.copyPath, problem: "is not a copy of a store of tokend; name another FILE")
        }
        let ledger = try translatingSQLite { () throws(SQLiteError) in try Ledger(reading: connection) }
        if ledger.sequence == 0 {
            throw .unfit(path: plan.copyPath, problem: "holds no event, so it is no copy of a store")
        }
        head = ChainCheck.Anchor(sequence: ledger.sequence, hash: ledger.head)
        id = try StoreIdentity(reading: connection, path: plan.copyPath).id
        pageID = try translatingSQLite { () throws(SQLiteError) in try connection.rememberedPageID() }
        connection.checkpointWhenClosed()
    }

    private static func open(_ path: String) throws(StoreFailure) -> SQLiteConnection {
        try translatingSQLite { () throws(SQLiteError) in try SQLiteConnection(path: path, access: .readWrite) }
    }

    private static func copy(_ plan: RestorePlan, to path: String) throws(StoreFailure) {
        try StoreFiles.createEmpty(path)
        let raw = Glibc.open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC)
        if raw < 0 { throw .system(path: path, .last("open")) }
        let target = FileDescriptor(owning: raw)
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = buffer.withUnsafeMutableBytes { buffer in
                retryingInterrupted { read(plan.copyDescriptor, buffer.baseAddress, buffer.count) }
            }
            if count < 0 { throw .system(path: plan.copyPath, .last("read")) }
            if count == 0 { break }
            var written = 0
            while written < count {
                let part = buffer.withUnsafeBytes { buffer in
                    retryingInterrupted {
                        write(target.rawValue, buffer.baseAddress?.advanced(by: written), count - written)
                    }
                }
                if part < 0 { throw .system(path: path, .last("write")) }
                written += part
            }
        }
        if fsync(target.rawValue) != 0 { throw .system(path: path, .last("fsync")) }
    }

    private static func check(_ connection: SQLiteConnection, named path: String) throws(StoreFailure) {
        try Migrator.checkReadable(connection, path: path)
        if let problem = try StoreSoundness.schemaProblem(of: connection) {
            throw .unfit(path: path, problem: "has another schema (\(problem)); use another copy")
        }
        if let problem = try StoreSoundness.problem(of: connection) {
            throw .unfit(path: path, problem: "is damaged (\(problem)); use another copy")
        }
        if let problem = try StoreSoundness.chainProblem(of: connection) {
            throw .unfit(path: path, problem: "has a broken audit (\(problem)); use another copy")
        }
    }

    /// Writes what the restoration does to the store, in one transaction. Returns the newest event, and how many tokens
    /// were revoked.
    func complete(
        _ plan: RestorePlan, over rollback: Rollback?, pageID: [UInt8]?, clockMark: Instant
    ) throws(StoreFailure) -> (head: ChainCheck.Anchor, endedTokenCount: Int64) {
        let connection = try Self.open(path)
        try Pragmas.applyToWriter(connection)
        try Migrator.migrate(connection)
        let now = max(clockMark, Instant(microseconds: SystemClock.realtimeMicroseconds()))
        let (tokens, actor) = (plan.tokens, plan.actor)
        let result = try translatingSQLite { () throws(SQLiteError) in
            try connection.execute("BEGIN IMMEDIATE")
            let endedTokenCount = tokens == .revoked ? try connection.revokeAllTokens(at: now) : 0
            let remembering = try connection.statement(
                "UPDATE store SET page_id = ?1, clock_mark = max(clock_mark, ?2)")
            if let pageID { remembering.bind(1, pageID) } else { remembering.bindNull(1) }
            remembering.bind(2, clockMark)
            try remembering.run()
            var ledger = try Ledger(reading: connection)
            func record(_ action: String, _ metadata: [AuditEvent.Metadata]) throws(SQLiteError) {
                try ledger.append(
                    AuditEvent(
                        sequence: 0, at: now, workspaceID: nil, actor: actor, peerUID: nil, peerPID: nil,
                        action: action, target: id.description, metadata: metadata),
                    workspaceNumber: nil, to: connection)
            }
            if let rollback {
                ledger.skip(to: rollback)
                try record(Rollback.action, rollback.metadata(tokens, endedTokenCount: endedTokenCount))
            }
            try record(
                Self.action,
                [
                    .init("copy_seq", String(head.sequence)), .init("copy_hash", head.hash.hexadecimal),
                    .init("tokens", tokens.rawValue), .init("ended_token_count", String(endedTokenCount)),
                ])
            try connection.execute("COMMIT")
            return (ChainCheck.Anchor(sequence: ledger.sequence, hash: ledger.head), endedTokenCount)
        }
        connection.checkpointWhenClosed()
        return result
    }

    static let action = "store.restored"
}
