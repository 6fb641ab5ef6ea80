// Helpers to go between String and bytes without Foundation.

extension String {
    /// The text whose UTF-8 these bytes are, ill-formed parts replaced by U+FFFD.
    init(copying bytes: Span<UInt8>) {
        self = bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether the UTF-8 of this text is `bytes`, without making a String of them.
    package func hasUTF8(_ bytes: Span<UInt8>) -> Bool {
        haveSameBytes(utf8Span.span, bytes)
    }
}

/// Whether two spans hold the same bytes. Stops at the first difference: not for secrets.
func haveSameBytes(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    return left.withUnsafeBytes { left in
        right.withUnsafeBytes { right in
            var position = 0
            while left.count - position >= 8 {
                guard
                    left.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                        == right.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                else { return false }
                position += 8
            }
            while position < left.count {
                guard left[position] == right[position] else { return false }
                position += 1
            }
            return true
        }
    }
}
