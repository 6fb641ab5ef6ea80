import Foundation
import TestSupport
import Testing

@Suite("Command lines without a daemon")
struct CommandLineTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let program: String
        let arguments: [String]
        let exitCode: Int32
        let expected: String

        var testDescription: String { "\(program) \(arguments.joined(separator: " "))" }

        init(_ program: String, _ arguments: [String], _ exitCode: Int32, _ expected: String) {
            self.program = program
            self.arguments = arguments
            self.exitCode = exitCode
            self.expected = expected
        }
    }

    @Test(arguments: [
        Case("tokend", ["--version"], 0, "tokend 0.1.0"),
        Case("tokend", ["--help"], 0, "Usage: tokend <command>"),
        Case("tokend", ["serve", "--help"], 0, "--event-loops N"),
        Case("tokend", ["help", "serve"], 0, "--event-loops N"),
        Case("tokend", ["man", "tokend.cnf"], 64, "there is no manual “tokend.cnf”; there are tokend and tokend.conf"),
        Case("tokend", ["init", "store"], 64, "“store” is one word too many\nSee: tokend init --help"),
        Case("tokend", ["serve", "--check-config=yes"], 64, "--check-config takes no value"),
        Case("tokend", ["serve", "--event-loops", "65"], 64, "--event-loops: must be a number from 1 to 64"),
        Case("tokend", [], 64, "no command given"),
        Case("tokend", ["sevre"], 64, "there is no command “sevre”"),
        Case("tokend", ["serve", "--sotre", "x"], 64, "there is no option “--sotre”"),
        Case("tokend", ["serve", "--store"], 64, "--store needs a value"),
        Case("tokend", ["serve", "--store", "/nonexistent/store"], 78, "tokend init --store /nonexistent/store"),
        Case("tokend", ["serve", "--config", "/nonexistent.conf"], 78, "/nonexistent.conf"),
        Case(
            "tokend", ["recover", "--admin", "ann", "--workspace", "ws_a", "--output-file", "-"], 64,
            "leave out --output-file for standard output\nSee: tokend recover --help"),
        Case("tokenctl", ["--version"], 0, "tokenctl 0.1.0"),
    ])
    func aCommandLineAnswersAsExpected(_ line: Case) throws {
        let outcome = try Programs.run(line.program, line.arguments, environment: ["HOME": "/nonexistent"])
        #expect(outcome.exitCode == line.exitCode)
        #expect((outcome.output + outcome.errors).contains(line.expected))
    }

    @Test func initMakesAStoreOnceAndNeverOverwritesIt() throws {
        let place = try TemporaryDirectory("tokend-init")
        let directory = place.path + "/store"
        #expect(try Programs.run("tokend", ["init", "--store", directory]).exitCode == 0)
        let again = try Programs.run("tokend", ["init", "--store", directory])
        #expect(again.exitCode == 78)
        #expect(again.errors.contains("never overwrites"))
    }

    /// Directories of demos that run, or have left something.
    private static func demoDirectories() throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: "/tmp").filter { $0.hasPrefix("tokend-demo-") })
    }

    @Test func theDemoEndsWellAndLeavesNothing() throws {
        let before = try Self.demoDirectories()
        let demo = try Programs.run("tokenctl", ["demo", "--json"])
        #expect(demo.exitCode == 0, "\(demo.errors)")
        let answer = try #require(
            try JSONSerialization.jsonObject(with: Data(demo.output.utf8)) as? [String: Any])
        #expect(answer["as_expected"] as? Bool == true)
        #expect((answer["steps"] as? [Any])?.count == 11)
        #expect(try Self.demoDirectories().subtracting(before).isEmpty)
    }

    @Test func theDemoLeavesNothingWhenItsReaderLeaves() throws {
        let outcome = try Programs.shell("tokenctl", "set -o pipefail; \"$0\" demo | head -1")
        #expect(outcome.exitCode == 0)
        #expect(outcome.line.hasPrefix("A private tokend, with its store in /tmp/tokend-demo-"))
        let directory = try #require(outcome.line.split(separator: " ").last.map(String.init))
        #expect(!FileManager.default.fileExists(atPath: directory))
    }

    @Test(arguments: [
        ("tokenctl", "man > /dev/full"), ("tokenctl", "--help > /dev/full"), ("tokenctl", "completion bash >&-"),
        ("tokend", "man > /dev/full"), ("tokend", "default-config > /dev/full"), ("tokend", "--version >&-"),
    ])
    func whatCannotBeShownIsAnError(_ program: String, _ words: String) throws {
        let outcome = try Programs.shell(program, "\"$0\" \(words)")
        #expect(outcome.exitCode == 73)
        #expect(outcome.errors.contains("standard output can't be written"), "\(outcome.errors)")
    }

    @Test func aPipeThatDoesNotBlockGetsAllOfTheOutput() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let reader = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
        let writer = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
        // Of the least size, and with room made only when it has long been full.
        let setPipeSize: Int32 = 1_031  // F_SETPIPE_SZ, which Glibc's module has not
        #expect(fcntl(ends[1], setPipeSize, 4_096) == 4_096)
        #expect(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0)
        let process = Programs.process("tokenctl", ["man"])
        process.standardOutput = writer
        try process.start()
        try writer.close()
        usleep(100_000)
        let text = try reader.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(text == Data(try Programs.run("tokenctl", ["man"]).output.utf8))
    }

    @Test func theDemoCleansUpWhenInterrupted() throws {
        let demo = Programs.process("tokenctl", ["demo"])
        let output = Pipe()
        demo.standardOutput = output
        try demo.run()
        // The first line names the directory.
        let first = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        demo.interrupt()
        demo.waitUntilExit()
        let directory = try #require(
            first.split(separator: "\n").first?.split(separator: " ").last.map(String.init))
        #expect(directory.hasPrefix("/tmp/tokend-demo-"))
        #expect(!FileManager.default.fileExists(atPath: directory))
    }

    /// A program with more rights than its caller has sends secrets to nobody whom that one names in the environment.
    @Test(.enabled(if: geteuid() == 0)) func theServersUserIsNotTakenFromAnEnvironmentThatIsNotToBeTrusted() throws {
        let place = try TemporaryDirectory("tokenctl-setgid")
        let program = place.path + "/tokenctl"
        let built = Programs.directory.appendingPathComponent("tokenctl").path
        try FileManager.default.copyItem(atPath: built, toPath: program)
        try #require(chown(program, 0, 4242) == 0 && chmod(program, 0o2755) == 0)
        for (program, isTaken) in [(built, true), (program, false)] {
            let outcome = try Programs.run(
                program, ["token", "revoke", "--leaked", "--socket", place.path + "/none.sock"],
                environment: ["TOKEND_SERVER_USER": "nobody-has-this-name"])
            #expect(outcome.errors.contains("“nobody-has-this-name” is no user of this host") == isTaken)
            // Which it says only when it knows the daemon's user.
            #expect(outcome.errors.contains("standard input holds no token") == !isTaken, "\(outcome.errors)")
        }
    }
}
