import Glibc
import LinuxIO
import Testing
import TokenWire

@testable import TokenServer

extension ServerTests {
    @Suite("The log of a daemon's process")
    struct DaemonLogTests {
        private let place: DaemonProcess.Place

        init() throws {
            place = try DaemonProcess.Place()
        }

        private func daemon(_ settings: String) throws -> DaemonProcess {
            let path = place.directory.path + "/tokend.conf"
            try write(settings, to: path)
            return try DaemonProcess(place, arguments: ["--config", path])
        }

        @Test func everyFailedCallIsFoundByItsTraceID() throws {
            let daemon = try daemon("log-format = json\nlog-level = debug\n")
            let admin = try daemon.bootstrap()
            let client = try RawClient(place.socketPath)
            let failures = [
                try client.call(.whoAmI, EmptyMessage(), metadata: [.bearer(Tokens.unknown)]),
                try client.call(.whoAmI, EmptyMessage(), metadata: [.bearer(Tokens.unknown)]),
                try client.call(.getToken, GetTokenRequest(id: "tok_x"), metadata: [.bearer(admin)]),
                try client.call(.createToken, CreateTokenRequest(name: ""), metadata: [.bearer(admin)]),
                try client.call(.bootstrap, BootstrapRequest()),
                try RawClient(place.socketPath).exchange(
                    Frames.frame(2, .request, []), replyCount: 1)[0],
                try RawClient(place.socketPath).exchange(
                    Frames.frame(1, .request, [], announcing: WireLimits.requestBodyByteCountMax + 1), replyCount: 1)[
                        0],
            ]
            daemon.kill(SIGTERM)
            #expect(daemon.waitForExit() == 0)
            let lines = try place.log().split(separator: "\n")
            for failure in failures {
                let trace = try #require(failure.traceID)
                let line = try #require(lines.first { $0.contains("\"trace\":\"\(trace)\"") })
                #expect(line.hasPrefix("{\"time\":\"") && line.contains("\"pid\":\"\(getpid())\""))
            }
        }

        @Test func oneUsersFailuresDoNotHideThoseOfAnother() {
            let kinds = FailureKinds()
            var count = 0
            for reason in ErrorReason.allCases {
                count += Method.allCases.count { kinds.isFirst(1, $0, reason) }
            }
            // Unless a minute ends meanwhile.
            #expect((32...64).contains(count))
            #expect(kinds.isFirst(2, .verify, .conflict))
        }

        @Test func theFirstFailedCallOfEachKindIsFoundByItsTraceIDWithoutDebugging() throws {
            let daemon = try daemon("log-format = json\n")
            let admin = try daemon.bootstrap()
            let client = try RawClient(place.socketPath)
            var traces: [String] = []
            for _ in 0..<20 {
                let failures = [
                    try client.call(.getToken, GetTokenRequest(id: "tok_x"), metadata: [.bearer(admin)]),
                    try client.call(.createToken, CreateTokenRequest(name: ""), metadata: [.bearer(admin)]),
                    try client.call(.bootstrap, BootstrapRequest()),
                ]
                traces += try failures.map { try #require($0.traceID) }
            }
            daemon.kill(SIGTERM)
            #expect(daemon.waitForExit() == 0)
            let log = try place.log()
            for trace in traces.prefix(3) { #expect(log.contains("\"trace\":\"\(trace)\"")) }
            // A minute may end meanwhile.
            #expect(traces.count { log.contains($0) } <= 6)
        }

        @Test func aLogThatNobodyReadsKeepsNoCallWaiting() throws {
            #expect(mkfifo(place.logPath, 0o600) == 0)
            // Held open for both, so that the daemon can open it; nothing is read for now.
            let pipe = open(place.logPath, O_RDWR | O_CLOEXEC)
            defer { close(pipe) }
            let daemon = try daemon("log-level = debug\n")
            let admin = try daemon.bootstrap()
            let client = try RawClient(place.operatorPath)
            // More than the pipe and the queue hold.
            let calls = Frames.ids(4_000).flatMap { Frames.request($0, .setWorkspaceState, SetWorkspaceStateRequest()) }
            let sender = try PosixThread(name: "sender") { [descriptor = client.descriptor] in
                _ = writeAll(calls, to: descriptor)
            }
            for _ in 0..<4_000 { #expect(try client.receive()?.code == .invalidArgument) }
            sender.join()
            #expect(
                try RawClient(place.socketPath).call(.verify, VerifyRequest(token: admin)).verified().outcome == .valid)
            var log = ""
            while !log.contains("events were dropped") {
                var chunk = [UInt8](repeating: 0, count: 64 << 10)
                let count = read(pipe, &chunk, chunk.count)
                log += String(decoding: chunk.prefix(max(count, 0)), as: UTF8.self)
            }
            #expect(log.contains("message=ready"))
            daemon.kill(SIGTERM)
            #expect(daemon.waitForExit() == 0)
        }
    }
}
