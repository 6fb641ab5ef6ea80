/// Scopes as people read them. Scripts take JSON.
enum ScopeText {
    private static let cellCountMax = 4
    private static let columnCountMax = 88

    /// For a cell of a table: some of them, when there are many.
    static func cell(_ scopes: [String]) -> String {
        if scopes.count <= cellCountMax { return scopes.joined(separator: " ") }
        return scopes.prefix(cellCountMax - 1).joined(separator: " ") + " and \(scopes.count - cellCountMax + 1) more"
    }

    /// All of them, in as many lines as they need; nil if there are none.
    static func lines(_ scopes: [String]) -> String? {
        scopes.isEmpty ? nil : scopes.joined(separator: " ").wrapped(columnCountMax).joined(separator: "\n")
    }
}
