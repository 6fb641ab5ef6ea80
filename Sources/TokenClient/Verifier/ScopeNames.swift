internal import Glibc
internal import Synchronization

/// Numbers for the names of scopes, so that an entry holds its scopes as bits.
///
/// Names come only from the daemon's answers, and no more than `ScopeBits.countMax` of them: an answer with one more is not
/// kept. None is ever taken out, so that any thread may look one up without a lock while another adds one: a name is whole
/// before its address is stored, and stays until the table goes.
// Sound: the positions are atomic, what they lead to is not changed any more, and one thread at a time adds (the lock of
// the verifier's state).
struct ScopeNames: ~Copyable, @unchecked Sendable {
    private static let positionCount = 4 * ScopeBits.countMax

    /// Open addressing: addresses of names, zero where there is none.
    private let positions: UnsafeMutablePointer<Atomic<UInt>>
    private let count = Atomic<Int>(0)

    /// In memory that is followed by the bytes.
    private struct Name {
        let hash: UInt64
        let number: Int
        let byteCount: Int
    }

    init() {
        positions = .allocate(capacity: Self.positionCount)
        for index in 0..<Self.positionCount { (positions + index).initialize(to: Atomic(0)) }
    }

    deinit {
        for index in 0..<Self.positionCount {
            UnsafeMutableRawPointer(bitPattern: (positions + index).pointee.load(ordering: .relaxed))?.deallocate()
        }
        positions.deallocate()
    }

    /// The number of a scope; nil for one that no kept answer holds.
    func number(of scope: String) -> Int? {
        let bytes = scope.utf8Span.span
        let hash = Self.hash(bytes)
        var index = Int(truncatingIfNeeded: hash) & (Self.positionCount - 1)
        while let name = name(at: index) {
            if Self.matches(name, hash, bytes) { return name.load(as: Name.self).number }
            index = (index + 1) & (Self.positionCount - 1)
        }
        return nil
    }

    /// The scopes as bits; nil if one of them is held by no kept answer.
    @inline(__always)
    func bits(of scopes: [String]) -> ScopeBits? {
        var bits = ScopeBits()
        // By index: without optimisation an array's iterator allocates.
        for index in scopes.indices {
            guard let number = number(of: scopes[index]) else { return nil }
            bits.insert(number)
        }
        return bits
    }

    /// The number of a scope, a new one if need be; nil when there are too many. With the lock of the verifier's state.
    func numberAdding(_ scope: String) -> Int? {
        if let number = number(of: scope) { return number }
        let number = count.load(ordering: .relaxed)
        guard number < ScopeBits.countMax else { return nil }
        let bytes = scope.utf8Span.span
        let hash = Self.hash(bytes)
        let name = UnsafeMutableRawPointer.allocate(
            byteCount: MemoryLayout<Name>.stride + bytes.count, alignment: MemoryLayout<Name>.alignment)
        name.storeBytes(of: Name(hash: hash, number: number, byteCount: bytes.count), as: Name.self)
        bytes.withUnsafeBytes { source in
            if let start = source.baseAddress {
                (name + MemoryLayout<Name>.stride).copyMemory(from: start, byteCount: source.count)
            }
        }
        // There is a free one: a quarter of them is ever used.
        var index = Int(truncatingIfNeeded: hash) & (Self.positionCount - 1)
        while self.name(at: index) != nil { index = (index + 1) & (Self.positionCount - 1) }
        count.store(number + 1, ordering: .relaxed)
        (positions + index).pointee.store(UInt(bitPattern: name), ordering: .releasing)
        return number
    }

    private func name(at index: Int) -> UnsafeRawPointer? {
        UnsafeRawPointer(bitPattern: (positions + index).pointee.load(ordering: .acquiring))
    }

    /// The bytes are compared, and not the characters: Unicode has several spellings of some.
    private static func matches(_ name: UnsafeRawPointer, _ hash: UInt64, _ bytes: Span<UInt8>) -> Bool {
        let header = name.load(as: Name.self)
        guard header.hash == hash, header.byteCount == bytes.count else { return false }
        return bytes.withUnsafeBytes { other in
            guard let start = other.baseAddress else { return true }
            return memcmp(name + MemoryLayout<Name>.stride, start, other.count) == 0
        }
    }

    /// Eight bytes at a time, multiplied and folded. The names are the daemon's, so nobody makes them collide.
    private static func hash(_ bytes: Span<UInt8>) -> UInt64 {
        bytes.withUnsafeBytes { bytes in
            var hash = UInt64(bytes.count)
            var position = 0
            while position + 8 <= bytes.count {
                hash = mixed(hash, bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
                position += 8
            }
            var last: UInt64 = 0
            while position < bytes.count {
                last = last << 8 | UInt64(bytes[position])
                position += 1
            }
            return mixed(hash, last)
        }
    }

    private static func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        // An odd number with as many ones as zeroes, the fraction of the golden ratio.
        let product = (hash ^ word).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        return product.high ^ product.low
    }
}
