import Glibc
package import LinuxIO
package import TokenCore

/// A copy of a whole store as it was at one moment: a database in a file without a name, which goes with this object or
/// with the process.
package final class StoreCopy: Sendable {
    private let descriptor: FileDescriptor
    package let byteCount: Int64
    /// The newest event in it.
    package let sequence: Int64
    package let head: Digest

    /// Takes over the file, whose name is removed.
    init(taking path: String) throws(StoreFailure) {
        let ledger = try translatingSQLite { () throws(SQLiteError) in
            try Ledger(reading: SQLiteConnection(path: path, access: .readOnly))
        }
        sequence = ledger.sequence
        head = ledger.head
        let raw = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        if raw < 0 { throw .system(path: path, .last("open")) }
        descriptor = FileDescriptor(owning: raw)
        var status = stat()
        if fstat(descriptor.rawValue, &status) != 0 { throw .system(path: path, .last("fstat")) }
        byteCount = Int64(status.st_size)
        unlink(path)
    }

    /// Bytes from an offset on: so many, or as many as are left.
    package func read(from offset: Int64, byteCount: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        let raw = descriptor.rawValue
        let count = bytes.withUnsafeMutableBytes { buffer in
            retryingInterrupted { pread(raw, buffer.baseAddress, buffer.count, off_t(offset)) }
        }
        if count < 0 { throw .last("pread") }
        bytes.removeLast(byteCount - count)
        return bytes
    }
}

/// Why there is no copy.
package enum CopyFailure: Error {
    /// Whoever wanted it no longer does.
    case unwanted
    /// The store was changed so much meanwhile that its WAL would have become too long.
    case storeTooBusy
    case store(StoreFailure)
}

extension Store {
    /// While a copy is made no checkpoint gets past the moment that it is of: the WAL keeps every change since then. Past
    /// so many bytes the copy is given up.
    package static let logByteCountMaxWhileCopying: UInt64 = 1 << 30

    /// Makes a copy, by a connection of its own, on the thread that calls. The writer goes on meanwhile; one copy at a time.
    /// `isWanted` is asked now and then, and ends the work by false.
    package func makeCopy(
        logByteCountMax: UInt64 = logByteCountMaxWhileCopying, isWanted: @escaping () -> Bool
    ) throws(CopyFailure) -> StoreCopy {
        var failure: CopyFailure?
        let mayGoOn = {
            if !isWanted() { failure = .unwanted }
            if self.writeAheadLogByteCount > logByteCountMax { failure = .storeTooBusy }
            return failure == nil
        }
        // A small store is copied without a question.
        if !mayGoOn(), let failure { throw failure }
        do throws(StoreFailure) {
            Self.removeLeftovers(paths)
            try StoreFiles.createEmpty(paths.copy)
            defer { Self.removeLeftovers(paths) }
            try copyDatabase(while: mayGoOn)
            return try StoreCopy(taking: paths.copy)
        } catch {
            if case .sqlite(let error) = error, error.isInterruption, let failure { throw failure }
            throw .store(error)
        }
    }

    private func copyDatabase(while mayGoOn: @escaping () -> Bool) throws(StoreFailure) {
        let connection = try translatingSQLite { () throws(SQLiteError) in
            try SQLiteConnection(path: paths.database, access: .readOnly)
        }
        try Pragmas.applyToCopier(connection)
        try translatingSQLite { () throws(SQLiteError) in
            // The one read snapshot of the whole copy: see sqlite.org/lang_vacuum.html. What was deleted is not in it.
            let statement = try connection.prepare("VACUUM INTO ?1")
            defer { statement.finalize() }
            statement.bind(1, paths.copy)
            try connection.interrupting(unless: mayGoOn) { () throws(SQLiteError) in try statement.run() }
        }
    }

    /// What a process that was killed has left of a copy, or of a restoration.
    static func removeLeftovers(_ paths: StorePaths) {
        for file in [paths.copy, paths.incoming] {
            for path in [file] + StorePaths.companions(of: file) { unlink(path) }
        }
    }
}
