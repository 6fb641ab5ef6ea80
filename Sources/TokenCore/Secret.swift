import CLinux

/// The text of a token, or another short secret, from the moment it is made to the reply that carries it.
///
/// It has one owner, can't be copied, printed or logged, and its memory is zeroed before it is given back. The bytes
/// lie behind a pointer and not in the value: a value is moved by copying it, which would leave images of it behind.
package struct Secret: ~Copyable {
    /// No credential is longer: see "Token text" in PROTOCOL.md.
    package static let byteCountMax = 255

    private let storage: UnsafeMutableBufferPointer<UInt8>

    /// A copy of `bytes`; nil unless there are 1 to 255. The original is the caller's to erase.
    package init?(copying bytes: Span<UInt8>) {
        guard (1...Self.byteCountMax).contains(bytes.count) else { return nil }
        storage = .allocate(capacity: bytes.count)
        bytes.withUnsafeBufferPointer { _ = storage.initialize(fromContentsOf: $0) }
    }

    /// `byteCount` bytes, each written by `body`.
    init(byteCount: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
        precondition((1...Self.byteCountMax).contains(byteCount))
        storage = .allocate(capacity: byteCount)
        storage.initialize(repeating: 0)
        body(storage)
    }

    deinit {
        clinux_erase(storage.baseAddress, storage.count)
        storage.deallocate()
    }

    package var count: Int { storage.count }

    /// Lends the bytes, to hash them or to encode the reply.
    package borrowing func withBytes<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(Span(_unsafeElements: UnsafeBufferPointer(storage)))
    }

    /// The secret as text that nothing erases: only for the program that shows it to its user.
    package borrowing func revealAsText() -> String {
        withBytes { String(copying: $0) }
    }

    package var description: String { "<secret>" }
}

// Sound: the memory has one owner at a time, since the type can't be copied, and is only read after `init`.
extension Secret: @unchecked Sendable {}
