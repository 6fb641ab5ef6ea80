import Glibc

/// The right to replace files of a directory, among those who ask for it: flock(2) on the directory, because the file
/// itself is another one after each replacement.
enum DirectoryLock {
    /// Waits for the directory of this file, and has it until `body` is through.
    static func hold<Value>(ofFile path: String, _ body: () throws -> Value) throws -> Value {
        let descriptor = try openDirectory(ofFile: path)
        // Closing it lets the next one have it.
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            if errno != EINTR { throw Problem.system(path) }
        }
        return try body()
    }

    /// Waits until the disk has what was renamed to this path.
    static func synchronize(_ path: String) throws(Problem) {
        let descriptor = try openDirectory(ofFile: path)
        defer { close(descriptor) }
        if fsync(descriptor) != 0 { throw .system(path) }
    }

    private static func openDirectory(ofFile path: String) throws(Problem) -> Int32 {
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0 { throw .system(directory) }
        return descriptor
    }
}
