/// Finds what a mistyped word was meant to be.
enum Suggestion {
    /// “; did you mean …?”, or nothing when no word is near.
    static func nearest(to word: String, in words: [String]) -> String {
        let ranked = words.map { ($0, distance($0, word)) }.min { $0.1 < $1.1 }
        guard let (nearest, distance) = ranked, distance <= max(1, word.count / 3) else { return "" }
        return "; did you mean \(nearest)?"
    }

    /// How many letters have to be changed, added, taken away, or exchanged with their neighbour: the distance of
    /// Damerau and Levenshtein in its plain form, where no letter is touched twice.
    private static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var rows = [Array(0..<right.count + 1)]
        for (place, letter) in left.enumerated() {
            var row = [place + 1]
            for (column, other) in right.enumerated() {
                var nearest = min(
                    rows[place][column] + (letter == other ? 0 : 1), row[column] + 1, rows[place][column + 1] + 1)
                let isExchange = place > 0 && column > 0 && letter == right[column - 1] && left[place - 1] == other
                if isExchange { nearest = min(nearest, rows[place - 1][column - 1] + 1) }
                row.append(nearest)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}
