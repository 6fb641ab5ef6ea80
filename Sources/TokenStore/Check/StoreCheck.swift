import Glibc
import LinuxIO
import TokenCore

/// Looks at everything that a daemon relies on, in a store that none has. Nothing is changed.
package struct StoreCheck {
    package private(set) var lines: [CheckLine] = []
    private let paths: StorePaths
    private let rules: AccessRules
    private let epochPagePath: String

    package var isSound: Bool { lines.allSatisfy(\.isSound) }

    private var remedy: String { "restore a copy: tokend restore FILE --store \(paths.directory)" }

    /// Throws what says that there is nothing to check, or that somebody else has it.
    package init(directory: String, epochPagePath: String, rules: AccessRules) throws(StoreFailure) {
        paths = StorePaths(directory: try StoreFiles.resolve(directory))
        self.epochPagePath = epochPagePath
        self.rules = rules
        if access(paths.lock, F_OK) != 0 && access(paths.database, F_OK) != 0 { throw .missing(path: directory) }
        checkFiles()
        let lock: StoreLock
        do throws(StoreFailure) {
            lock = try StoreLock.acquire(path: paths.lock)
        } catch {
            if error.isOfAnotherProcess { throw error }
            add("lock", error)
            return
        }
        add("lock", "free, and taken for this check")
        // SQLite gives the mode of the database to the files that it makes beside it.
        if isSound { try checkDatabase(lock) }
    }

    private mutating func add(_ name: String, _ text: String) {
        lines.append(CheckLine(name: name, isSound: true, text: text))
    }

    private mutating func add(_ name: String, _ failure: StoreFailure) {
        lines.append(CheckLine(name: name, isSound: false, text: failure.description))
    }

    private mutating func add(_ name: String, problem: String) {
        lines.append(CheckLine(name: name, isSound: false, text: problem))
    }

    /// What `body` finds, or why it found nothing.
    private mutating func look(_ name: String, _ body: () throws(StoreFailure) -> String) {
        do throws(StoreFailure) {
            add(name, try body())
        } catch {
            add(name, error)
        }
    }

    // MARK: - Files

    private mutating func checkFiles() {
        let paths = paths
        look("directory") { () throws(StoreFailure) in
            do throws(TrustedPath.Violation) {
                try TrustedPath.check(directory: paths.directory)
            } catch {
                throw .unsafe(error.description)
            }
            try StoreFiles.checkPrivate(paths.directory, mode: "0700")
            return "\(paths.directory), of uid \(geteuid()) alone"
        }
        for file in paths.files where access(file, F_OK) == 0 {
            look("file") { () throws(StoreFailure) in
                try StoreFiles.checkPrivate(file, mode: "0600")
                return file
            }
        }
        look("file system") { () throws(StoreFailure) in
            try StoreFiles.checkFileSystem(paths.directory) ?? "local"
        }
        for (path, byteCount) in StoreFiles.replaced(paths) {
            let size = byteCount < 1 << 20 ? "\(byteCount >> 10) KiB" : "\(byteCount >> 20) MiB"
            add(
                "replaced",
                "\(path), \(size), is what a restoration replaced; "
                    + "when the store is as it should be: rm \(path)")
        }
    }

    // MARK: - The database

    private mutating func checkDatabase(_ lock: borrowing StoreLock) throws(StoreFailure) {
        do throws(StoreFailure) {
            let slot = try lock.newestSlot()
            if access(paths.database, F_OK) != 0 {
                throw .unfit(path: paths.database, problem: "is missing; \(remedy)")
            }
            let hasLog = access(paths.database + "-wal", F_OK) == 0
            let connection = try translatingSQLite { [paths] () throws(SQLiteError) in
                try SQLiteConnection(path: paths.database, access: .readWrite)
            }
            // The log that SQLite makes to read a store at rest goes again; one that was there stays as it is.
            if !hasLog { connection.checkpointWhenClosed() }
            try Migrator.checkReadable(connection, path: paths.database)
            try checkSchema(connection)
            try checkContents(connection)
            try checkMark(slot.mark, connection)
            try checkSurroundings(connection)
        } catch {
            if error.isOfAnotherProcess { throw error }
            switch error {
            // What SQLite can't read says not what to do about it.
            case .sqlite, .foreignFile:
                add("database", problem: "\(error); if it was a store, it is damaged: \(remedy)")
            default:
                add("database", error)
            }
        }
    }

    private mutating func checkSchema(_ connection: SQLiteConnection) throws(StoreFailure) {
        let version = try Migrator.version(connection)
        let newest = Schema.newestVersion
        if let problem = try StoreSoundness.schemaProblem(of: connection) {
            add("schema", problem: "\(problem); \(remedy)")
        } else {
            let next = version == newest ? "" : "; the daemon will bring it to \(newest)"
            add("schema", "version \(version), each table and index as tokend makes it\(next)")
        }
        let mode = try translatingSQLite { () throws(SQLiteError) in try connection.singleText("PRAGMA journal_mode") }
        guard mode == "wal" else {
            return add(
                "pragmas", "journal_mode is \(mode ?? "unknown"); the daemon will set WAL, unless the disk refuses")
        }
        // Each is set for this connection, as the daemon does, and read back.
        look("pragmas") { () throws(StoreFailure) in
            try Pragmas.applyToWriter(connection)
            return "as set: WAL, synchronous, foreign keys and the others"
        }
    }

    private mutating func checkContents(_ connection: SQLiteConnection) throws(StoreFailure) {
        if let problem = try StoreSoundness.integrityProblem(of: connection) {
            // What follows would read the same pages.
            return add("integrity", problem: "\(problem); \(remedy)")
        }
        add("integrity", "every page and index")
        if let problem = try StoreSoundness.foreignKeyProblem(of: connection) {
            add("foreign keys", problem: "\(problem); \(remedy)")
        } else {
            add("foreign keys", "no row refers to one that is missing")
        }
        if let problem = try StoreSoundness.secretProblem(of: connection) {
            add("secrets", problem: "\(problem); \(remedy)")
        } else {
            add("secrets", "each is judged by what its token says")
        }
        let chain = try StoreSoundness.chain(of: connection)
        if let finding = chain.finding {
            add(
                "audit",
                problem: "event \(finding.sequence) \(finding.fault.meaning); compare with the heads in the "
                    + "daemon's log, and \(remedy)")
        } else {
            let recoveries = chain.recoveryCount == 0 ? "" : ", with \(chain.recoveryCount) accepted recoveries"
            add("audit", "events \(chain.first) to \(chain.checked.sequence) are a whole chain\(recoveries)")
        }
    }

    private mutating func checkMark(_ mark: RollbackMark, _ connection: SQLiteConnection) throws(StoreFailure) {
        let id = try StoreIdentity(reading: connection, path: paths.database).id
        look("mark") { [paths] () throws(StoreFailure) in
            _ = try Store.check(mark, against: connection, id, paths, nil)
            return "the store holds event \(mark.sequence), which the lock file names"
        }
    }

    // MARK: - What lies beside it

    private mutating func checkSurroundings(_ connection: SQLiteConnection) throws(StoreFailure) {
        look("roles") { [rules] () throws(StoreFailure) in
            try Store.check(rules.roles, against: connection)
            return "all that members have are defined"
        }
        let kept = try translatingSQLite { () throws(SQLiteError) in try connection.keptClockMark() }
        let wall = Store.systemClock()
        if kept > wall.adding(microseconds: ClockMark.stepMicrosecondsMax) {
            add(
                "clock",
                problem: "the store has seen \(kept), and the clock says \(wall): until then tokens expire by that; "
                    + "set the clock, or if it is right: tokend recover --clock --store \(paths.directory)")
        } else {
            add("clock", "not behind what the store has seen")
        }
        let remembered = try translatingSQLite { () throws(SQLiteError) in try connection.rememberedPageID() }
        add("epoch page", EpochPage.describe(path: epochPagePath, rememberedID: remembered))
    }
}

extension EpochPage {
    /// None of it is wrong: a page that is lost costs the next daemon a wait.
    fileprivate static func describe(path: String, rememberedID: [UInt8]?) -> String {
        guard let rememberedID else { return "none yet" }
        if isPresent(path: path, rememberedID: rememberedID) { return path }
        return "not at \(path), as after a boot: the next daemon makes one, and holds back what narrows for one lease"
    }
}
