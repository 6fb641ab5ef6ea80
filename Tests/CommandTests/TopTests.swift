import Foundation
import Testing

@Suite("tokenctl top", .serialized)
struct TopTests {
    let daemon: RunningDaemon
    private static let enter = "\u{1B}[?1049h"
    private static let leave = "\u{1B}[?1049l"

    init() throws {
        daemon = try RunningDaemon()
    }

    @Test func withoutATerminalItPrintsOneReadingAndEnds() throws {
        try daemon.logIn()
        for arguments in [["top"], ["top", "--once"]] {
            let outcome = try Programs.run("tokenctl", arguments, environment: daemon.environment)
            #expect(outcome.exitCode == 0)
            #expect(outcome.output.hasPrefix("tokend 0.1.0, serving, up ") && !outcome.output.contains("\u{1B}"))
            #expect(outcome.output.contains("\nOperationsService/Bootstrap  "))
            #expect(outcome.output.contains("\n\(geteuid()) (\(NSUserName()))  "))
        }
    }

    @Test func inJSONItIsForPrograms() throws {
        let output = try daemon.tokenctl("top", "--json").output
        let report = try #require(JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
        #expect(report["since_start"] as? Bool == true)
        #expect((report["peers"] as? [[String: Any]])?.count == 1)
    }

    @Test func aTerminalThatUnderstandsNoCodesGetsNone() throws {
        let terminal = try Pseudoterminal()
        let environment = daemon.environment.merging(["TERM": "dumb"]) { $1 }
        let top = try terminal.start("tokenctl", ["top"], environment: environment)
        #expect(try !terminal.read(until: "BUSIEST PEERS").contains("\u{1B}"))
        top.waitUntilExit()
        #expect(top.terminationStatus == 0)
    }

    @Test func theViewFitsTheTerminalAndLeavesItAsItWas() throws {
        let terminal = try Pseudoterminal()
        terminal.resize(rows: 6, columns: 40)
        let top = try terminal.start("tokenctl", ["top"], environment: daemon.environment)
        let small = try terminal.read(until: "\u{1B}[J")
        #expect(small.contains(Self.enter) && !terminal.isEchoing)
        #expect(small.components(separatedBy: "\r\n").count == 6)
        #expect(small.contains("\r\nverifications  ") && !small.contains("BUSIEST"))
        terminal.resize(rows: 40, columns: 132)
        kill(top.processIdentifier, SIGWINCH)
        let large = try terminal.read(until: "\u{1B}[J")
        #expect(large.contains("BUSIEST PEERS"))
        terminal.type("q")
        _ = try terminal.read(until: Self.leave)
        top.waitUntilExit()
        #expect(top.terminationReason == .exit && top.terminationStatus == 0)
        #expect(terminal.isEchoing)
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func aSignalEndsItWithTheTerminalAsItWas(_ number: Int32) throws {
        let terminal = try Pseudoterminal()
        let top = try terminal.start("tokenctl", ["top"], environment: daemon.environment)
        _ = try terminal.read(until: "\u{1B}[J")
        kill(top.processIdentifier, number)
        _ = try terminal.read(until: Self.leave)
        top.waitUntilExit()
        // Ctrl-C is how a view is left; another signal is told to whoever sent it.
        #expect(top.terminationReason == (number == SIGINT ? .exit : .uncaughtSignal))
        #expect(top.terminationStatus == (number == SIGINT ? 0 : number))
        #expect(terminal.isEchoing)
    }
}
