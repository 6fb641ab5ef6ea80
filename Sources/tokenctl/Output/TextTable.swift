extension String {
    /// With spaces behind it to this many characters.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
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
                column == row.indices.last ? cell : cell.padded(to: widths[column])
            }
            return cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    /// Names and values under each other, for one thing.
    static func pairs(_ pairs: [(String, String?)]) -> String {
        let shown = pairs.compactMap { name, value in value.map { (name, $0) } }
        let width = shown.map(\.0.count).max() ?? 0
        return shown.map { "\($0.0.padded(to: width))  \($0.1)" }.joined(separator: "\n")
    }
}
