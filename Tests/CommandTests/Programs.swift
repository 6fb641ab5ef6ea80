import Foundation
import TestSupport
import Testing

/// The programs as they were built, run as a person runs them.
enum Programs {
    /// They lie beside the test bundle, whose executable this process is.
    static let directory = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

    struct Outcome {
        let exitCode: Int32
        let output: String
        let errors: String

        /// The output without the line feed at its end.
        var line: String { output.trimmingCharacters(in: .newlines) }
    }

    static func process(
        _ program: String, _ arguments: [String], environment: [String: String] = [:]
    ) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program, relativeTo: directory)
        process.arguments = arguments
        process.environment = environment.merging(["PATH": "/usr/bin:/bin"]) { given, _ in given }
        return process
    }

    /// Runs a line of bash, in which `$0` is a program of this package.
    static func shell(_ program: String, _ line: String, environment: [String: String] = [:]) throws -> Outcome {
        try run("/bin/bash", ["-c", line, directory.appendingPathComponent(program).path], environment: environment)
    }

    /// Runs a program to its end: one of this package by its name, or any by its path.
    static func run(
        _ program: String, _ arguments: [String], input: String = "", environment: [String: String] = [:]
    ) throws -> Outcome {
        let process = process(program, arguments, environment: environment)
        let (standardInput, output, errors) = (Pipe(), Pipe(), Pipe())
        process.standardInput = standardInput
        process.standardOutput = output
        process.standardError = errors
        try process.start()
        try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        let complaint = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Outcome(
            exitCode: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
            errors: String(decoding: complaint, as: UTF8.self))
    }
}

extension Process {
    /// Starts it with no signal blocked, as a shell does: threads of tests block most, and a process inherits that.
    func start() throws {
        var (none, earlier) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &earlier)
        defer { pthread_sigmask(SIG_SETMASK, &earlier, nil) }
        try run()
    }
}

/// A daemon on a store and sockets of its own, with a home for the logins of its test.
final class RunningDaemon {
    private let place: TemporaryDirectory
    var directory: String { place.path }
    private var daemon = Process()
    var store: String { directory + "/store" }

    init() throws {
        place = try TemporaryDirectory("tokend-command")
        let made = try Programs.run("tokend", ["init", "--store", store])
        try #require(made.exitCode == 0, "\(made.errors)")
        try start()
    }

    var processID: Int32 { daemon.processIdentifier }

    /// Ends the daemon in good order.
    func end() {
        if daemon.isRunning { daemon.terminate() }
        daemon.waitUntilExit()
    }

    /// Ends the daemon in good order and starts it again.
    func restart() throws {
        end()
        try start()
    }

    func start(store place: String? = nil) throws {
        daemon = Programs.process(
            "tokend", ["serve", "--store", place ?? store, "--socket", directory + "/tokend.sock"])
        daemon.standardInput = FileHandle.nullDevice
        daemon.standardError = FileHandle.nullDevice
        try daemon.start()
        for _ in 0..<500 where !FileManager.default.fileExists(atPath: directory + "/operator.sock") {
            usleep(10_000)
        }
    }

    deinit { end() }

    var environment: [String: String] {
        ["TOKEND_SOCKET": directory + "/tokend.sock", "HOME": directory + "/own"]
    }

    func tokenctl(_ arguments: String..., input: String = "") throws -> Programs.Outcome {
        try Programs.run("tokenctl", arguments, input: input, environment: environment)
    }

    /// A workspace whose administrator is logged in.
    func logIn() throws {
        let made = try tokenctl("bootstrap", "--workspace", "ws_test", "--user", "ann", "--quiet")
        try #require(made.exitCode == 0, "\(made.errors)")
        let login = try tokenctl("login", input: made.output)
        try #require(login.exitCode == 0, "\(login.errors)")
    }
}
