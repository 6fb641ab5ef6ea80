/// Durations as people write them: `90s`, `15m`, `12h`, `30d`, `2w`.
enum DurationText {
    private static let units: [(suffix: Character, seconds: Int64)] = [
        ("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400), ("w", 604_800),
    ]

    static func parse(_ text: String) -> Duration? {
        guard let last = text.last, let unit = units.first(where: { $0.suffix == last }),
            let count = Int64(text.dropLast()), count >= 0
        else { return nil }
        let (seconds, overflow) = count.multipliedReportingOverflow(by: unit.seconds)
        return overflow ? nil : .seconds(seconds)
    }
}
