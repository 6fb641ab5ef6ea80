import Foundation
import TokenClient

/// A tokend of our own, on sockets in a new directory, and on a store there or on one that is given. `end` stops it and
/// removes the directory.
final class BenchDaemon {
    let directory: String
    var socketPath: String { directory + "/tokend.sock" }
    private var logPath: String { directory + "/log" }
    private static let startNanosecondsMax: Int64 = 20_000_000_000
    /// Longer than it takes to answer what is in flight.
    private static let endNanosecondsMax: Int64 = 30_000_000_000
    private let settings: Settings
    private var process: Process?
    /// From the wish to start the process to its first answer, when that was last waited for.
    private(set) var startNanoseconds: Int64 = 0

    struct Settings {
        /// Where the directory is made.
        var parent = "/tmp"
        /// The store that is served, made if it is not there; one in the directory if nil.
        var store: String?
        /// The daemon's configuration; what the host's says is not for this daemon.
        var configuration = "/dev/null"
        /// The cores it may run on, as taskset(1) reads them.
        var cores: String?
        /// Further words of its command line.
        var arguments: [String] = []
    }

    /// Starts it, and returns when it serves. `environment` is that of this program, with these variables set.
    init(_ settings: Settings, environment: [String: String] = [:]) throws {
        self.settings = settings
        let parent = URL(fileURLWithPath: settings.parent).path
        var template = Array((parent + "/tokenbench-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            let reason = String(cString: strerror(errno))
            throw Problem(
                message: "no directory can be made in \(parent): \(reason)", exitCode: .cannotCreate)
        }
        directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        do {
            try start(environment: environment)
        } catch {
            end()
            throw error
        }
    }

    /// Starts it on the store that it served before. `isAwaited` waits until it serves.
    func start(environment: [String: String] = [:], isAwaited: Bool = true) throws {
        let program = try Self.program()
        let store = settings.store ?? directory + "/store"
        if !FileManager.default.fileExists(atPath: store) {
            let initialization = try run([program, "init", "--store", store, "--config", settings.configuration])
            initialization.waitUntilExit()
            if initialization.terminationStatus != 0 { throw Problem(message: "tokend init failed:\n\(log)") }
        }
        let asked = Clock.nowNanoseconds
        let placement = settings.cores.map { ["/usr/bin/taskset", "-c", $0] } ?? []
        process = try run(
            placement + [program, "serve", "--store", store, "--socket", socketPath]
                + ["--config", settings.configuration] + settings.arguments, environment: environment)
        if isAwaited {
            try waitUntilServing()
            startNanoseconds = Clock.nowNanoseconds - asked
        }
    }

    private func run(_ words: [String], environment: [String: String] = [:]) throws -> Process {
        if !FileManager.default.fileExists(atPath: logPath) {
            _ = FileManager.default.createFile(atPath: logPath, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        let log = FileHandle(forWritingAtPath: logPath)
        _ = try log?.seekToEnd()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: words[0])
        process.arguments = Array(words.dropFirst())
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = log ?? FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Throws if it has ended, or does not serve in good time.
    func waitUntilServing() throws {
        let begun = Clock.nowNanoseconds
        while Clock.nowNanoseconds - begun < Self.startNanosecondsMax {
            // A client that was refused would wait before it connects again.
            let configuration = TokenClient.Configuration(
                socketPath: socketPath, callTimeout: .seconds(1), connectTimeout: .zero)
            if access(socketPath, F_OK) == 0, let client = try? TokenClient(configuration),
                (try? client.health()) == .serving
            {
                return
            }
            if process?.isRunning != true { break }
            Clock.sleep(nanoseconds: Clock.nowNanoseconds - begun < 500_000_000 ? 250_000 : 10_000_000)
        }
        throw Problem(message: "tokend did not start:\n\(log)")
    }

    var isRunning: Bool { process?.isRunning == true }

    /// Ends it as a crash does: SIGKILL. Throws if it has ended otherwise before.
    func kill() throws {
        guard let process else { return }
        if process.isRunning { Glibc.kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        if process.terminationReason != .uncaughtSignal || process.terminationStatus != SIGKILL {
            throw Problem(message: "tokend ended by itself:\n\(log)")
        }
    }

    /// Stops the daemon in good order and removes the directory.
    func end() {
        if let process, process.isRunning {
            process.terminate()
            let asked = Clock.nowNanoseconds
            while process.isRunning && Clock.nowNanoseconds - asked < Self.endNanosecondsMax {
                Clock.sleep(nanoseconds: 2_000_000)
            }
            // One that hangs does not hold up whoever wants to end.
            if process.isRunning { Glibc.kill(process.processIdentifier, SIGKILL) }
            process.waitUntilExit()
        }
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// What the daemon wrote, for an error.
    private var log: String { (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? "" }

    /// tokend lies beside tokenbench, wherever that is.
    private static func program() throws -> String {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let program = own.deletingLastPathComponent().appendingPathComponent("tokend").path
        if !FileManager.default.isExecutableFile(atPath: program) {
            throw Problem(message: "there is no tokend beside tokenbench (\(program)); build or install both")
        }
        return program
    }
}
