/// A position in a list, handed to a client and taken back: opaque to it, and refused if it changed.
///
///     base64url(payload ‖ first 16 bytes of HMAC-SHA-256(key, binding's byte count u32 ‖ binding ‖ payload))
///
/// The binding says which list the position is in (method, caller, workspace, filters) and does not travel: a cursor is
/// good for that list alone. Its length goes before it, so that no other pair of binding and payload has the same code.
package enum AuthenticatedCursor {
    /// A position is a few ids and instants.
    package static let payloadByteCountMax = 512
    private static let codeByteCount = 16
    private static var textByteCountMax: Int { Base64URL.textByteCount(payloadByteCountMax + codeByteCount) }

    /// Traps if the payload has more than `payloadByteCountMax` bytes: it is ours, no client chooses it.
    package static func seal(payload: Span<UInt8>, binding: Span<UInt8>, key: Span<UInt8>) -> String {
        precondition(payload.count <= payloadByteCountMax)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(payload.count + codeByteCount)
        payload.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        code(payload: payload, binding: binding, key: key).withUnsafeBytes {
            bytes.append(contentsOf: $0.prefix(codeByteCount))
        }
        return Base64URL.encode(bytes)
    }

    /// The payload of a cursor sealed with the same binding and key; nil for any other text.
    package static func open(_ text: Span<UInt8>, binding: Span<UInt8>, key: Span<UInt8>) -> [UInt8]? {
        guard text.count <= textByteCountMax, let bytes = Base64URL.decode(text), bytes.count >= codeByteCount else {
            return nil
        }
        let payload = bytes.span.extracting(droppingLast: codeByteCount)
        var difference: UInt8 = 0
        code(payload: payload, binding: binding, key: key).withBytes { expected in
            // Every byte is compared, whatever those before it said: the time tells nothing of the code.
            for index in 0..<codeByteCount { difference |= expected[index] ^ bytes[payload.count + index] }
        }
        guard difference == 0 else { return nil }
        return Array(bytes.dropLast(codeByteCount))
    }

    private static func code(payload: Span<UInt8>, binding: Span<UInt8>, key: Span<UInt8>) -> Digest {
        var code = HMACSHA256(key: key)
        let count = UInt32(truncatingIfNeeded: binding.count)
        let prefix: InlineArray<4, UInt8> = [
            UInt8(truncatingIfNeeded: count >> 24), UInt8(truncatingIfNeeded: count >> 16),
            UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count),
        ]
        code.update(prefix.span)
        code.update(binding)
        code.update(payload)
        return code.finalize()
    }
}
