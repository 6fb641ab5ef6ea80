import Glibc

/// A file that is replaced as a whole: whoever reads it sees the old one or the new one, and never half of one.
enum MetricsFile {
    /// For the collectors of other users.
    private static let mode: mode_t = 0o644

    static func replace(_ path: String, with text: String) throws(Problem) {
        // Not by a name that ends as the collector looks for.
        var file = try NewFile(beside: path, mark: ".")
        let bytes = Array(text.utf8)
        try file.append(bytes.span.bytes)
        try file.setMode(mode)
        try file.close()
        try file.replace(path)
    }
}
