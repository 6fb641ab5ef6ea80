import Glibc
import LinuxIO
import Synchronization
import TestSupport
import Testing
import TokenCore
import TokenStore

@testable import TokenClient
@testable import TokenServer

/// A real server in this process, on a store and sockets of its own, with the workspace ws_acme and its administrator ann.
final class ManagedDaemon: Sendable {
    private let place: TemporaryDirectory
    private var directory: String { place.path }
    private let server: Mutex<Server?>

    init() throws {
        Signals.ignoreBrokenPipes()
        place = try TemporaryDirectory("tokenclient")
        let directory = place.path
        try Store.create(directory: directory + "/store")
        server = Mutex(try Self.serve(directory))
        try write(configuration: "")
        let host = try TokenClient(.init(socketPath: operatorPath, connectTimeout: .seconds(20)))
        _ = try host.bootstrap(workspaceID: "ws_acme", userID: "ann", timeout: .seconds(30))
    }

    private static func serve(_ directory: String) throws -> Server {
        var configuration = LoadedConfiguration()
        configuration.settings.changeRate = .unlimited
        return try Server(
            store: try Store(
                directory: directory + "/store", epochPagePath: directory + "/tokend.sock.epochs",
                whenPoisoned: { Issue.record("the store is poisoned: \($0)") }),
            sockets: SocketPair(
                service: UnixListener(path: directory + "/tokend.sock", mode: 0o660),
                operator: UnixListener(path: directory + "/operator.sock", mode: 0o600)),
            configuration: configuration,
            source: ConfigurationSource(file: directory + "/tokend.conf"), log: try Log(),
            whenFailed: { Issue.record("the server failed: \($0)") })
    }

    private func end() {
        server.withLock { server in
            server?.drain()
            server?.wait()
            server = nil
        }
    }

    /// Ends the server in good order, and starts another on the same store.
    func restart() throws {
        end()
        let next = try Self.serve(directory)
        server.withLock { $0 = next }
    }

    /// Writes what a reload reads.
    func write(configuration text: String) throws {
        let file = try #require(fopen(directory + "/tokend.conf", "w"))
        fputs(text, file)
        fclose(file)
    }

    var operatorPath: String { directory + "/operator.sock" }
    var servicePath: String { directory + "/tokend.sock" }

    deinit {
        end()
    }
}

enum TestDigest {
    static func of(_ text: String) -> [UInt8] { Digest(hashing: Array(text.utf8).span).bytes }
}
