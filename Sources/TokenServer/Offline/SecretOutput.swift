import Glibc
import LinuxIO

/// Where a new secret goes, once: a new file that its owner alone can read, or the standard output. Opened before the secret
/// is made, and before the process becomes the store's owner: what could fail has failed by then.
///
/// A file that does not get its secret goes again with this value.
struct SecretOutput: ~Copyable {
    private let path: String?
    private let file: FileDescriptor?
    /// Which holds the file's name. None where it can't be opened.
    private let directory: FileDescriptor?
    private let remover: FileRemover?
    private var isWritten = false

    init(file path: String?) throws(Daemon.Failure) {
        self.path = path
        guard let path else {
            file = nil
            directory = nil
            remover = nil
            return
        }
        let raw = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        if raw < 0 {
            throw Daemon.Failure(description: "\(path): \(SystemError.last("open"))", exitCode: .cannotCreate)
        }
        file = FileDescriptor(owning: raw)
        let rawDirectory = open(TrustedPath.parent(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        directory = rawDirectory < 0 ? nil : FileDescriptor(owning: rawDirectory)
        // Whoever is root now may be another user by then.
        remover = geteuid() == 0 ? FileRemover(of: path) : nil
    }

    deinit {
        guard let path else { return }
        if let remover {
            remover.end(keepingFile: isWritten)
        } else if !isWritten {
            unlink(path)
        }
    }

    /// Writes the secret and a line feed.
    mutating func write(_ secret: NewSecret) throws(Daemon.Failure) {
        let raw = rawValue
        let isWhole = secret.withBytes { text in
            var line: [UInt8] = []
            // At once, so that no shorter one is left behind that nobody erases.
            line.reserveCapacity(text.count + 1)
            text.withUnsafeBufferPointer { line.append(contentsOf: $0) }
            line.append(UInt8(ascii: "\n"))
            defer {
                line.withUnsafeMutableBytes { if let start = $0.baseAddress { explicit_bzero(start, $0.count) } }
            }
            return retryingInterrupted { Glibc.write(raw, line, line.count) } == line.count
        }
        isWritten = isWhole && (path == nil || fsync(raw) == 0)
        if isWritten {
            synchronizeDirectory()
            return
        }
        throw Daemon.Failure(
            description:
                "the secret of the new token could not be written (\(SystemError.last("write"))); run it again",
            exitCode: .cannotCreate)
    }

    /// The name of the file too, as far as the file system can: it is there already, and a secret is not given up for that.
    private func synchronizeDirectory() {
        switch directory {
        case .some(let directory): fsync(directory.rawValue)
        case .none: break
        }
    }

    private var rawValue: Int32 {
        switch file {
        case .some(let file): file.rawValue
        case .none: STDOUT_FILENO
        }
    }
}

/// Removes a file when this process ends without having said that it is kept: a shell that is still root when this process
/// has become another user, who may not remove it.
private struct FileRemover {
    private let processID: pid_t
    /// The shell reads from its other end.
    private let descriptor: Int32

    /// Signals from the terminal are for the process that it waits for. `read` fails when that has ended without a word.
    private static let script = "trap '' INT QUIT TERM HUP; read -r word || rm -f -- \"$1\""

    /// None where there can be no shell: then an empty file may be left.
    init?(of path: String) {
        // Should the shell be gone, telling it is in vain, and nothing worse.
        Signals.ignoreBrokenPipes()
        var ends: [Int32] = [-1, -1]
        if pipe(&ends) != 0 { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
        let words: [String] = ["sh", "-c", Self.script, "sh", path]
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var processID: pid_t = 0
        let code = posix_spawn(&processID, "/bin/sh", &actions, nil, &arguments, [nil])
        close(ends[0])
        if code != 0 {
            close(ends[1])
            return nil
        }
        self.processID = processID
        descriptor = ends[1]
    }

    /// Comes back when the file is removed, or will not be.
    func end(keepingFile: Bool) {
        if keepingFile { _ = writeAll(Array("kept\n".utf8), to: descriptor) }
        close(descriptor)
        var status: Int32 = 0
        _ = retryingInterrupted { Int(waitpid(processID, &status, 0)) }
    }
}
