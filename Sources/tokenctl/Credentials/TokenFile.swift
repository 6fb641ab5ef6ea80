import Glibc
import TokenClient

/// A token kept in a file of its own, mode 0600: the only place where tokenctl keeps a secret.
struct TokenFile {
    let path: String

    /// `~/.config/tokend/token`, or below `$XDG_CONFIG_HOME` (XDG Base Directory Specification).
    static var standard: TokenFile {
        // A path that is not absolute is to be ignored, says the specification.
        let named = environment("XDG_CONFIG_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
        let configuration = named ?? (environment("HOME") ?? home) + "/.config"
        return TokenFile(path: configuration + "/tokend/token")
    }

    private static var home: String {
        guard let entry = getpwuid(geteuid()), let directory = entry.pointee.pw_dir else { return "/" }
        return String(cString: directory)
    }

    private static func environment(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    var exists: Bool { access(path, F_OK) == 0 }

    /// The token in the file. A file that others can read is refused: its secret is no secret.
    func read() throws -> BearerToken {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { throw Problem.system(path, .notPermitted) }
        defer { close(descriptor) }
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & 0o077 != 0, status.st_mode & S_IFMT == S_IFREG {
            throw Problem(message: "\(path) can be read by others; chmod 0600 \(path)", exitCode: .notPermitted)
        }
        return try SecretInput.token(from: descriptor, called: path)
    }

    /// Puts the token in the file, new or in place of the old one.
    func write(_ token: BearerToken) throws {
        makeDirectory()
        try whileLocked { try replace { token } }
    }

    /// Whoever else replaces the same file waits: else the older of two new secrets could be the one that stays.
    func whileLocked<Value>(_ body: () throws -> Value) throws -> Value {
        let target = try resolved()
        return try DirectoryLock.hold(ofFile: target) {
            SecretFile.removeLeftovers(beside: target)
            return try body()
        }
    }

    /// Puts a token that is yet to be made in the file, in one step: a reader sees the old file or the new one whole,
    /// of the same owner.
    ///
    /// To be called by who has the lock.
    ///
    /// - Parameter make: Makes the token, when there is room for it.
    /// - Throws: What `make` throws, and what is wrong with the file. It is then as it was.
    func replace(with make: () throws -> BearerToken) throws {
        let target = try resolved()
        var temporary = try SecretFile(beside: target)
        var status = stat()
        if stat(target, &status) == 0 { try temporary.takeOwner(of: status) }
        try temporary.keep(make())
        do {
            try temporary.replace(target)
        } catch {
            throw Problem(message: "\(error.message); the token is in \(temporary.path)", exitCode: .cannotCreate)
        }
        try Directory.synchronize(ofFile: target)
    }

    /// Where a link leads: the link stays, and what it leads to is replaced.
    private func resolved() throws -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { return path }
        guard status.st_mode & S_IFMT == S_IFREG, let resolved = realpath(path, nil) else {
            throw Problem(message: "\(path) is no file that a token can be put in", exitCode: .cannotCreate)
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Makes the file's directory and what is missing above it; what can't be made shows when the file is opened.
    private func makeDirectory() {
        for (index, byte) in path.utf8.enumerated() where byte == UInt8(ascii: "/") && index > 0 {
            mkdir(String(decoding: path.utf8.prefix(index), as: UTF8.self), 0o700)
        }
    }
}
