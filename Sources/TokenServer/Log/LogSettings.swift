/// How the log is written. A reload puts it in force for the next event.
package struct LogSettings: Sendable, Equatable {
    package var format = LogFormat.auto
    /// Events below it are not written.
    package var level = LogLevel.info

    package init() {}

    package init(format: LogFormat, level: LogLevel = .info) {
        self.format = format
        self.level = level
    }
}

package enum LogFormat: UInt8, CaseIterable, Sendable {
    /// The journal's own protocol where standard error is the journal's, else logfmt.
    case auto
    case logfmt
    case json

    package var name: String { "\(self)" }
}

/// How much an event matters, the least first.
package enum LogLevel: UInt8, CaseIterable, Comparable, Sendable {
    /// What helps to find out why one call failed.
    case debug
    /// What an operator did, or the daemon by itself.
    case info
    /// What somebody should know of, while all goes on.
    case warning
    /// What failed and should not have.
    case error

    package var name: String { "\(self)" }

    /// As syslog(3) and the journal number it.
    var priority: Int {
        switch self {
        case .debug: 7
        case .info: 6
        case .warning: 4
        case .error: 3
        }
    }

    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }
}
