import LinuxIO

extension Daemon {
    /// Says why the process ends, on standard error, and to a service manager that no daemon here has talked to: a wrong
    /// command line or configuration then stands in `systemctl status`, and is an error in the journal.
    package static func complain(_ message: String) {
        // sd-daemon(3): the journal takes the priority of a line from its beginning.
        let prefix = StandardError.isJournal ? "<\(LogLevel.error.priority)>" : ""
        let lines = "tokend: \(message)".split(separator: "\n").map { "\(prefix)\($0)\n" }
        _ = writeAll(Array(lines.joined().utf8), to: StandardError.descriptor)
        guard let socket = ServiceEnvironment.take().notifySocket else { return }
        _ = try? ServiceNotifier(socket: socket).tell([.status(message)])
    }
}
