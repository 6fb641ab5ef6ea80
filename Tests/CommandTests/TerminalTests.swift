import Foundation
import Testing

@Suite("tokenctl at a terminal", .serialized)
struct TerminalTests {
    let daemon: RunningDaemon
    let terminal: Pseudoterminal

    init() throws {
        daemon = try RunningDaemon()
        terminal = try Pseudoterminal()
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGQUIT])
    func whoeverLeavesThePromptGetsTheTerminalBackWithItsEcho(_ number: Int32) throws {
        let login = try terminal.start("tokenctl", ["login"], environment: daemon.environment)
        _ = try terminal.read(until: "not shown")
        #expect(!terminal.isEchoing)
        kill(login.processIdentifier, number)
        login.waitUntilExit()
        #expect(login.terminationReason == .uncaughtSignal)
        #expect(login.terminationStatus == number)
        #expect(terminal.isEchoing)
    }

    @Test func theTokenThatIsTypedIsNotShown() throws {
        let made = try daemon.tokenctl("bootstrap", "--workspace", "ws_test", "--user", "ann", "--quiet")
        let login = try terminal.start("tokenctl", ["login"], environment: daemon.environment)
        let question = try terminal.read(until: "not shown):\r\n")
        terminal.type(made.line + "\n")
        let answer = try terminal.read(until: "logged in as ann")
        login.waitUntilExit()
        #expect(login.terminationStatus == 0)
        #expect(!(question + answer).contains(made.line))
        #expect(terminal.isEchoing)
    }

    @Test func whatCannotBeUndoneIsAskedAbout() throws {
        try daemon.logIn()
        #expect(try daemon.tokenctl("member", "put", "bob", "--role", "analyst").exitCode == 0)
        let removal = ["member", "remove", "bob"]
        let refusal = try daemon.tokenctl("member", "remove", "bob")
        #expect(refusal.exitCode == 64)
        #expect(refusal.errors.contains("say --yes"))

        for (answer, exitCode) in [("n", 1), ("", 1), ("yes please", 1), ("y", 0)] as [(String, Int32)] {
            let process = try terminal.start("tokenctl", removal, environment: daemon.environment)
            let question = try terminal.read(until: "[y/N] ")
            #expect(question.contains("Remove member bob"))
            terminal.type(answer + "\n")
            _ = try terminal.read(until: exitCode == 0 ? "removed bob" : "nothing was changed")
            process.waitUntilExit()
            #expect(process.terminationStatus == exitCode)
            let isMember = try !daemon.tokenctl("member", "list", "--user", "bob", "--quiet").output.isEmpty
            #expect(isMember == (exitCode != 0))
        }
    }

    @Test func coloursAreForATerminalAlone() throws {
        let process = try terminal.start("tokenctl", ["status"], environment: daemon.environment)
        #expect(try terminal.read(until: "workspaces").contains("\u{1B}[32mserving"))
        process.waitUntilExit()
        let environment = daemon.environment.merging(["NO_COLOR": "1"]) { $1 }
        let plain = try terminal.start("tokenctl", ["status"], environment: environment)
        #expect(try !terminal.read(until: "workspaces").contains("\u{1B}["))
        plain.waitUntilExit()
        let dumb = try terminal.start(
            "tokenctl", ["status"], environment: daemon.environment.merging(["TERM": "dumb"]) { $1 })
        #expect(try !terminal.read(until: "workspaces").contains("\u{1B}["))
        dumb.waitUntilExit()
        // A variable that is empty says nothing.
        let coloured = try terminal.start(
            "tokenctl", ["status"], environment: daemon.environment.merging(["NO_COLOR": ""]) { $1 })
        #expect(try terminal.read(until: "workspaces").contains("\u{1B}[32mserving"))
        coloured.waitUntilExit()
        #expect(try !daemon.tokenctl("status").output.contains("\u{1B}["))
    }
}
