/// A word that may be a secret which somebody typed as an argument. It is not repeated: output gets into logs.
enum PossibleSecret {
    /// As long as the shortest tokens of other systems.
    private static let byteCountMin = 20
    private static let idPrefixes = ["tok_", "sa_", "ws_"]

    static func isOne(_ word: String) -> Bool {
        word.utf8.count >= byteCountMin && word.contains(where: { $0.isNumber || $0.isUppercase })
            && !word.contains(where: { $0 == "/" || $0 == " " }) && !idPrefixes.contains(where: word.hasPrefix)
    }
}
