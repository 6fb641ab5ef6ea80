import Foundation
import Glibc
import LinuxIO
import Synchronization
import Testing

/// Serialized, for the umask belongs to the process.
@Suite("A listening Unix socket", .serialized)
final class UnixListenerTests {
    private let directory: String
    private var path: String { directory + "/s.sock" }

    init() throws {
        directory = FileManager.default.temporaryDirectory.path + "/tokend-io-" + UUID().uuidString
        try #require(mkdir(directory, 0o700) == 0)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    private func refusal(of path: String, _ sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
        try #require(throws: UnixListener.Failure.self, sourceLocation: sourceLocation) {
            _ = try UnixListener(path: path, mode: 0o600)
        }.description
    }

    private func mode(of path: String) -> UInt32 {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    private func connected(to path: String) throws -> FileDescriptor {
        let raw = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let descriptor = FileDescriptor(owning: raw)
        try #require(try UnixAddress(path: path).withSocketAddress { connect(raw, $0, $1) } == 0)
        return descriptor
    }

    @Test(arguments: [0o600, 0o660, 0o666] as [UInt32], [0, 0o022, 0o077] as [mode_t])
    func theFileHasExactlyTheModeWhateverTheUmask(expected: UInt32, mask: mode_t) throws {
        let previous = umask(mask)
        defer { umask(previous) }
        let listener = try UnixListener(path: path, mode: expected)
        #expect(mode(of: path) == expected)
        #expect(umask(mask) == mask)
        listener.removeFile()
        #expect(access(path, F_OK) != 0)
    }

    @Test func thereIsNoMomentWithAnotherMode() throws {
        let isOver = Atomic(false)
        let seen = Mutex<Set<UInt32>>([])
        let path = path
        let watching = DispatchGroup()
        watching.enter()
        _ = try PosixThread(name: "watcher") {
            defer { watching.leave() }
            var status = stat()
            while !isOver.load(ordering: .relaxed) {
                if lstat(path, &status) == 0 {
                    let mode = status.st_mode & 0o7777
                    seen.withLock { _ = $0.insert(mode) }
                }
            }
        }
        for _ in 0..<500 {
            let listener = try UnixListener(path: path, mode: 0o640)
            listener.removeFile()
        }
        isOver.store(true, ordering: .relaxed)
        watching.wait()
        #expect(seen.withLock { $0 }.isSubset(of: [0o640]))
    }

    @Test func aSocketThatADeadProcessLeftIsReplaced() throws {
        do { _ = try UnixListener(path: path, mode: 0o600) }
        #expect(access(path, F_OK) == 0)
        let listener = try UnixListener(path: path, mode: 0o660)
        #expect(mode(of: path) == 0o660)
        _ = try connected(to: path)
        listener.removeFile()
    }

    @Test func aLiveSocketIsLeftAlone() throws {
        let listener = try UnixListener(path: path, mode: 0o600)
        #expect(try refusal(of: path).contains("another process is listening"))
        _ = try connected(to: path)
        withExtendedLifetime(listener.descriptor.rawValue) {}
        listener.removeFile()
    }

    @Test func whatIsNoSocketIsLeftAlone() throws {
        try Data("mine".utf8).write(to: URL(filePath: path))
        #expect(try refusal(of: path).contains("not a socket of ours"))
        #expect(try Data(contentsOf: URL(filePath: path)) == Data("mine".utf8))
        unlink(path)
        mkdir(path, 0o700)
        #expect(try refusal(of: path).contains("not a socket of ours"))
        rmdir(path)
        symlink("/nowhere", path)
        #expect(try refusal(of: path).contains("not a socket of ours"))
        #expect(unlink(path) == 0)
    }

    @Test(.enabled(if: geteuid() == 0)) func aSocketOfAnotherUserIsLeftAlone() throws {
        do { _ = try UnixListener(path: path, mode: 0o600) }
        chown(path, 12_345, 0)
        #expect(try refusal(of: path).contains("not a socket of ours"))
        #expect(access(path, F_OK) == 0)
    }

    @Test func aPathThatDoesNotFitIsRefusedWithTheLimit() throws {
        let name = directory + "/" + String(repeating: "s", count: 107 - directory.utf8.count - 1)
        #expect(name.utf8.count == 107)
        let listener = try UnixListener(path: name, mode: 0o600)
        listener.removeFile()
        #expect(try refusal(of: name + "s").contains("107"))
        #expect(throws: SystemError.self) { _ = try UnixAddress(path: "") }
        #expect(throws: SystemError.self) { _ = try UnixAddress(path: "/tmp/a\0b") }
    }

    @Test func aMissingDirectoryIsNamed() throws {
        #expect(try refusal(of: directory + "/none/s.sock").contains("directory does not exist"))
    }

    @Test func removingTheFileSparesOneThatAnotherProcessPutThere() throws {
        let listener = try UnixListener(path: path, mode: 0o600)
        unlink(path)
        let other = try UnixListener(path: path, mode: 0o660)
        listener.removeFile()
        #expect(mode(of: path) == 0o660)
        other.removeFile()
    }

    // MARK: - Adopting

    @Test func aListeningStreamSocketIsAdoptedAndItsFileKept() throws {
        let raw: Int32
        do {
            let made = try UnixListener(path: path, mode: 0o600)
            raw = dup(made.descriptor.rawValue)
        }
        _ = fcntl(raw, F_SETFL, fcntl(raw, F_GETFL) & ~O_NONBLOCK)
        let listener = try UnixListener(adopting: raw)
        #expect(fcntl(raw, F_GETFD) & FD_CLOEXEC != 0)
        #expect(fcntl(raw, F_GETFL) & O_NONBLOCK != 0)
        listener.removeFile()
        #expect(access(path, F_OK) == 0)
        _ = try connected(to: path)
    }

    @Test func whatIsNoListeningUnixStreamSocketIsNotAdopted() throws {
        let listeningPacket = socket(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0)
        _ = try UnixAddress(path: path).withSocketAddress { bind(listeningPacket, $0, $1) }
        listen(listeningPacket, 1)
        let listeningInternet = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        listen(listeningInternet, 1)
        let others = [
            socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0), socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0),
            open("/dev/null", O_RDONLY), listeningInternet, listeningPacket,
        ]
        for (index, raw) in others.enumerated() {
            #expect(throws: UnixListener.Failure.self, "\(index)") { _ = try UnixListener(adopting: raw) }
            // It is still its owner's.
            #expect(fcntl(raw, F_GETFD) >= 0)
            close(raw)
        }
        #expect(throws: UnixListener.Failure.self) { _ = try UnixListener(adopting: 999_999) }
    }

    // MARK: - Accepting

    /// In a process of its own, for the limit on descriptors is one of the process.
    @Test func withoutADescriptorLeftAPeerIsTurnedAwayAndTheNextOneServed() async {
        await #expect(processExitsWith: .success) {
            let path = FileManager.default.temporaryDirectory.path + "/tokend-io-\(getpid()).sock"
            let listener = try UnixListener(path: path, mode: 0o600)
            var reserve = ReserveDescriptor()
            var peers: [Int32] = []
            func addPeer() throws {
                let raw = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
                try #require(try UnixAddress(path: path).withSocketAddress { connect(raw, $0, $1) } == 0)
                peers.append(raw)
            }
            try addPeer()
            try addPeer()
            try #require(accept(listener, &reserve) == .connection)
            // The lowest free number becomes the limit: no descriptor is left.
            let free = dup(0)
            close(free)
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            var none = rlimit(rlim_cur: rlim_t(free), rlim_max: limit.rlim_max)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &none)
            try #require(dup(0) == -1)
            try #require(accept(listener, &reserve) == .turnedAway)
            // accept(2) says EMFILE before it looks whether anybody waits: a loop that asks until nobody does ends.
            try #require(accept(listener, &reserve) == .none)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            // Turned away is told so: the connection ends.
            var byte: UInt8 = 0
            try #require(read(peers[1], &byte, 1) == 0)
            try addPeer()
            try #require(accept(listener, &reserve) == .connection)
            try #require(accept(listener, &reserve) == .none)
            listener.removeFile()
        }
    }
}

private enum Answer { case connection, none, turnedAway, failed }

private func accept(_ listener: borrowing UnixListener, _ reserve: inout ReserveDescriptor) -> Answer {
    switch listener.accept(reserve: &reserve) {
    case .connection: .connection
    case .none: .none
    case .turnedAway: .turnedAway
    case .failed: .failed
    }
}
