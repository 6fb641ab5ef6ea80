import Foundation

/// The tokens that verifications are about.
struct Population: Sendable {
    /// Secrets that the daemon issued.
    let known: [String]
    /// As many that it did not, but which look as if it had: it has to look for them.
    let unknown: [String]

    init(known: [String], wantsUnknown: Bool) {
        self.known = known
        var random = SplitMix64(state: UInt64(known.count))
        let first = known.first ?? ""
        unknown = wantsUnknown ? known.map { _ in ForeignToken.make(like: first, &random) } : []
    }

    /// Reads a file that `seed` wrote, one secret a line.
    static func read(_ path: String) throws -> [String] {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        if let mode = attributes?[.posixPermissions] as? NSNumber, mode.intValue & 0o077 != 0 {
            throw Problem(message: "\(path) can be read by others; chmod 0600 \(path)", exitCode: .invalidData)
        }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Problem.unreadable(path)
        }
        let secrets = text.split(whereSeparator: \.isNewline).map(String.init)
        if secrets.isEmpty { throw Problem(message: "\(path) holds no token", exitCode: .invalidData) }
        return secrets
    }
}

/// Texts that are well formed and nobody's: PROTOCOL.md calls their outcome UNKNOWN.
enum ForeignToken {
    private static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    private static let randomDigitCount = 43
    private static let checksumDigitCount = 6

    /// A text with the prefix and kind of a token that was issued, random digits and their checksum.
    static func make(like token: String, _ random: inout SplitMix64) -> String {
        var bytes = Array(token.utf8.prefix { $0 != UInt8(ascii: "_") }) + [UInt8(ascii: "_")]
        // 43 digits have room for more than 2^256 numbers; with a first digit of 0 this is a smaller one.
        bytes.append(digits[0])
        for _ in 1..<randomDigitCount { bytes.append(digits[Int.random(in: digits.indices, using: &random)]) }
        var checksum = crc32(bytes)
        var end: [UInt8] = []
        for _ in 0..<checksumDigitCount {
            end.append(digits[Int(checksum % 62)])
            checksum /= 62
        }
        return String(decoding: bytes + end.reversed(), as: UTF8.self)
    }

    /// CRC-32 of IEEE 802.3.
    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var remainder = UInt32.max
        for byte in bytes {
            remainder ^= UInt32(byte)
            for _ in 0..<8 { remainder = remainder >> 1 ^ (remainder & 1 == 1 ? 0xedb8_8320 : 0) }
        }
        return ~remainder
    }
}

/// A generator of numbers that nobody has to be unable to guess (Steele, Lea and Flood, 2014). From the same state come
/// the same numbers, so that two runs make the same calls.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
