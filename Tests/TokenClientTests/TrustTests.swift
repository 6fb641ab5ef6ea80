import Glibc
import Testing

@testable import TokenClient

@Suite("Whom a secret is sent to")
struct TrustTests {
    @Test("nothing is sent to a process that runs as somebody else")
    func otherUser() async throws {
        let place = try Place()
        let requests = Collected<Void>()
        let server = try FakeServer(path: place.socketPath) { _ in requests.add(()) }
        let client = try place.client { $0.trustedUserIDs = [54_321] }
        do throws(TokenError) {
            _ = try await client.verify("t")
            Issue.record("the server must not be trusted")
        } catch {
            #expect(error.code == .untrustedServer)
            #expect(error.message.contains("uid \(geteuid()) listens on \(place.socketPath)"))
        }
        #expect(await eventually { server.connectionCount == 1 && server.openConnectionCount == 0 })
        #expect(requests.count == 0)
        server.stop()
    }

    @Test("nothing is sent where others can put a socket of their own", arguments: [0o777, 0o1777, 0o770] as [UInt32])
    func writableDirectory(_ mode: UInt32) async throws {
        let place = try Place()
        let requests = Collected<Void>()
        let server = try FakeServer(path: place.socketPath) { _ in requests.add(()) }
        try #require(chmod(place.directory, mode) == 0)
        let client = try place.client()
        let code = await thrownCode { () async throws(TokenError) in _ = try await client.health() }
        #expect(code == .untrustedServer)
        #expect(requests.count == 0)
        server.stop()
    }

    @Test("a uid that this user namespace doesn't have is nobody's to trust")
    func unmappedUser() async throws {
        let place = try Place()
        let server = try FakeServer(path: place.socketPath) { $0.echo() }
        let client = try place.client { $0.trustedUserIDs = [65_534] }
        let code = await thrownCode { () async throws(TokenError) in _ = try await client.health() }
        #expect(code == .untrustedServer)
        server.stop()
    }

    @Test("root and the own user are trusted unless told otherwise")
    func defaults() {
        let trusted = TokenClient.Configuration().trustedServerUserIDs
        #expect(trusted.isSuperset(of: [0, geteuid()]))
        #expect(!trusted.contains(54_321))
    }

    @Test("what is there and is no socket fails at once", arguments: ["directory", "file"])
    func noSocket(_ kind: String) async throws {
        let place = try Place()
        if kind == "directory" {
            try #require(mkdir(place.socketPath, 0o700) == 0)
        } else {
            close(open(place.socketPath, O_CREAT | O_WRONLY, 0o600))
        }
        let client = try place.client(connectTimeout: .milliseconds(50))
        let code = await thrownCode { () async throws(TokenError) in _ = try await client.health() }
        #expect(code == .connectionFailed)
        rmdir(place.socketPath)
    }

    @Test("a path that no socket can have is refused when the client is made")
    func impossiblePath() {
        for path in ["", String(repeating: "p", count: 108), "/run/\0/x"] {
            let code = thrownCode { () throws(TokenError) in
                _ = try TokenClient(TokenClient.Configuration(socketPath: path))
            }
            #expect(code == .invalidArgument)
        }
    }

    @Test("the environment names the socket, and nothing else")
    func environment() {
        setenv("TOKEND_SOCKET", "/somewhere/else.sock", 1)
        let configuration = TokenClient.Configuration.fromEnvironment()
        unsetenv("TOKEND_SOCKET")
        #expect(configuration.socketPath == "/somewhere/else.sock")
        #expect(TokenClient.Configuration.fromEnvironment().socketPath == "/run/tokend/tokend.sock")
    }
}
