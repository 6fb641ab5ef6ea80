import Glibc

/// The right to replace files of a directory, among those who ask for it: flock(2) on the directory, because the file
/// itself is another one after each replacement.
enum DirectoryLock {
    /// Waits for the directory of this file, and has it until `body` is through.
    static func hold<Value>(ofFile path: String, _ body: () throws -> Value) throws -> Value {
        let descriptor = try Directory.open(ofFile: path)
        // Closing it lets the next one have it.
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            if errno != EINTR { throw Problem.system(path) }
        }
        return try body()
    }
}
