import TokenClient

/// Times as people think of them: `in 29 days`, `3 hours ago`.
enum RelativeTime {
    private static let units: [(name: String, seconds: Int64)] = [
        ("year", 31_536_000), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1),
    ]

    static func text(_ time: Timestamp, from now: Timestamp) -> String {
        let difference = time.seconds - now.seconds
        let magnitude = abs(difference)
        guard let unit = units.first(where: { magnitude >= $0.seconds }) else { return "now" }
        let count = magnitude / unit.seconds
        let amount = counted(Int(count), unit.name)
        return difference > 0 ? "in \(amount)" : "\(amount) ago"
    }

    /// Both, for one thing shown in full.
    static func full(_ time: Timestamp, from now: Timestamp) -> String {
        "\(time) (\(text(time, from: now)))"
    }
}
