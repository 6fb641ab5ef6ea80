/// Bytes on their way to or from a socket: appended at the end, consumed at the front.
///
/// It owns its memory and frees it when it goes. Memory is kept for reuse until `shrink` gives it back.
///
/// Frames hold tokens, so no memory is given back before it is overwritten: not when the buffer goes, shrinks or grows.
/// While bytes only come and go, what was there stays; `wipe` is for a buffer that is kept for long without use.
///
///     0        start            end        capacity
///     ┌────────┬────────────────┬──────────┐
///     │  gone  │     bytes      │   free   │       invariant: 0 ≤ start ≤ end ≤ capacity
///     └────────┴────────────────┴──────────┘
public struct WireBuffer: ~Copyable {
    private var memory: UnsafeMutableRawPointer
    private var start = 0
    private var end = 0
    /// Where `end` has been at most before it was set back, since the memory was last overwritten.
    private var endMax = 0
    /// Bytes of memory held.
    package private(set) var capacity: Int

    package init(capacity: Int = 4096) {
        self.capacity = max(capacity, 64)
        memory = .allocate(byteCount: self.capacity, alignment: 16)
    }

    deinit {
        overwrite()
        memory.deallocate()
    }

    /// Of bytes that are there.
    public var count: Int { end - start }
    /// No byte is there.
    public var isEmpty: Bool { end == start }

    /// The bytes, until the next change of the buffer.
    public var span: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let bytes = UnsafeBufferPointer(
                start: UnsafePointer(memory.advanced(by: start).assumingMemoryBound(to: UInt8.self)), count: count)
            // The memory is this buffer's own, and the borrow keeps it from being changed or freed.
            return _overrideLifetime(bytes.span, borrowing: self)
        }
    }

    /// Drops the first bytes, which were sent or decoded. Traps if there are fewer.
    public mutating func consume(_ byteCount: Int) {
        precondition(byteCount >= 0 && byteCount <= count, "more consumed than there is")
        start += byteCount
        if start == end { removeAll() }
    }

    /// Drops all bytes and keeps the memory.
    public mutating func removeAll() {
        endMax = max(endMax, end)
        start = 0
        end = 0
    }

    /// Drops the bytes after the first `byteCount`, to take back what was appended in vain.
    package mutating func truncate(to byteCount: Int) {
        precondition(byteCount >= 0 && byteCount <= count, "can't truncate to more than there is")
        endMax = max(endMax, end)
        end = start + byteCount
    }

    /// Drops all bytes and overwrites what has been written, for a buffer that held a secret.
    package mutating func wipe() {
        overwrite()
        removeAll()
        endMax = 0
    }

    /// Gives memory back after a large use: an empty buffer of more than `byteCount` bytes becomes one of that size.
    public mutating func shrink(toCapacity byteCount: Int) {
        guard isEmpty, capacity > max(byteCount, 64) else { return }
        self = WireBuffer(capacity: byteCount)
    }

    /// Makes room for `byteCount` more bytes.
    public mutating func reserve(_ byteCount: Int) {
        if byteCount > capacity - end { makeRoom(byteCount) }
    }

    /// Moves the bytes to the front, or into memory twice the size. Apart, so that there is little to inline where there is
    /// room already.
    @inline(never)
    private mutating func makeRoom(_ byteCount: Int) {
        let kept = count
        if byteCount <= capacity - kept {
            endMax = max(endMax, end)
            memory.copyMemory(from: memory.advanced(by: start), byteCount: kept)
        } else {
            let grown = max(kept + byteCount, capacity * 2)
            let larger = UnsafeMutableRawPointer.allocate(byteCount: grown, alignment: 16)
            larger.copyMemory(from: memory.advanced(by: start), byteCount: kept)
            overwrite()
            memory.deallocate()
            memory = larger
            capacity = grown
            endMax = 0
        }
        start = 0
        end = kept
    }

    /// The compiler keeps these stores, also before the memory is freed: it knows nothing of memory that it has not seen
    /// allocated, and `memory` was loaded.
    private func overwrite() {
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: max(endMax, end))
    }

    /// Appends a copy of the bytes.
    public mutating func append(_ bytes: Span<UInt8>) {
        append(bytes.count) { $0.putBytes(bytes) }
    }

    /// Appends a message without a frame around it.
    package mutating func append<Message: WireMessage & ~Escapable>(message: Message) {
        append(message.encodedByteCount) { message.encode(into: &$0) }
    }

    /// Appends a Response frame whose payload has less than 128 bytes, the answer to most calls, in three stores and what
    /// `write` does, which must write so many bytes: the header is two words, and the payload's tag and length are the
    /// third's upper half.
    mutating func appendShortResponse(
        stream: UInt32, payloadByteCount: Int, _ write: (UnsafeMutableRawPointer) -> Void
    ) {
        precondition((0..<0x80).contains(payloadByteCount), "not a short payload")
        let frameByteCount = FrameHeader.byteCount + 2 + payloadByteCount
        reserve(frameByteCount)
        let frame = memory.advanced(by: end)
        frame.storeBytes(of: UInt32(2 + payloadByteCount).bigEndian, as: UInt32.self)
        frame.storeBytes(of: stream.bigEndian, toByteOffset: 4, as: UInt32.self)
        let tag = UInt32(2 << 3 | WireType.lengthDelimited.rawValue)
        frame.storeBytes(
            of: UInt32(FrameType.response.rawValue) | tag << 16 | UInt32(payloadByteCount) << 24, toByteOffset: 8,
            as: UInt32.self)
        write(frame + FrameHeader.byteCount + 2)
        end += frameByteCount
    }

    /// Appends a kept answer without a frame around it.
    package mutating func append(kept: KeptAnswer) {
        append(kept.payloadByteCount) { $0.putKept(kept) }
    }

    /// Lets `fill` write at most `byteCount` bytes at the end and say how many it wrote: for `read` and the like.
    public mutating func append<Failure: Error>(
        upTo byteCount: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) {
        reserve(byteCount)
        let room = UnsafeMutableRawBufferPointer(start: memory.advanced(by: end), count: byteCount)
        let written = try fill(room)
        precondition(written >= 0 && written <= byteCount, "more written than there was room for")
        end += written
    }

    /// Appends exactly `byteCount` bytes, which `write` must write.
    mutating func append(_ byteCount: Int, _ write: (inout ByteWriter) -> Void) {
        reserve(byteCount)
        var writer = ByteWriter(UnsafeMutableRawBufferPointer(start: memory.advanced(by: end), count: byteCount))
        write(&writer)
        precondition(writer.byteCount == byteCount, "a message shrank between counting and writing")
        end += byteCount
    }
}

// Sound because the memory is reached through this one value only, which can't be copied: whoever has it may use it on
// any thread.
extension WireBuffer: @unchecked Sendable {}
