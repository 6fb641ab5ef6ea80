import Glibc
import TokenClient

/// A token kept in a file of its own, mode 0600: the only place where tokenctl keeps a secret.
struct TokenFile {
    let path: String

    struct Problem: Error {
        let message: String
        let exitCode: ExitCode
    }

    /// `~/.config/tokend/token`, or below `$XDG_CONFIG_HOME` (XDG Base Directory Specification).
    static var standard: TokenFile {
        let configuration = environment("XDG_CONFIG_HOME") ?? (environment("HOME") ?? home) + "/.config"
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
        if descriptor < 0 { throw Problem(message: "\(path): \(Self.reason)", exitCode: .notPermitted) }
        defer { close(descriptor) }
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & 0o077 != 0, status.st_mode & S_IFMT == S_IFREG {
            throw Problem(message: "\(path) can be read by others; chmod 0600 \(path)", exitCode: .notPermitted)
        }
        return try SecretInput.read(from: descriptor, called: path)
    }

    /// Puts the token in the file, new or in place of the old one, in one step: a reader sees one or the other whole.
    func write(_ token: BearerToken) throws {
        makeDirectory()
        let temporary = "\(path).\(getpid()).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        if descriptor < 0 { throw Problem(message: "\(temporary): \(Self.reason)", exitCode: .cannotCreate) }
        let isWritten = token.withUTF8 { secret in
            secret.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) == $0.count }
        }
        let isWhole = isWritten && Glibc.write(descriptor, "\n", 1) == 1 && fsync(descriptor) == 0
        close(descriptor)
        if !isWhole || rename(temporary, path) != 0 {
            let reason = Self.reason
            unlink(temporary)
            throw Problem(message: "\(path): \(reason)", exitCode: .cannotCreate)
        }
    }

    /// Makes the file's directory and what is missing above it; what can't be made shows when the file is opened.
    private func makeDirectory() {
        for (index, byte) in path.utf8.enumerated() where byte == UInt8(ascii: "/") && index > 0 {
            mkdir(String(decoding: path.utf8.prefix(index), as: UTF8.self), 0o700)
        }
    }

    private static var reason: String { String(cString: strerror(errno)) }
}
