// Helpers to go between String and bytes without Foundation.

extension String {
    /// The text whose UTF-8 these bytes are, ill-formed parts replaced by U+FFFD.
    init(copying bytes: Span<UInt8>) {
        self = bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether the UTF-8 of this text is `bytes`, without making a String of them.
    package func hasUTF8(_ bytes: Span<UInt8>) -> Bool {
        guard utf8.count == bytes.count else { return false }
        var position = 0
        for byte in utf8 {
            guard byte == bytes[position] else { return false }
            position += 1
        }
        return true
    }
}

/// Whether two spans hold the same bytes.
func haveSameBytes(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    for index in 0..<left.count where left[index] != right[index] { return false }
    return true
}
