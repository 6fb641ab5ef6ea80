import TokenCore
import TokenWire

extension VerificationCache {
    /// A record of the ring, for as long as nothing is inserted.
    struct Entry {
        /// Sound: it points to a whole record of a cache that lives, see `VerificationCache`.
        private let record: UnsafeMutableRawPointer

        init(record: UnsafeMutableRawPointer) {
            self.record = record
        }

        func isOf(_ key: (UInt64, UInt64)) -> Bool {
            let first = record.load(as: UInt64.self) ^ key.0
            let second = record.load(fromByteOffset: 8, as: UInt64.self) ^ key.1
            return first | second == 0
        }

        var epoch: UInt64 { record.load(fromByteOffset: 16, as: UInt64.self) }

        /// In microseconds; `Int64.max` for a secret that does not die by itself.
        var diesAt: Int64 { record.load(fromByteOffset: 24, as: Int64.self) }

        private var sizes: UInt64 { record.load(fromByteOffset: 32, as: UInt64.self) }

        var tokenNumber: Int64 { Int64(sizes & 0xff_ffff_ffff) }

        /// The encoded VerifyResponse.
        var payload: UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(start: record + headerByteCount, count: Int(sizes >> 40 & 0xfff))
        }

        /// From its first scope on, and to its end.
        private var scopes: UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: payload.dropFirst(Int(sizes >> 52)))
        }

        // MARK: Uses

        /// When it was last used, doubled, and whether the store was told of that: one word that may be written.
        private var lastUse: UnsafeMutablePointer<Int64> { (record + 40).assumingMemoryBound(to: Int64.self) }

        func use(at now: Instant) {
            lastUse.pointee = now.microseconds << 1
        }

        /// Calls `tell` if it was used since the store was last told; it counts as told then.
        func tellUse(_ tell: (_ tokenNumber: Int64, _ at: Instant) -> Void) {
            let use = lastUse.pointee
            if use == 0 || use & 1 == 1 { return }
            lastUse.pointee = use | 1
            tell(tokenNumber, Instant(microseconds: use >> 1))
        }

        // MARK: What a request asks for

        /// Whether the scope is among those of the answer. Each lies there as a tag, a length and its bytes; a scope is no
        /// longer than 100 bytes, so that the length is one byte.
        func holds(_ scope: Span<UInt8>) -> Bool {
            let scopes = Span<UInt8>(_unsafeBytes: scopes)
            var position = 0
            while position + 2 <= scopes.count, scopes[position] == 0x3a {
                let end = position + 2 + Int(scopes[position + 1])
                if end > scopes.count { return false }
                if scope.equals(scopes.extracting(position + 2..<end)) { return true }
                position = end
            }
            return false
        }

        /// Its workspace, whose field follows the outcome and the kind, which take two bytes each, and the token's id
        /// between them. None if an id has 128 bytes or more, whose length takes two.
        var workspaceID: UnsafeRawBufferPointer {
            let payload = payload
            let none = UnsafeRawBufferPointer(start: nil, count: 0)
            guard payload.count >= 4 else { return none }
            let start = 4 + Int(payload[3]) + 2 + 2
            guard start <= payload.count, payload[start - 2] == 0x22, payload[start - 1] < 0x80 else { return none }
            return UnsafeRawBufferPointer(rebasing: payload[start...].prefix(Int(payload[start - 1])))
        }

        func isIn(workspace: Span<UInt8>) -> Bool {
            workspace.equals(Span<UInt8>(_unsafeBytes: workspaceID))
        }
    }
}
