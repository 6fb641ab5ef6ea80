import Glibc
import TokenCore

/// Remembers what recorded scopes come to under a role: few combinations are in use, and working one out takes longer
/// than the rest of a verification.
///
/// It holds the results of one generation of the rules, and belongs to one thread.
struct EffectiveScopes {
    private struct Result {
        let recorded: [UInt8]
        let role: [UInt8]?
        /// With single spaces between them.
        let effective: [UInt8]
    }

    /// A power of two. Each combination has one place, from which another one may drive it out.
    private static let placeCount = 64

    private let rules: AccessRules
    private var results = [Result?](repeating: nil, count: placeCount)

    init(_ rules: AccessRules) {
        self.rules = rules
    }

    /// Lends `body` the effective scopes of a token that has `recorded`; of an account's if there is no role.
    mutating func of(
        recorded: UnsafeRawBufferPointer, role: UnsafeRawBufferPointer?, _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        let place = Self.hash(role.map { Self.hash(0, $0) } ?? 1, recorded) & (Self.placeCount - 1)
        if let result = results[place], Self.equal(result.recorded, recorded), Self.equal(result.role, role) {
            return result.effective.withUnsafeBytes(body)
        }
        let roleName = role.map { String(decoding: $0, as: UTF8.self) }
        let scopes = ScopeSet(text: String(decoding: recorded, as: UTF8.self)) ?? ScopeSet()
        let effective = Array(rules.effectiveScopes(recorded: scopes, role: roleName).text.utf8)
        results[place] = Result(recorded: Array(recorded), role: role.map { Array($0) }, effective: effective)
        effective.withUnsafeBytes(body)
    }

    /// Good enough to spread what no attacker chooses more than a name of: a collision only costs the work again. Eight bytes
    /// at a time, the last of them once more where they are no multiple of eight.
    private static func hash(_ seed: Int, _ bytes: UnsafeRawBufferPointer) -> Int {
        var hash = UInt64(bitPattern: Int64(seed)) &+ 0xcbf2_9ce4_8422_2325 &+ UInt64(bytes.count)
        func mix(_ word: UInt64) {
            hash = (hash ^ word) &* 0x9e37_79b9_7f4a_7c15
            hash ^= hash >> 29
        }
        if bytes.count < 8 {
            for byte in bytes { mix(UInt64(byte)) }
        } else {
            for offset in stride(from: 0, to: bytes.count - 8, by: 8) {
                mix(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            }
            mix(bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self))
        }
        return Int(truncatingIfNeeded: hash ^ hash >> 32)
    }

    private static func equal(_ kept: [UInt8]?, _ bytes: UnsafeRawBufferPointer?) -> Bool {
        guard let kept, let bytes else { return kept == nil && bytes == nil }
        return kept.span.withUnsafeBytes { kept in
            guard kept.count == bytes.count, let left = kept.baseAddress, let right = bytes.baseAddress else {
                return kept.isEmpty && bytes.isEmpty
            }
            return memcmp(left, right, bytes.count) == 0
        }
    }
}
