/// One power, as `resource:verb`: `issues:read`, `workspace.compliance:write`.
///
/// The resource: lower-case letters, digits and `_`, and between two of them also `-` and `.`. The verb: lower-case letters. At
/// most 100 bytes in all. So a scope holds no space, and a list of them is text joined by spaces.
package struct Scope: Hashable, Comparable, Sendable, CustomStringConvertible {
    package static let byteCountMax = 100

    package let text: String

    /// Nil for a text that is no scope.
    package init?(_ text: String) {
        let isScope = Array(text.utf8).withUnsafeBufferPointer { Self.isWellFormed(Span(_unsafeElements: $0)) }
        guard isScope else { return nil }
        self.text = text
    }

    package init?(utf8 bytes: Span<UInt8>) {
        guard Self.isWellFormed(bytes) else { return nil }
        text = String(copying: bytes)
    }

    package static func < (left: Scope, right: Scope) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    package var description: String { text }

    /// Allocates nothing.
    package static func isWellFormed(_ text: Span<UInt8>) -> Bool {
        guard text.count <= byteCountMax else { return false }
        var colon: Int?
        for index in 0..<text.count where text[index] == UInt8(ascii: ":") {
            colon = index
            break
        }
        guard let colon, colon > 0, colon + 1 < text.count else { return false }
        for index in 0..<colon {
            let isInside = index > 0 && index + 1 < colon
            guard isResource(text[index], isInside: isInside) else { return false }
        }
        for index in (colon + 1)..<text.count where !isLetter(text[index]) { return false }
        return true
    }

    private static func isLetter(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "a") < 26 }

    private static func isResource(_ byte: UInt8, isInside: Bool) -> Bool {
        isLetter(byte) || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "_")
            || isInside && (byte == UInt8(ascii: "-") || byte == UInt8(ascii: "."))
    }
}
