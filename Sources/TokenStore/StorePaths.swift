/// Where the files of a store are: all in one directory that belongs to the daemon alone.
package struct StorePaths: Sendable {
    package let directory: String

    package init(directory: String) {
        self.directory = directory
    }

    package var database: String { directory + "/tokend.db" }
    package var lock: String { directory + "/tokend.lock" }
}
