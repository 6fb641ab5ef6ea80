/// Where the files of a store are: all in one directory that belongs to the daemon alone.
package struct StorePaths: Sendable {
    package let directory: String

    package init(directory: String) {
        self.directory = directory
    }

    package var database: String { directory + "/tokend.db" }
    /// Those that have to be the owner's alone, as far as they are there.
    var files: [String] { [database, database + "-wal", lock, reserve] }
    package var lock: String { directory + "/tokend.lock" }
    /// Room for the day on which the disk is full.
    package var reserve: String { directory + "/tokend.reserve" }
    /// A copy while it is made.
    var copy: String { directory + "/tokend.copy" }

    /// What is to become the database, while a copy is restored.
    var incoming: String { directory + "/tokend.incoming" }

    /// Behind the name of a database that a restoration has replaced; then comes when.
    static let replacedMark = ".replaced-"

    /// The files that SQLite may make beside a database while it works on it.
    static func companions(of database: String) -> [String] {
        ["-journal", "-wal", "-shm"].map { database + $0 }
    }
}
