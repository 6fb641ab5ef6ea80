import Foundation

extension String {
    /// With spaces behind it to this many characters.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }

    /// With spaces before it to this many characters.
    func indented(to width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}

/// Rows in columns: the first to the left, numbers to the right.
enum TextTable {
    static func text(_ rows: [[String]]) -> String {
        let columnCount = rows.map(\.count).max() ?? 0
        let widths = (0..<columnCount).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            row.enumerated().map { column, cell in
                column == 0 ? cell.padded(to: widths[column]) : cell.indented(to: widths[column])
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}

/// Numbers as people read them.
enum NumberText {
    /// Thousands apart: `1,234,567`.
    static func count(_ number: Int) -> String {
        var text = ""
        for (index, digit) in String(abs(number)).reversed().enumerated() {
            if index > 0 && index % 3 == 0 { text = "," + text }
            text = String(digit) + text
        }
        return number < 0 ? "-" + text : text
    }

    /// Three digits that count and a unit: `12.3 µs`, `1.25 ms`.
    static func duration(microseconds: Double) -> String {
        switch microseconds {
        case ..<1_000: "\(threeDigits(microseconds)) µs"
        case ..<1_000_000: "\(threeDigits(microseconds / 1_000)) ms"
        default: "\(threeDigits(microseconds / 1_000_000)) s"
        }
    }

    static func threeDigits(_ number: Double) -> String {
        String(format: number < 9.995 ? "%.2f" : number < 99.95 ? "%.1f" : "%.0f", number)
    }

    static func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }
}
