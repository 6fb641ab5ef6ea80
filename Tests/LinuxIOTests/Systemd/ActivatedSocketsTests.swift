import Foundation
import Glibc
import LinuxIO
import Testing

/// Serialized, for the numbers of descriptors belong to the process.
@Suite("Sockets that are handed over", .serialized)
final class ActivatedSocketsTests {
    private static let names = ["rpc", "operator"]
    /// In place of 3, which other tests use.
    private static let first: Int32 = 700

    private let directory: String
    private var opened: Int32 = 0

    init() throws {
        directory = FileManager.default.temporaryDirectory.path + "/tokend-handed-" + UUID().uuidString
        try #require(mkdir(directory, 0o700) == 0)
    }

    deinit {
        for offset in 0..<opened { close(Self.first + offset) }
        try? FileManager.default.removeItem(atPath: directory)
    }

    private func path(_ name: String) -> String { directory + "/" + name }

    /// Gives the next number to `raw`, as a service manager does: open across exec.
    private func handOver(_ raw: Int32) {
        dup2(raw, Self.first + opened)
        close(raw)
        opened += 1
    }

    private func bound(_ name: String, type: UInt32 = SOCK_STREAM.rawValue, isListening: Bool = true) throws -> Int32 {
        let raw = socket(AF_UNIX, Int32(type), 0)
        try #require(try UnixAddress(path: path(name)).withSocketAddress { bind(raw, $0, $1) } == 0)
        if isListening { try #require(listen(raw, 5) == 0) }
        return raw
    }

    private func environment(_ count: String?, _ names: String?, owner: String? = "42") -> ServiceEnvironment {
        var environment = ServiceEnvironment()
        environment.listenProcessID = owner
        environment.listenCount = count
        environment.listenNames = names
        return environment
    }

    private func sockets(_ environment: ServiceEnvironment) throws -> ActivatedSockets {
        try ActivatedSockets(environment, names: Self.names, processID: 42, firstDescriptor: Self.first)
    }

    private func refusal(_ body: () throws -> Void) throws -> String {
        try #require(throws: ActivatedSockets.Failure.self, performing: body).description
    }

    /// The number of the descriptor behind a name. The listener ends with this call, and closes it.
    private func take(_ name: String, at file: String, from sockets: inout ActivatedSockets) throws -> Int32? {
        guard let listener = try sockets.take(name, boundTo: path(file)) else { return nil }
        let raw = listener.descriptor.rawValue
        #expect(fcntl(raw, F_GETFD) == FD_CLOEXEC)
        #expect(fcntl(raw, F_GETFL) & O_NONBLOCK != 0)
        // The file is the service manager's.
        listener.removeFile()
        #expect(access(path(file), F_OK) == 0)
        return raw
    }

    @Test func eachIsFoundByItsNameAndClosedOnExec() throws {
        handOver(try bound("o.sock"))
        handOver(try bound("r.sock"))
        var sockets = try sockets(environment("2", "operator:rpc"))
        for raw in [Self.first, Self.first + 1] { #expect(fcntl(raw, F_GETFD) == FD_CLOEXEC) }
        opened = 0  // The listeners close them.
        #expect(try take("rpc", at: "r.sock", from: &sockets) == Self.first + 1)
        #expect(try take("operator", at: "o.sock", from: &sockets) == Self.first)
        #expect(try take("rpc", at: "r.sock", from: &sockets) == nil)
    }

    @Test(
        "what is meant for another process, or nothing at all, is ignored",
        arguments: [(nil, "2"), ("43", "2"), ("43", "garbage"), ("42", nil), ("42", "0")] as [(String?, String?)])
    func ignored(owner: String?, count: String?) throws {
        var sockets = try sockets(environment(count, "rpc:operator", owner: owner))
        #expect(try take("rpc", at: "r.sock", from: &sockets) == nil)
    }

    @Test(
        "wrong values are refused with the reason",
        arguments: [
            ("x", "2", "rpc:operator", "LISTEN_PID is “x”"), ("-4", "2", "rpc:operator", "LISTEN_PID is “-4”"),
            ("42", "-1", "rpc", "LISTEN_FDS is “-1”"), ("42", "many", "rpc", "LISTEN_FDS is “many”"),
            ("42", "99999", "rpc:operator", "LISTEN_FDS is 99999, but there are 2 sockets: rpc and operator"),
            ("42", "2", "rpc", "must name 2 sockets"), ("42", "1", nil, "must name 1 sockets"),
            ("42", "1", "rpc:operator", "must name 1 sockets"), ("42", "1", "http", "names a socket “http”"),
            ("42", "1", "unknown", "FileDescriptorName"), ("42", "2", "rpc:rpc", "two sockets “rpc”"),
            ("42", "1", "rpc", "descriptor 700, which LISTEN_FDS counts as “rpc”, is not open"),
        ] as [(String, String, String?, String)])
    func refused(owner: String, count: String, names: String?, reason: String) throws {
        if count == "2" {
            handOver(try bound("a.sock"))
            handOver(try bound("b.sock"))
        }
        let message = try refusal { _ = try sockets(environment(count, names, owner: owner)) }
        #expect(message.contains(reason), "\(message)")
    }

    @Test func whatIsNoListeningUnixStreamSocketIsRefused() throws {
        let tcp = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        listen(tcp, 5)
        let wrong = [
            open("/dev/null", O_RDWR), tcp, try bound("d.sock", type: SOCK_DGRAM.rawValue, isListening: false),
            try bound("s.sock", isListening: false), socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0),
        ]
        for raw in wrong {
            handOver(raw)
            var sockets = try sockets(environment("1", "rpc"))
            let message = try refusal { _ = try take("rpc", at: "r.sock", from: &sockets) }
            #expect(message.contains("“rpc” was handed over, but descriptor 700 is not a listening Unix stream socket"))
            opened -= 1
        }
    }

    @Test func aSocketAtAnotherPlaceThanClientsLookIsRefused() throws {
        handOver(try bound("elsewhere.sock"))
        var sockets = try sockets(environment("1", "rpc"))
        opened = 0
        let message = try refusal { _ = try take("rpc", at: "r.sock", from: &sockets) }
        #expect(message.contains("at \(path("elsewhere.sock")), but the setting wants \(path("r.sock"))"))
    }

    @Test func theSamePlaceByAnotherNameIsTaken() throws {
        symlink(directory, path("link"))
        handOver(try bound("r.sock"))
        var sockets = try sockets(environment("1", "rpc"))
        opened = 0
        #expect(try take("rpc", at: "link/r.sock", from: &sockets) == Self.first)
    }
}
