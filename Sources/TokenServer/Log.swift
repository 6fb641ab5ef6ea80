import Glibc
import LinuxIO
import Synchronization

/// The daemon's log: one line an event, `key=value`, to standard error. It never holds a secret.
package final class Log: Sendable {
    package enum Level: String, Sendable {
        case info
        case warning
        case error
    }

    /// A message that could come with every connection is written once in so many nanoseconds.
    private static let limitedIntervalNanoseconds: Int64 = 60_000_000_000
    private let lastWritten = Mutex<[String: Int64]>([:])

    package init() {}

    package func write(_ level: Level, _ message: String, _ fields: KeyValuePairs<String, String> = [:]) {
        write(level, message, fields.map { ($0.key, $0.value) })
    }

    private func write(_ level: Level, _ message: String, _ fields: [(String, String)]) {
        var line = "level=\(level.rawValue) message=\(Self.quoted(message))"
        for (key, value) in fields { line += " \(key)=\(Self.quoted(value))" }
        line += "\n"
        // One write, so that lines of two threads don't mix. A log that can't be written is no reason to stop.
        line.withUTF8 { bytes in
            _ = Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }

    /// At most once a minute for each message.
    package func limited(_ level: Level, _ message: String, _ fields: KeyValuePairs<String, String>) {
        let now = SystemClock.monotonicNanoseconds()
        let isDue = lastWritten.withLock { last in
            if let before = last[message], now - before < Self.limitedIntervalNanoseconds { return false }
            last[message] = now
            return true
        }
        if isDue { write(level, message, fields.map { ($0.key, $0.value) }) }
    }

    /// As logfmt has it: whatever could look like another field or another line is quoted and escaped.
    static func quoted(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != 0x22 && $0 != 0x3d }
        if isPlain { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            default:
                let isHarmless: Bool =
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator: false
                    default: true
                    }
                quoted += isHarmless ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return quoted + "\""
    }
}
