import Glibc
import TokenClient

/// Who has the store. Nothing of it is opened for writing, and its lock is not touched: a daemon that starts at this
/// moment would find it taken.
struct StoreCheck {
    private static let subject = "store"
    private static let defaultDirectory = "/var/lib/tokend"
    private static let defaultConfiguration = "/etc/tokend/tokend.conf"

    let findings: [Finding]

    /// `named` is the directory that the command line names. Any other need not be the daemon's: it is missed only where
    /// there is nothing else of a daemon.
    init(named: String?, daemon: DaemonCheck, socket: SocketCheck) {
        let directory = named ?? daemon.details?.storePath ?? Self.configuredDirectory
        let isMissed = named != nil || (!daemon.isThere && socket.isMissingByDefault)
        let isMeant = isMissed || daemon.isThere || socket.path == Command.defaultSocket
        let lock = directory + "/tokend.lock"
        guard let file = FileFacts(lock) else {
            let code = errno
            findings = isMissed || (isMeant && code == EACCES) ? Self.missing(directory, code, daemon) : []
            return
        }
        if !isMeant {
            findings = []
            return
        }
        let holder = LockHolder.find(lock, file)
        findings = [Self.finding(directory, holder, daemon)]
    }

    /// Where the configuration has the store, as far as it can be read.
    private static var configuredDirectory: String {
        guard let stream = fopen(defaultConfiguration, "re") else { return defaultDirectory }
        defer { fclose(stream) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let text = String(decoding: bytes.prefix(fread(&bytes, 1, bytes.count, stream)), as: UTF8.self)
        return text.split(separator: "\n").firstMatch { line in
            let parts = line.prefix { $0 != "#" }.split(separator: "=", maxSplits: 1)
            let words = parts.map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
            return words.count == 2 && words[0] == "store" ? words[1] : nil
        } ?? defaultDirectory
    }

    private static func missing(_ directory: String, _ code: Int32, _ daemon: DaemonCheck) -> [Finding] {
        if code == EACCES {
            return [.ok(subject, "\(directory) is not for you to look into, as it should be")]
        }
        if FileFacts(directory + "/tokend.db") != nil {
            return [
                .problem(
                    subject, "\(directory) holds a database without its tokend.lock",
                    remedy: "put back both files of the same backup, or restore one: tokend restore --help")
            ]
        }
        return [
            .problem(
                subject, "there is no store in \(directory)",
                remedy: daemon.isThere
                    ? "the daemon that answers has \(daemon.details?.storePath ?? "another"): leave out --store"
                    : "tokend init --store \(directory), or name the daemon's with --store")
        ]
    }

    private static func finding(_ directory: String, _ holder: Int32?, _ daemon: DaemonCheck)
        -> Finding
    {
        guard let holder else {
            if daemon.isThere {
                return .ok(subject, "\(directory) is there; who has it is not to be seen from here")
            }
            return .ok(subject, "\(directory) is there, and no process has it")
        }
        if daemon.isThere { return .ok(subject, "\(directory) is held by process \(holder)") }
        return .problem(
            subject, "\(directory) is held by process \(holder), which does not answer here",
            remedy:
                "see what it is: ps -p \(holder) -o args; name its socket with --socket, or end it: kill \(holder)"
        )
    }
}

/// Which process holds the store's lock.
enum LockHolder {
    /// Where the daemon writes its pid in the lock file.
    private static let pidOffset: Int64 = 1_024

    static func find(_ path: String, _ file: FileFacts) -> Int32? {
        inLockTable(file.inode, recorded: recorded(path))
    }

    /// Of the locks that the kernel lists, one of flock(2) on this file. Its device is not compared: several file systems
    /// show another one there than to stat(2). So the pid has to be the one that the file names, if it can be read.
    private static func inLockTable(_ inode: UInt64, recorded: Int32?) -> Int32? {
        guard let stream = fopen("/proc/locks", "re") else {
            return recorded.flatMap { kill($0, 0) == 0 ? $0 : nil }
        }
        defer { fclose(stream) }
        var line = [CChar](repeating: 0, count: 512)
        while fgets(&line, Int32(line.count), stream) != nil {
            let text = String(
                decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let words = text.split(separator: " ")
            guard words.count >= 6, words[1] == "FLOCK", words[5].hasSuffix(":\(inode)"),
                let pid = Int32(words[4])
            else { continue }
            if recorded == nil || recorded == pid { return pid }
        }
        return nil
    }

    private static func recorded(_ path: String) -> Int32? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if descriptor < 0 { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, off_t(pidOffset))
        let digits = bytes.prefix(max(0, count)).prefix { $0 &- UInt8(ascii: "0") < 10 }
        return Int32(String(decoding: digits, as: UTF8.self))
    }
}

extension Sequence {
    /// What the first element gives for which there is something.
    fileprivate func firstMatch<Result>(_ transform: (Element) -> Result?) -> Result? {
        for element in self { if let result = transform(element) { return result } }
        return nil
    }
}
