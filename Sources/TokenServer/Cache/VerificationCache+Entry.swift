import LinuxIO
import TokenCore
import TokenWire

extension VerificationCache {
    /// A record of the ring, for as long as nothing is inserted.
    struct Entry {
        /// Behind it comes the instant of death, if there is one, and then what is kept of the answer.
        static let headerByteCount = 34
        static let deathByteCount = 8
        static let tokenNumberMax: Int64 = 1 << 38 - 1
        /// The highest that is told from all others.
        static let epochMax: UInt64 = 1 << 48 - 1

        /// Sound: it points to a whole record of a cache that lives, see `VerificationCache`. Records lie at no multiple of
        /// anything.
        private let record: UnsafeMutableRawPointer

        init(record: UnsafeMutableRawPointer) {
            self.record = record
        }

        /// Has the processor fetch it.
        func prefetch() {
            Prefetch.line(at: record)
            Prefetch.line(at: record + 64)
        }

        var key: (UInt64, UInt64) {
            (record.loadUnaligned(as: UInt64.self), record.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }

        func isOf(_ key: (UInt64, UInt64)) -> Bool {
            let own = self.key
            return (own.0 ^ key.0) | (own.1 ^ key.1) == 0
        }

        /// Six bytes, read with the two before them.
        var epoch: UInt64 { record.loadUnaligned(fromByteOffset: 26, as: UInt64.self) >> 16 }

        /// In microseconds; `Int64.max` for a secret that does not die by itself.
        var diesAt: Int64 {
            dies ? record.loadUnaligned(fromByteOffset: Self.headerByteCount, as: Int64.self) : .max
        }

        // MARK: Sizes

        private var sizes: UInt64 { record.loadUnaligned(fromByteOffset: 20, as: UInt64.self) }

        var tokenNumber: Int64 { Int64(sizes & UInt64(Self.tokenNumberMax)) }

        private var dies: Bool { sizes >> 38 & 1 == 1 }

        private var textByteCount: Int { Int(sizes >> 40 & 0xfff) }

        private var deathByteCount: Int { Int(sizes >> 38 & 1) * Self.deathByteCount }

        var byteCount: Int { Self.headerByteCount + deathByteCount + textByteCount }

        // MARK: The answer

        private var text: UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(start: record + Self.headerByteCount + deathByteCount, count: textByteCount)
        }

        var answer: KeptAnswer { KeptAnswer(text: text, isOfAccount: sizes >> 39 & 1 == 1) }

        /// From its first scope on, and to its end.
        private var scopes: UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: text.dropFirst(Int(sizes >> 52)))
        }

        /// Makes a record of what lies in no record yet, for which there is room.
        func write(
            _ key: (UInt64, UInt64), epoch: UInt64, diesAt: Int64, tokenNumber: Int64,
            _ answer: borrowing KeptAnswer.Parts
        ) {
            record.storeBytes(of: key.0, as: UInt64.self)
            record.storeBytes(of: key.1, toByteOffset: 8, as: UInt64.self)
            record.storeBytes(of: 0, toByteOffset: 16, as: UInt32.self)
            let flags: UInt64 = (diesAt == .max ? 0 : 1 << 38) | (answer.isOfAccount ? 1 << 39 : 0)
            let sizes = UInt64(answer.byteCount) << 40 | UInt64(answer.scopesOffset) << 52
            record.storeBytes(of: UInt64(tokenNumber) | flags | sizes, toByteOffset: 20, as: UInt64.self)
            record.storeBytes(of: UInt32(truncatingIfNeeded: epoch), toByteOffset: 28, as: UInt32.self)
            record.storeBytes(of: UInt16(truncatingIfNeeded: epoch >> 32), toByteOffset: 32, as: UInt16.self)
            if diesAt != .max { record.storeBytes(of: diesAt, toByteOffset: Self.headerByteCount, as: Int64.self) }
            answer.write(to: UnsafeMutableRawBufferPointer(mutating: text))
        }

        // MARK: Uses

        /// The second since 1970 at whose end it was last used, at the latest; 0 if the store knows of all uses.
        private var lastUse: UInt32 {
            get { record.loadUnaligned(fromByteOffset: 16, as: UInt32.self) }
            nonmutating set { record.storeBytes(of: newValue, toByteOffset: 16, as: UInt32.self) }
        }

        /// Rounded up, so that no token was used before it was made. What then lies in the future the store takes for now.
        func use(at now: Instant) {
            lastUse = UInt32(clamping: now.microseconds / 1_000_000 + 1)
        }

        /// Calls `tell` if it was used since the store was last told; it counts as told then.
        func tellUse(_ tell: (_ tokenNumber: Int64, _ at: Instant) -> Void) {
            let second = lastUse
            if second == 0 { return }
            lastUse = 0
            tell(tokenNumber, Instant(microseconds: Int64(second) * 1_000_000))
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

        /// Its workspace. None if an id has 128 bytes or more, whose length takes two.
        var workspaceID: UnsafeRawBufferPointer { answer.workspaceID }

        func isIn(workspace: Span<UInt8>) -> Bool {
            workspace.equals(Span<UInt8>(_unsafeBytes: workspaceID))
        }
    }
}
