/// The body of a Response frame, from when the leader has read it until its caller has decoded it.
///
/// It can hold a secret, so its memory is overwritten when it goes. A class, because it changes hands by way of an enum
/// in an array, and an array of bytes on that way could be copied unseen.
final class AnswerBody {
    private let bytes: UnsafeMutableBufferPointer<UInt8>

    init(copying span: Span<UInt8>) {
        bytes = .allocate(capacity: span.count)
        span.withUnsafeBufferPointer { _ = bytes.initialize(fromContentsOf: $0) }
    }

    deinit {
        UnsafeMutableRawBufferPointer(bytes).wipe()
        bytes.deallocate()
    }

    func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        body(Span(_unsafeElements: UnsafeBufferPointer(bytes)))
    }
}

// Sound: nothing changes after `init`.
extension AnswerBody: @unchecked Sendable {}
