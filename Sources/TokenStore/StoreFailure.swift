package import LinuxIO
import TokenCore

/// Why a store can't be made, opened or used any more. Every text says what to do.
package enum StoreFailure: Error {
    /// Another process holds the lock.
    case held(path: String, holder: Int32?)
    /// There is no store here.
    case missing(path: String)
    /// `init` found something where the store would be.
    case exists(path: String)
    /// Others can read or replace what is here.
    case unsafe(String)
    /// What clients look for can't be put in its place.
    case placeTaken(String)
    /// The lock file is gone, or no slot of it is whole, or it is another store's: what the store must hold is unknown.
    case markUnusable(path: String, problem: String)
    /// The store lacks an event that had been committed: an older copy, or one that lost its WAL.
    case rolledBack(path: String, expectedSequence: Int64, foundSequence: Int64)
    /// The operator accepts a rollback that there is not.
    case notRolledBack(path: String)
    /// The operator accepts another rollback than there is.
    case endsElsewhere(path: String, sequence: Int64, named: Int64)
    /// A copy to be restored lacks events that had been committed here.
    case copyIsOlder(path: String, sequence: Int64, markSequence: Int64)
    /// What is no store, or not the one for this place.
    case unfit(path: String, problem: String)
    /// A newer tokend wrote it.
    case newerSchema(path: String, found: Int64, known: Int64)
    /// A file that is not ours.
    case foreignFile(path: String)
    /// Tables, indexes or triggers are not as tokend makes them.
    case foreignSchema(path: String, problem: String)
    /// A network file system, where neither flock nor the WAL hold what they promise.
    case unsupportedFileSystem(path: String, name: String)
    /// A migration failed and was undone.
    case notMigrated(version: Int64, SQLiteError)
    /// Members have a role that the rules lack.
    case roleMissing(name: String, memberCount: Int64)
    case sqlite(SQLiteError)
    case system(path: String, SystemError)
}

extension StoreFailure {
    /// What a daemon that could not start exits with, after sysexits(3): supervisors restart after some of them.
    package var exitCode: Int32 {
        switch self {
        case .held: 75  // EX_TEMPFAIL
        case .sqlite(let error) where error.isInUse: 75
        case .notRolledBack, .endsElsewhere: 64  // EX_USAGE
        case .missing, .exists, .unsafe, .placeTaken, .markUnusable, .rolledBack, .copyIsOlder, .unfit,
            .newerSchema, .foreignFile, .foreignSchema, .unsupportedFileSystem, .roleMissing:
            78  // EX_CONFIG: a restart changes nothing
        case .sqlite, .system, .notMigrated: 74  // EX_IOERR
        }
    }
}

extension StoreFailure {
    /// Somebody else has the store.
    var isOfAnotherProcess: Bool {
        switch self {
        case .held: true
        case .sqlite(let error): error.isInUse
        default: false
        }
    }

    /// What is there is no store, or no whole one; nothing else is wrong.
    var isOfTheFile: Bool {
        switch self {
        case .foreignFile: true
        case .sqlite(let error): error.isOfTheFile
        default: false
        }
    }
}

extension StoreFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .held(let path, let holder):
            "\(path) is in use by \(holder.map { "process \($0)" } ?? "another process"); "
                + "stop it first, or name another --store"
        case .missing(let path):
            "there is no store in \(path); create one with: tokend init --store \(path)"
        case .exists(let path):
            "\(path) already exists; tokend init never overwrites: name another --store, or move it away"
        case .unsafe(let problem), .placeTaken(let problem):
            problem
        case .markUnusable(let path, let problem):
            "\(path) \(problem), so it can't be shown that the store is the newest; put the lock file of this store "
                + "back, or move the directory away and restore a copy into a new one: tokend restore"
        case .rolledBack(let path, let expected, let found):
            "\(path) ends at event \(found), but event \(expected) had been committed: it is an older copy or has lost "
                + "its -wal file; put the newest files back, or go on without what is missing: "
                + "tokend recover --accept-rollback \(found) --revoke-all"
        case .notRolledBack(let path):
            "\(path) holds every event that had been committed: there is no rollback to accept"
        case .endsElsewhere(let path, let sequence, let named):
            "\(path) ends at event \(sequence), not \(named): see that it is the one you mean"
        case .copyIsOlder(let path, let sequence, let markSequence):
            "\(path) ends at event \(sequence), and event \(markSequence) had been committed here: what was revoked "
                + "since is live in it again; to accept that add --accept-rollback \(sequence), and --revoke-all to end "
                + "every token, or --keep-tokens"
        case .unfit(let path, let problem):
            "\(path) \(problem)"
        case .newerSchema(let path, let found, let known):
            "\(path) was written by a newer tokend (schema \(found), this one knows \(known)); install that version"
        case .foreignFile(let path):
            "\(path) is not a store of tokend; name another --store"
        case .foreignSchema(let path, let problem):
            "\(path) has another schema: \(problem), so that it may not do as it is told; see tokend check, and restore a copy: "
                + "tokend restore FILE --store \(TrustedPath.parent(of: path))"
        case .unsupportedFileSystem(let path, let name):
            "\(path) is on \(name), where file locks and fsync don't hold what a store needs; use a local disk"
        case .roleMissing(let name, let memberCount):
            Self.problem(ofMissingRole: name, memberCount: memberCount)
        case .sqlite(let error) where error.isInUse:
            "another process has the database open, and not by this lock file: was that replaced, or is it another "
                + "program? stop that process first; fuser names it"
        case .sqlite(let error):
            error.description
        case .notMigrated(let version, let error):
            "the store is still of version \(version), as it was: it could not be brought to \(version + 1) "
                + "(\(error.message)); that may take as much room again as the store has, here and in /var/tmp: make "
                + "room, and start again"
        case .system(let path, let error):
            "\(path): \(error)"
        }
    }
}

extension StoreFailure {
    static func problem(ofMissingRole name: String, memberCount: Int64) -> String {
        "the roles lack \(name), which \(memberCount) \(memberCount == 1 ? "member has" : "members have"); put it back "
            + "into the file of roles, and remove it when nobody has it any more"
    }
}

/// SQLite's error as the store's.
func translatingSQLite<Value>(_ body: () throws(SQLiteError) -> Value) throws(StoreFailure) -> Value {
    do throws(SQLiteError) {
        return try body()
    } catch {
        throw .sqlite(error)
    }
}
