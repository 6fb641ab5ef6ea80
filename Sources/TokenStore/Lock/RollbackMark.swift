package import TokenCore

/// The newest event that is known to be committed, kept outside of the database.
///
/// SQLite opens an older copy of a store, or one whose `-wal` is gone, without a word: its rows are just missing, and
/// revoked tokens are live again. A store is opened only when it contains the event that its mark names.
package struct RollbackMark: Equatable, Sendable {
    package let store: StoreID
    package let sequence: Int64
    package let head: Digest

    package init(store: StoreID, sequence: Int64, head: Digest) {
        self.store = store
        self.sequence = sequence
        self.head = head
    }
}

/// One page of the lock file that holds two marks, written in turn, so that a torn write leaves the other.
///
///     offset 0     slot of even generations
///     offset 512   slot of odd generations
///     offset 1024  the holder's pid, decimal text and a newline
///
///     slot: magic 8 | generation u64 | store id 16 | sequence u64 | head 32 | SHA-256 of all before 32
///
/// Numbers are big-endian. The two slots lie in different 512-byte sectors, the unit a disk writes whole.
struct MarkPage {
    static let byteCount = 4096
    static let slotByteCount = 104
    static let slotOffsets = [0, 512]
    static let holderOffset = 1024
    static let holderByteCount = 16
    private static let magic: [UInt8] = Array("tokdmrk1".utf8)

    let mark: RollbackMark
    let generation: UInt64

    var offset: Int { Self.slotOffsets[Int(generation % 2)] }

    /// The newest whole slot of a page; none when neither is.
    static func newest(in page: [UInt8]) -> MarkPage? {
        slotOffsets
            .compactMap { offset in
                offset + slotByteCount <= page.count
                    ? decode(Array(page[offset..<offset + slotByteCount])) : nil
            }
            .max { $0.generation < $1.generation }
    }

    func encoded() -> [UInt8] {
        var slot = Self.magic
        slot.append(bigEndian: generation)
        slot += mark.store.bytes
        slot.append(bigEndian: UInt64(bitPattern: mark.sequence))
        mark.head.withUnsafeBytes { slot += $0 }
        Digest(hashing: slot.span).withUnsafeBytes { slot += $0 }
        return slot
    }

    private static func decode(_ slot: [UInt8]) -> MarkPage? {
        let body = Array(slot.dropLast(32))
        guard slot.count == slotByteCount, body.starts(with: magic),
            let sum = Digest(bytes: Array(slot.suffix(32)).span), sum == Digest(hashing: body.span),
            let store = StoreID(bytes: Array(body[16..<32])),
            let head = Digest(bytes: Array(body[40..<72]).span)
        else { return nil }
        let sequence = Int64(bitPattern: UInt64(bigEndianBytes: body[32..<40]))
        return MarkPage(
            mark: RollbackMark(store: store, sequence: sequence, head: head),
            generation: UInt64(bigEndianBytes: body[8..<16]))
    }
}

/// 128 random bits that tell one store from every other.
package struct StoreID: Hashable, Sendable {
    package let bytes: [UInt8]

    package init?(bytes: [UInt8]) {
        if bytes.count != 16 { return nil }
        self.bytes = bytes
    }

    package init(random: (UInt64, UInt64)) {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: random.0)
        bytes.append(bigEndian: random.1)
        self.bytes = bytes
    }
}

extension StoreID: CustomStringConvertible {
    package var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

extension Array<UInt8> {
    mutating func append(bigEndian value: UInt64) {
        for shift in stride(from: 56, through: 0, by: -8) { append(UInt8(truncatingIfNeeded: value >> UInt64(shift))) }
    }
}

extension UInt64 {
    /// Of at most eight bytes.
    init(bigEndianBytes bytes: ArraySlice<UInt8>) {
        self = bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
