/// Finds what a mistyped word was meant to be.
enum Suggestion {
    /// “; did you mean …?”, or nothing when no word is near.
    static func nearest(to word: String, in words: [String]) -> String {
        let ranked = words.map { ($0, distance($0, word)) }.min { $0.1 < $1.1 }
        guard let (nearest, distance) = ranked, distance <= max(1, word.count / 3) else { return "" }
        return "; did you mean \(nearest)?"
    }

    /// Levenshtein's: how many letters have to be changed, added or taken away.
    private static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in row.indices.dropFirst() {
                let substitution = diagonal + (letter == right[column - 1] ? 0 : 1)
                diagonal = row[column]
                row[column] = min(substitution, row[column] + 1, row[column - 1] + 1)
            }
        }
        return row[right.count]
    }
}
