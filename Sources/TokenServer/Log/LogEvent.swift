import TokenCore
import TokenWire

/// One event of the log.
struct LogEvent: Sendable {
    /// The key is ours: small letters and underscores. The value may come from outside.
    struct Field: Sendable {
        let key: StaticString
        let value: String
    }

    /// Of the message and of each value; the rest is cut off. So an event always fits one datagram to the journal.
    static let textByteCountMax = 4_096
    private static let overheadByteCount = 64

    let at: Instant
    let level: LogLevel
    let message: String
    let fields: [Field]

    init(at: Instant, _ level: LogLevel, _ message: String, _ fields: KeyValuePairs<StaticString, String> = [:]) {
        self.at = at
        self.level = level
        self.message = Self.cut(message)
        self.fields = fields.map { Field(key: $0.key, value: Self.cut($0.value)) }
    }

    /// What it takes in the queue, roughly.
    var byteCount: Int {
        fields.reduce(message.utf8.count + Self.overheadByteCount) { $0 + $1.value.utf8.count + Self.overheadByteCount }
    }

    private static func cut(_ text: String) -> String {
        let beginning = text.beginning(byteCountMax: textByteCountMax)
        return beginning.utf8.count < text.utf8.count ? beginning + "…" : text
    }
}
