/// Numbers as a person reads them at a glance.
enum Figure {
    /// `12,345`, and with one decimal below a hundred.
    static func number(_ value: Double) -> String {
        if value < 99.95 && value != value.rounded() { return decimal(value) }
        return grouped(value)
    }

    static func rate(_ perSecond: Double) -> String { "\(number(perSecond))/s" }

    /// `12 µs`, `1.5 ms`; nothing that is known is `–`.
    static func duration(_ seconds: Double?) -> String {
        guard let seconds else { return "–" }
        return switch seconds {
        case ..<0.001: "\(number(seconds * 1_000_000)) µs"
        case ..<1: "\(number(seconds * 1_000)) ms"
        default: "\(number(seconds)) s"
        }
    }

    static func share(_ part: Double?) -> String { part.map { "\(decimal($0 * 100))%" } ?? "–" }

    static func bytes(_ count: Double) -> String {
        count < 1_048_576 ? "\(number(count / 1_024)) KiB" : "\(number(count / 1_048_576)) MiB"
    }

    /// The two largest units: `3 d 4 h`.
    static func span(_ seconds: Double) -> String {
        let seconds = Int64(seconds)
        let parts = [
            (seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s"),
        ]
        let shown = parts.drop { $0.0 == 0 }.prefix(2)
        return shown.isEmpty ? "0 s" : shown.map { "\($0.0) \($0.1)" }.joined(separator: " ")
    }

    private static func decimal(_ value: Double) -> String {
        let tenths = Int64((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func grouped(_ value: Double) -> String {
        let digits = String(Int64(value.rounded()))
        var grouped = ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index) % 3 == 0 { grouped += "," }
            grouped.append(digit)
        }
        return grouped
    }
}
