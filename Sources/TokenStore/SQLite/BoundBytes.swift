/// Room for what one run of a statement is bound to, taken at the first use and kept.
///
/// Sound: a copy is lent to SQLite by its address, and stays there until `removeAll`, which is called behind the reset of the
/// statement; the room neither moves nor goes before the statement does.
struct BoundBytes: ~Copyable {
    /// For the rows of this store; what is longer finds no room.
    private static let byteCountMax = 1_024

    private var room: UnsafeMutableRawPointer?
    private var byteCount = 0

    deinit {
        room?.deallocate()
    }

    /// Where a copy of the bytes lies now; none for no bytes, or when there is no room.
    mutating func copy(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawPointer? {
        guard let source = bytes.baseAddress, bytes.count <= Self.byteCountMax - byteCount else { return nil }
        let room = self.room ?? UnsafeMutableRawPointer.allocate(byteCount: Self.byteCountMax, alignment: 8)
        self.room = room
        let start = room + byteCount
        start.copyMemory(from: source, byteCount: bytes.count)
        byteCount += bytes.count
        return UnsafeRawPointer(start)
    }

    mutating func removeAll() {
        byteCount = 0
    }
}
