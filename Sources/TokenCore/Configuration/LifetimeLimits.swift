/// How long a new token may live at most, by its kind; none for as long as its maker likes.
package struct LifetimeLimits: Sendable, Equatable {
    package var personalSeconds: Int64?
    package var serviceAccountSeconds: Int64?

    package init(personalSeconds: Int64? = nil, serviceAccountSeconds: Int64? = nil) {
        self.personalSeconds = personalSeconds
        self.serviceAccountSeconds = serviceAccountSeconds
    }

    package func seconds(_ kind: TokenKind) -> Int64? {
        switch kind {
        case .personal: personalSeconds
        case .serviceAccount: serviceAccountSeconds
        }
    }
}

/// Durations as a setting has them: a number and a unit, `90s`, `15m`, `12h`, `30d`, `2w`.
package enum DurationText {
    private static let units: [(suffix: UInt8, seconds: Int64)] = [
        (UInt8(ascii: "w"), 604_800), (UInt8(ascii: "d"), 86_400), (UInt8(ascii: "h"), 3_600),
        (UInt8(ascii: "m"), 60), (UInt8(ascii: "s"), 1),
    ]

    /// Seconds. Nil for a text that is no duration, and past the largest number.
    package static func parse(_ text: String) -> Int64? {
        guard let unit = units.first(where: { $0.suffix == text.utf8.last }) else { return nil }
        let digits = text.utf8.dropLast()
        // Int64's own parser takes a sign.
        guard digits.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }), let count = Int64(Substring(digits)) else {
            return nil
        }
        let (seconds, isTooLarge) = count.multipliedReportingOverflow(by: unit.seconds)
        return isTooLarge ? nil : seconds
    }

    /// In the largest unit that divides it, but for weeks, which people don't count many of: `90d`, not `12w6d`.
    package static func text(seconds: Int64) -> String {
        for unit in units.dropFirst() where seconds != 0 && seconds % unit.seconds == 0 {
            return "\(seconds / unit.seconds)\(Unicode.Scalar(unit.suffix))"
        }
        return "\(seconds)s"
    }
}
