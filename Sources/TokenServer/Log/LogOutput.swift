package import LinuxIO

/// Where the log's thread writes: to the journal by its own protocol where that is possible, else lines to a descriptor.
package struct LogOutput: Sendable {
    private let descriptor: Int32
    /// None where the descriptor is not the journal's.
    private let journal: JournalSocket?

    package init(descriptor: Int32, journal: JournalSocket?) {
        self.descriptor = descriptor
        self.journal = journal
    }

    /// Standard error, and the journal behind it if there is one.
    package static func standardError() -> LogOutput {
        LogOutput(
            descriptor: StandardError.descriptor, journal: StandardError.isJournal ? JournalSocket.ofSystem() : nil)
    }

    /// Waits for as long as the reader does. False when the event is lost: there is no reader.
    func write(_ event: LogEvent, as format: LogFormat) -> Bool {
        if format == .auto, let journal, journal.send(event.journalDatagram) { return true }
        let line = format == .json ? event.json : event.logfmt
        // sd-daemon(3): the journal takes the priority of a line from its beginning.
        let prefix = journal == nil ? "" : "<\(event.level.priority)>"
        return writeAll(Array((prefix + line).utf8), to: descriptor)
    }
}
