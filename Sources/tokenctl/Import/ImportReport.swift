/// What became of a file's lines.
struct ImportReport {
    /// Lines that are not empty.
    var lineCount = 0
    var importedCount = 0
    /// Lines whose tokens an earlier run had taken over.
    var knownCount = 0
    /// Lines without fault in a batch with a refused one: of a batch all tokens are taken over or none.
    var heldBackCount = 0
    var refusedCount = 0
    /// Kept for JSON only; a person is told each at once.
    var refusals: [LineRefusal] = []

    var json: JSON {
        .object([
            ("lines", .count(lineCount)), ("imported", .count(importedCount)), ("known", .count(knownCount)),
            ("held_back", .count(heldBackCount)), ("refused_lines", .count(refusedCount)),
            ("refusals", .array(refusals.map(\.json))),
        ])
    }

    /// In a sentence. In a dry run nothing was sent: what is not refused is right as far as the file alone can tell.
    func text(isDryRun: Bool) -> String {
        let lines = counted(lineCount, "line")
        if isDryRun { return "\(lines): \(lineCount - refusedCount) right, \(refusedCount) refused" }
        var parts = ["\(importedCount) imported"]
        if knownCount > 0 { parts.append("\(knownCount) imported before") }
        if refusedCount > 0 { parts.append("\(refusedCount) refused") }
        if heldBackCount > 0 { parts.append("\(heldBackCount) held back with refused lines of their batch") }
        let text = "\(lines): \(parts.joined(separator: ", "))"
        return refusedCount == 0
            ? text : text + "\nMend the refused lines and run this again; nothing is imported twice."
    }
}
