import Glibc
import LinuxIO
import TokenCore
import TokenStore

/// The whole process: from a configuration to an exit code.
package enum Daemon {
    /// Why it did not start, and the exit code that says so (sysexits(3)).
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
        package let exitCode: Int32
        /// The log has it already, in a form that a program reads.
        package fileprivate(set) var isLogged = false

        init(description: String, exitCode: ExitCode) {
            self.description = description
            self.exitCode = exitCode.rawValue
        }

        init(_ failure: StoreFailure) {
            description = failure.description
            exitCode = failure.exitCode
        }

        init(_ failure: Server.Failure) {
            description = failure.description
            exitCode = failure.exitCode.rawValue
        }
    }

    package static var version: String { Version.current }

    /// Makes an empty store. Run as root for a directory that is another user's, it becomes that user first.
    package static func initialize(storeDirectory: String) throws(Failure) {
        try becomeOwner(of: storeDirectory)
        do throws(StoreFailure) {
            try Store.create(directory: storeDirectory)
        } catch {
            throw Failure(error)
        }
    }

    /// Serves until a signal ends it. Returns the exit code.
    ///
    /// `SignalAttendant` says which; SIGHUP reads `source` again.
    package static func serve(
        _ configuration: LoadedConfiguration, from source: ConfigurationSource
    ) throws(Failure) -> Int32 {
        // Before any thread exists: threads inherit the mask, and may read the environment.
        let signals = Signals(blocking: [SIGTERM, SIGINT, SIGHUP])
        let environment = ServiceEnvironment.take()
        Signals.ignoreBrokenPipes()
        ProcessProtection.apply()
        Privileges.raiseOpenFileLimit()
        let log = try makeLog(configuration.settings.log)
        defer { log.close() }
        let reporter = ServiceReporter(environment, log: log)
        do throws(Failure) {
            let attendant = try attend(to: signals, log, reporter)
            let sockets = try DaemonSockets(environment)
            return try serve(configuration, from: source, on: sockets, attendant, log, reporter)
        } catch {
            reporter.failed(error.description)
            var failure = error
            if configuration.settings.log.format == .json {
                log.write(.error, "the daemon could not start", ["reason": error.description])
                failure.isLogged = true
            }
            throw failure
        }
    }

    private static func serve(
        _ configuration: LoadedConfiguration, from source: ConfigurationSource, on sockets: DaemonSockets,
        _ attendant: SignalAttendant, _ log: Log, _ reporter: ServiceReporter
    ) throws(Failure) -> Int32 {
        let exitCode = attendant.exitCode
        let fail: @Sendable (String, ExitCode) -> Void = { reason, code in
            log.write(.error, "the daemon ends and is to be restarted", ["reason": reason])
            reporter.failed("Ending, to be restarted: \(reason)")
            exitCode.set(code)
            kill(getpid(), SIGTERM)
        }
        let opening = LongStart(reporter, of: "Opening the store \(configuration.settings.storeDirectory)")
        defer { opening?.end() }
        let (store, sockets) = try open(sockets, configuration, attendant, log, fail)
        let server = try start(store, sockets, configuration, source, log, reporter, fail)
        opening?.end()
        reporter.ready()
        let settings = configuration.settings
        log.write(
            .info, "ready",
            [
                "socket": settings.socketPath, "operator_socket": settings.operatorSocketPath,
                "store": settings.storeDirectory, "event_loops": String(settings.eventLoopCount),
            ])
        if let doubt = store.doubt {
            log.write(
                .warning, "the store may not be safe where it is",
                ["store": settings.storeDirectory, "file_system": doubt])
        }
        logHead(store, log, "audit head at start")
        attendant.attend(to: server) { logHead(store, log, "audit head") }
        server.wait()
        // A copy of the head outside of the store is what shows a rewriting of the store.
        logHead(store, log, "audit head at stop")
        return exitCode.value
    }

    private static func makeLog(_ settings: LogSettings) throws(Failure) -> Log {
        do throws(SystemError) {
            return try Log(settings)
        } catch {
            throw Failure(description: "the log's thread could not start: \(error)", exitCode: .system)
        }
    }

    /// The store, and the sockets: bound once the store is known to be whole, and before the page beside them is touched,
    /// which may be that of another daemon there.
    private static func open(
        _ sockets: DaemonSockets, _ configuration: LoadedConfiguration, _ attendant: SignalAttendant, _ log: Log,
        _ fail: @escaping @Sendable (String, ExitCode) -> Void
    ) throws(Failure) -> (Store, SocketPair) {
        var taken: SocketPair?
        do throws(StoreFailure) {
            let store = try Store(
                directory: configuration.settings.storeDirectory, rules: configuration.rules,
                epochPagePath: configuration.settings.epochPagePath,
                takingPlaces: { () throws(StoreFailure) in
                    attendant.expectServer()
                    taken = try take(sockets, configuration.settings, log)
                },
                whenPoisoned: { fail("the store takes no change any more: \($0)", .disk) },
                whenHindered: { log.limited(.error, "changes fail", ["error": $0]) })
            guard let taken else { preconditionFailure("a store was opened without taking the sockets") }
            // Whoever may open the socket may read the page.
            if let groupID = taken.service.file?.groupID { store.epochs.file?.give(toGroup: groupID) }
            return (store, taken)
        } catch {
            taken?.removeFiles()
            throw Failure(error)
        }
    }

    private static func take(
        _ sockets: DaemonSockets, _ settings: ServerConfiguration, _ log: Log
    ) throws(StoreFailure) -> SocketPair {
        do {
            var sockets = sockets
            return try sockets.takeAll(settings, log)
        } catch {
            throw .placeTaken("\(error)")
        }
    }

    private static func start(
        _ store: Store, _ sockets: SocketPair, _ configuration: LoadedConfiguration, _ source: ConfigurationSource,
        _ log: Log, _ reporter: ServiceReporter, _ fail: @escaping @Sendable (String, ExitCode) -> Void
    ) throws(Failure) -> Server {
        do throws(Server.Failure) {
            return try Server(
                store: store, sockets: sockets, configuration: configuration, source: source, log: log,
                reporter: reporter, whenFailed: { fail("an event loop failed: \($0)", .system) })
        } catch {
            sockets.removeFiles()
            store.close()
            throw Failure(error)
        }
    }

    private static func attend(
        to signals: Signals, _ log: Log, _ reporter: ServiceReporter
    ) throws(Failure) -> SignalAttendant {
        do throws(SystemError) {
            return try SignalAttendant(signals, log, reporter)
        } catch {
            throw Failure(
                description: "the thread that waits for signals could not start: \(error)", exitCode: .system)
        }
    }

    private static func logHead(_ store: Store, _ log: Log, _ message: String) {
        let head = store.state.current
        log.write(
            .info, message,
            ["store": store.id.description, "seq": String(head.sequence), "hash": head.head.hexadecimal])
    }
}
