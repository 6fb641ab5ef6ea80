internal import LinuxIO

/// Names one attempt to make or roll a token, so that asking again can't make a second one.
///
/// The library makes one for each call and uses it again when it repeats the call after a lost connection. Make your own
/// to ask again after a `deadlineExceeded` or `connectionLost`: within 10 minutes the same request gives a fresh secret
/// for the same token, and the secret that never arrived is dead. The rule is in PROTOCOL.md ("Retry").
public struct RequestID: Hashable, Sendable {
    private let text: String

    /// A new one: the time, and 74 random bits.
    public init() {
        text = Self.text(
            milliseconds: UInt64(max(0, SystemClock.realtimeMicroseconds() / 1_000)), high: Randomness.word(),
            low: Randomness.word())
    }

    /// Version 7 of RFC 9562: four bits say the version and two the variant. It begins with the time, so that requests which
    /// follow each other lie together in the daemon's store: a disk writes one page for many of them.
    static func text(milliseconds: UInt64, high: UInt64, low: UInt64) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let words = [milliseconds << 16 | 0x7000 | high & 0xfff, low & ~(3 << 62) | 1 << 63]
        var text: [UInt8] = []
        for position in 0..<32 {
            if [8, 12, 16, 20].contains(position) { text.append(UInt8(ascii: "-")) }
            text.append(digits[Int(words[position / 16] >> (60 - 4 * UInt64(position % 16)) & 0xf)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension RequestID: LosslessStringConvertible {
    /// A UUID made elsewhere: 36 characters, lower or upper case. Nil for any other text.
    public init?(_ description: String) {
        let bytes = Array(description.utf8)
        guard bytes.count == 36 else { return nil }
        for (position, byte) in bytes.enumerated() {
            let isHyphen = byte == UInt8(ascii: "-")
            guard [8, 13, 18, 23].contains(position) ? isHyphen : Character(Unicode.Scalar(byte)).isHexDigit else {
                return nil
            }
        }
        text = description.lowercased()
    }

    /// The UUID in lower case.
    public var description: String { text }
}
