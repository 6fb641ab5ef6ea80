import Foundation
import Testing

@Suite("tokenctl events --follow", .serialized)
struct FollowTests {
    let daemon: RunningDaemon

    init() throws {
        daemon = try RunningDaemon()
        try daemon.logIn()
    }

    /// A command that follows, and the lines that it has shown.
    private final class Follower {
        let process: Process
        private let output = Pipe()
        private let errors = Pipe()
        private var text = ""

        init(_ daemon: RunningDaemon, _ arguments: String...) throws {
            process = Programs.process("tokenctl", ["events", "--follow"] + arguments, environment: daemon.environment)
            process.standardOutput = output
            process.standardError = errors
            try process.start()
        }

        deinit { if process.isRunning { process.terminate() } }

        /// The next piece of what it says beside its lines; empty at the end.
        func remark() throws -> String { String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self) }

        func line() throws -> String {
            while !text.contains("\n") {
                let data = output.fileHandleForReading.availableData
                try #require(!data.isEmpty, "it ended")
                text += String(decoding: data, as: UTF8.self)
            }
            let line = text.prefix { $0 != "\n" }
            text.removeFirst(line.count + 1)
            return String(line)
        }
    }

    @Test func aDaemonThatIsAwayIsWaitedForAndToldOnce() throws {
        let follower = try Follower(daemon, "--quiet", "--after", "0")
        for _ in 1...3 { _ = try follower.line() }
        daemon.end()
        let remark = try follower.remark()
        #expect(remark.hasSuffix("start tokend, or name another socket; waiting for it\n"))
        // Longer than the pauses between the first attempts.
        usleep(200_000)
        try daemon.start()
        try change(1)
        _ = try follower.line()
        follower.process.terminate()
        #expect(try follower.remark() == "")
    }

    @Test func aDaemonThatWasNeverThereIsAnErrorAsForEveryCommand() throws {
        daemon.end()
        let ended = try daemon.tokenctl("events", "--follow", "--after", "7")
        #expect(ended.exitCode == 69)
        #expect(ended.errors.contains("start tokend") && !ended.errors.contains("waiting"))
    }

    private func change(_ number: Int) throws {
        let made = try daemon.tokenctl("token", "create", "t\(number)", "--scope", "issues:read", "--quiet")
        try #require(made.exitCode == 0, "\(made.errors)")
    }

    @Test func eventsAreShownAsTheyComeEachInALineOfJSON() throws {
        let follower = try Follower(daemon, "--json", "--after", "0", "--action", "token.created")
        #expect(try follower.line().contains(#""target": "tok_"#))
        for number in 1...3 {
            try change(number)
            let line = try follower.line()
            let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect((event?["metadata"] as? [String: String])?["name"] == "t\(number)")
        }
    }

    @Test func afterARestartNoEventIsLostAndNoneComesTwice() throws {
        let follower = try Follower(daemon, "--quiet", "--after", "0")
        var last = 0
        for _ in 1...3 {
            let number = Int(try follower.line())
            #expect(number == last + 1 || last == 0)
            last = try #require(number)
        }
        try daemon.restart()
        for number in 1...3 {
            try change(number)
            #expect(Int(try follower.line()) == last + number)
        }
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func aSignalEndsItAsItEndsEveryProgram(_ number: Int32) throws {
        let follower = try Follower(daemon, "--after", "0")
        #expect(try follower.line().contains("workspace.created"))
        kill(follower.process.processIdentifier, number)
        follower.process.waitUntilExit()
        #expect(follower.process.terminationReason == .uncaughtSignal)
        #expect(follower.process.terminationStatus == number)
    }

    @Test func itEndsWhenNobodyReads() throws {
        let line = """
            trap '' PIPE
            { for name in a b c; do sleep 0.2; "$0" token create $name --scope issues:read > $name; done; } &
            timeout 10 "$0" events --follow --after 0 | head -1
            exit ${PIPESTATUS[0]}
            """
        let shell = try Programs.shell("tokenctl", "cd \(daemon.directory); \(line)", environment: daemon.environment)
        #expect(shell.exitCode == 0)
        #expect(shell.output.split(separator: "\n").count == 1)
    }

    @Test func whoMayNotReadTheAuditIsRefused() throws {
        let file = daemon.directory + "/reader"
        let made = try daemon.tokenctl("token", "create", "reader", "--scope", "issues:read", "--output-file", file)
        try #require(made.exitCode == 0)
        let refused = try daemon.tokenctl("events", "--follow", "--token-file", file)
        #expect(refused.exitCode == 77)
        #expect(refused.errors.contains("audit:read"))
        #expect(try daemon.tokenctl("events", "--follow", "--after", "1000000").exitCode == 65)
    }

    @Test func itEndsWhenTheFollowersTokenDoes() throws {
        let file = daemon.directory + "/auditor"
        let made = try daemon.tokenctl(
            "token", "create", "auditor", "--scope", "audit:read", "--output-file", file, "--quiet")
        let follower = try Follower(daemon, "--token-file", file, "--action", "token.*", "--after", "0")
        _ = try follower.line()
        #expect(try daemon.tokenctl("token", "revoke", made.line).exitCode == 0)
        follower.process.waitUntilExit()
        #expect(follower.process.terminationReason == .exit)
        #expect(follower.process.terminationStatus == 77)
    }
}
