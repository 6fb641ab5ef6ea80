import Foundation

/// The program as it is run, beside the tests' own executable.
enum Tokenbench {
    static let directory = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent()

    struct Outcome {
        let exitCode: Int32
        let output: String
        let errors: String
    }

    static func start(
        _ arguments: [String], _ output: Any, _ errors: Pipe, environment: [String: String] = [:]
    ) throws -> Process {
        let process = Process()
        process.executableURL = directory.appendingPathComponent("tokenbench")
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        return process
    }

    static func run(_ arguments: [String]) throws -> Outcome {
        let (output, errors) = (Pipe(), Pipe())
        return try outcome(of: (try start(arguments, output, errors), output, errors))
    }

    /// Waits for its end.
    static func outcome(of program: (process: Process, output: Pipe, errors: Pipe)) throws -> Outcome {
        let text = try program.output.fileHandleForReading.readToEnd() ?? Data()
        let complaint = try program.errors.fileHandleForReading.readToEnd() ?? Data()
        program.process.waitUntilExit()
        return Outcome(
            exitCode: program.process.terminationStatus, output: String(decoding: text, as: UTF8.self),
            errors: String(decoding: complaint, as: UTF8.self))
    }

    /// A directory of one test's own, removed at its end.
    static func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = "/tmp/tokenbench-test-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory)
    }
}
