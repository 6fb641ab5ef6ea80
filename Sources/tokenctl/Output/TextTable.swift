extension String {
    /// Its words in lines of at most this length; a longer word has a line of its own.
    func wrapped(_ columnCountMax: Int) -> [String] {
        split(whereSeparator: \.isWhitespace).reduce(into: []) { lines, word in
            if let last = lines.last, last.count + 1 + word.count <= columnCountMax {
                lines[lines.count - 1] += " \(word)"
            } else {
                lines.append(String(word))
            }
        }
    }

    /// With spaces behind it to this many characters.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }

    /// Digits with zeroes before them to this many.
    func zeroPadded(to width: Int) -> String {
        String(repeating: "0", count: max(0, width - count)) + self
    }

    fileprivate var withoutTrailingSpaces: String {
        String(reversed().drop { $0 == " " }.reversed())
    }
}

/// Rows in aligned columns, as people read them.
struct TextTable {
    private var rows: [[String]]

    init(header: [String]) {
        rows = [header.map { $0.uppercased() }]
    }

    mutating func add(_ row: [String]) {
        rows.append(row)
    }

    var text: String {
        let columnCount = rows.map(\.count).max() ?? 0
        let widths = (0..<columnCount).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                cell.padded(to: widths[column])
            }
            return cells.joined(separator: "  ").withoutTrailingSpaces
        }.joined(separator: "\n")
    }

    /// Names and values under each other, for one thing; a value may have several lines.
    static func pairs(_ pairs: [(String, String?)]) -> String {
        let shown = pairs.compactMap { name, value in value.map { (name, $0) } }
        let width = shown.map(\.0.count).max() ?? 0
        let indentation = "\n" + String(repeating: " ", count: width + 2)
        return shown.map { name, value in
            name.padded(to: width) + "  " + value.split(separator: "\n").joined(separator: indentation)
        }.joined(separator: "\n")
    }
}
