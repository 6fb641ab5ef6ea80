/// The body of a Verify request in its plainest form, read in one look and without the walk through its envelope.
///
/// Every encoder of protobuf writes fields in the order of their numbers and numbers in as few bytes as they take, so that
/// the requests of all clients begin with the same bytes:
///
///     0a 1d tokend.v1.VerificationService 12 06 Verify 1a nn │ 0a nn token │ 12 nn scope … 1a nn workspace │ 20 timeout
///     └ service                           └ method     └ payload             └ conditions                   └ at most
///
/// A body that differs is no error. It is left to `RequestEnvelope.View`, which knows every form and judges what is wrong;
/// what is read here means the same there.
public struct PlainVerify: ~Escapable {
    /// What stands before the payload's length.
    private static let opening: StaticString = "\u{0a}\u{1d}tokend.v1.VerificationService\u{12}\u{06}Verify\u{1a}"
    private static let openingByteCount = 40
    /// A call with less time than this is left to those who look at the clock.
    private static let timeoutNanosecondsMin: UInt64 = 1_000_000

    /// Any bytes: nobody has looked whether they are a text.
    public let token: Span<UInt8>
    /// The fields of the payload behind the token.
    private let conditions: Span<UInt8>

    /// Nil for a body in another form.
    @_lifetime(copy body)
    public init?(_ body: Span<UInt8>) {
        let payloadStart = Self.openingByteCount + 1
        guard body.count >= payloadStart + 2, Self.opens(body) else { return nil }
        let payloadEnd = payloadStart + Int(body[Self.openingByteCount])
        let tokenStart = payloadStart + 2
        let tokenEnd = tokenStart + Int(body[payloadStart + 1])
        // Lengths of 128 and more take two bytes, and the first has its highest bit set: both ends would lie too far.
        guard body[Self.openingByteCount] < 0x80, body[payloadStart] == 0x0a, body[payloadStart + 1] < 0x80,
            tokenEnd <= payloadEnd, payloadEnd <= body.count,
            payloadEnd == body.count || Self.isTimeout(body.extracting(droppingFirst: payloadEnd))
        else { return nil }
        token = body.extracting(tokenStart..<tokenEnd)
        conditions = body.extracting(tokenEnd..<payloadEnd)
    }

    /// Whether it is a Verify as every encoder begins it, whatever its payload is.
    public static func isVerification(_ body: Span<UInt8>) -> Bool {
        body.count >= openingByteCount && opens(body)
    }

    /// Of a body that is in this form: whether its call has a deadline.
    public static func hasTimeout(_ body: Span<UInt8>) -> Bool {
        body.count > openingByteCount && body.count > openingByteCount + 1 + Int(body[openingByteCount])
    }

    private static func opens(_ body: Span<UInt8>) -> Bool {
        let bytes = body.bytes
        // The literal's bytes are a constant of the program, and as many as these five words.
        let expected = UnsafeRawPointer(opening.utf8Start)
        var difference: UInt64 = 0
        for offset in stride(from: 0, to: openingByteCount, by: 8) {
            difference |=
                bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
                ^ expected.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        }
        return difference == 0
    }

    /// Whether the bytes are a `timeout_nano` and nothing else, and say at least a millisecond.
    private static func isTimeout(_ bytes: Span<UInt8>) -> Bool {
        guard bytes[0] == 0x20, bytes.count <= 10 else { return false }
        var value: UInt64 = 0
        var shift: UInt64 = 0
        for index in 1..<bytes.count {
            value |= UInt64(bytes[index] & 0x7f) << shift
            shift += 7
            // The last byte is the one without the highest bit.
            if (bytes[index] < 0x80) != (index == bytes.count - 1) { return false }
        }
        return value >= timeoutNanosecondsMin
    }

    /// Whether every scope that is required is held, and the workspace is the token's if one is named. False as well for
    /// conditions in another form than the plainest.
    public func areMet(scope isHeld: (Span<UInt8>) -> Bool, workspace isTheTokens: (Span<UInt8>) -> Bool) -> Bool {
        var position = 0
        while position < conditions.count {
            guard position + 2 <= conditions.count, conditions[position + 1] < 0x80 else { return false }
            let end = position + 2 + Int(conditions[position + 1])
            guard end <= conditions.count else { return false }
            let value = conditions.extracting(position + 2..<end)
            switch conditions[position] {
            case 0x12:
                if !isHeld(value) { return false }
            case 0x1a:
                // Of several the last counts, and one without a name is none: neither is plain.
                if end < conditions.count || value.isEmpty || !isTheTokens(value) { return false }
            default:
                return false
            }
            position = end
        }
        return true
    }
}
