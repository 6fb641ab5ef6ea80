/// An encoded VerifyResponse that says VALID, short of what all such answers have alike, so that many can be kept.
///
///     08 01 │ 12 1e t o k _ │ 26 digits │ 18 kind │ workspace, principal, name, scopes, expiry
///     not kept              │ kept      │ a bit   │ kept, behind the digits
///
/// Sound for as long as the memory is there that it was made of: it is for whoever keeps the text, who hands it on at once.
package struct KeptAnswer {
    private static let leadByteCount = 8
    private static let digitCount = 26
    private static let kindByteCount = 2
    /// The outcome and the beginning of the token's id, as one number of eight bytes.
    private static let lead = UInt64(bigEndian: 0x0801_121e_746f_6b5f)
    /// How much shorter the text is than the answer.
    private static let savedByteCount = leadByteCount + kindByteCount

    private let text: UnsafeRawBufferPointer
    private let isOfAccount: Bool

    /// Of what `Parts` has written, as it said.
    package init(text: UnsafeRawBufferPointer, isOfAccount: Bool) {
        precondition(text.count >= Self.digitCount, "no text of an answer")
        self.text = text
        self.isOfAccount = isOfAccount
    }

    package var payloadByteCount: Int { text.count + Self.savedByteCount }

    /// The first field behind the digits; none if its length takes more than a byte.
    package var workspaceID: UnsafeRawBufferPointer {
        let start = Self.digitCount + 2
        guard text.count >= start, text[start - 2] == 0x22, text[start - 1] < 0x80,
            Int(text[start - 1]) <= text.count - start
        else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(rebasing: text[start..<start + Int(text[start - 1])])
    }

    /// The whole of it, in memory that has room for that many bytes.
    func write(to payload: UnsafeMutableRawPointer) {
        guard let text = text.baseAddress else { return }
        payload.storeBytes(of: Self.lead, as: UInt64.self)
        (payload + Self.leadByteCount).copyMemory(from: text, byteCount: Self.digitCount)
        let kind: UInt16 = isOfAccount ? 0x0218 : 0x0118
        payload.storeBytes(of: kind.littleEndian, toByteOffset: Self.leadByteCount + Self.digitCount, as: UInt16.self)
        (payload + Self.savedByteCount + Self.digitCount)
            .copyMemory(from: text + Self.digitCount, byteCount: self.text.count - Self.digitCount)
    }

    /// What an answer is to be kept by.
    package struct Parts: ~Escapable {
        package let isOfAccount: Bool
        /// Where the first scope lies in what is written, or would.
        package let scopesOffset: Int
        private let payload: Span<UInt8>

        /// Nil for any other answer than one that says VALID of a token with an id and a kind of ours.
        @_lifetime(copy payload)
        package init?(_ payload: Span<UInt8>, scopesOffset: Int) {
            let kindOffset = leadByteCount + digitCount
            guard payload.count >= kindOffset + kindByteCount,
                scopesOffset >= kindOffset + kindByteCount, scopesOffset <= payload.count,
                payload.bytes.unsafeLoadUnaligned(as: UInt64.self) == lead, payload[kindOffset] == 0x18,
                (1...2).contains(payload[kindOffset + 1])
            else { return nil }
            isOfAccount = payload[kindOffset + 1] == 2
            self.scopesOffset = scopesOffset - savedByteCount
            self.payload = payload
        }

        package var byteCount: Int { payload.count - savedByteCount }

        /// Writes the text, which takes `byteCount` bytes.
        package func write(to text: UnsafeMutableRawBufferPointer) {
            let digits = payload.extracting(leadByteCount..<leadByteCount + digitCount)
            let rest = payload.extracting(droppingFirst: savedByteCount + digitCount)
            let behind = UnsafeMutableRawBufferPointer(rebasing: text.dropFirst(digitCount))
            digits.withUnsafeBytes { text.copyMemory(from: $0) }
            rest.withUnsafeBytes { behind.copyMemory(from: $0) }
        }
    }
}
