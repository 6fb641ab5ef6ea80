/// What an identifier of ours names, as the letters before its ULID say: `tok_01ARZ3NDEKTSV4RRFFQ69G5FAV`.
package enum TypedID: Sendable, CaseIterable {
    case token
    case serviceAccount

    package var prefix: String {
        switch self {
        case .token: "tok_"
        case .serviceAccount: "sa_"
        }
    }

    package func text(_ id: ULID) -> String { prefix + id.description }

    /// The ULID of an identifier a client gave; nil if it can't be one of ours, so that no look-up is needed.
    package func parse(_ text: Span<UInt8>) -> ULID? {
        let prefix = prefix.utf8
        guard text.count == prefix.count + ULID.textByteCount else { return nil }
        var position = 0
        for byte in prefix {
            guard text[position] == byte else { return nil }
            position += 1
        }
        return ULID(text: text.extracting(droppingFirst: position))
    }
}
