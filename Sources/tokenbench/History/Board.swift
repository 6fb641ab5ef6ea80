import Glibc
import Synchronization

/// A file that the history's processes map: which secrets the readers are to verify now, and when to stop.
///
///     word 0         not zero when readers are to stop
///     place:         16 words each, from word 16 on
///       0 version    rises with every change of the place's secret and with every other secret; odd while one is written
///       1 serial     of the secret, 0 for none
///       2 count      bytes of its text
///       3 text       up to 64 bytes
///
/// A version is compared before each call. So no sighting goes over a change's begin or end, and a reader needs no lock.
// Sound: every word is atomic, the memory is mapped for as long as the process lives, and it is as large as its file was
// made before anybody mapped it.
struct Board: @unchecked Sendable {
    private static let wordsPerPlace = 16
    private static let textWordCount = 8
    static let placeCountMax = 1_024

    let placeCount: Int
    private let words: UnsafeMutablePointer<Atomic<UInt64>>

    private static func wordCount(_ placeCount: Int) -> Int { (placeCount + 1) * wordsPerPlace }

    /// Makes the file, or maps one that was made.
    init(path: String, placeCount: Int, isNew: Bool) throws(Problem) {
        let byteCount = Self.wordCount(placeCount) * MemoryLayout<UInt64>.stride
        let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (isNew ? O_CREAT | O_EXCL : 0), 0o600)
        if descriptor < 0 { throw Self.problem(path) }
        defer { close(descriptor) }
        if isNew && ftruncate(descriptor, off_t(byteCount)) != 0 { throw Self.problem(path) }
        let mapped = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let mapped, mapped != MAP_FAILED else { throw Self.problem(path) }
        self.placeCount = placeCount
        // An atomic word is laid out as the word itself, so that a new file's zeroes are words of zero.
        words = mapped.bindMemory(to: Atomic<UInt64>.self, capacity: Self.wordCount(placeCount))
    }

    private static func problem(_ path: String) -> Problem {
        Problem(message: "\(path): \(String(cString: strerror(errno)))", exitCode: .cannotCreate)
    }

    private func word(_ place: Int, _ offset: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        precondition(UInt(bitPattern: place) < UInt(placeCount))
        return words + (place + 1) * Self.wordsPerPlace + offset
    }

    var isStopped: Bool { words.pointee.load(ordering: .relaxed) != 0 }

    func stop() { words.pointee.store(1, ordering: .releasing) }

    /// Whatever is read behind this call is read after it.
    func version(_ place: Int) -> UInt64 { word(place, 0).pointee.load(ordering: .acquiring) }

    /// What is to be verified at a place under a version; nil while it is being written.
    func secret(_ place: Int, version: UInt64) -> (serial: Int, text: String)? {
        if version % 2 == 1 { return nil }
        let serial = Int(word(place, 1).pointee.load(ordering: .acquiring))
        let count = Int(word(place, 2).pointee.load(ordering: .acquiring))
        var bytes: [UInt8] = []
        for offset in 0..<Self.textWordCount {
            withUnsafeBytes(of: word(place, 3 + offset).pointee.load(ordering: .acquiring)) { bytes += $0 }
        }
        guard self.version(place) == version, count <= bytes.count else { return nil }
        return (serial, String(decoding: bytes.prefix(count), as: UTF8.self))
    }
}

// MARK: - For the one thread that changes a place

extension Board {
    /// A change of the place's secret is about to begin, or has returned.
    func noteChange(_ place: Int) {
        word(place, 0).pointee.add(2, ordering: .sequentiallyConsistent)
    }

    func publish(_ place: Int, serial: Int, text: String) {
        var bytes = Array(text.utf8)
        let count = bytes.count
        let textByteCount = Self.textWordCount * MemoryLayout<UInt64>.stride
        precondition(count <= textByteCount)
        bytes += [UInt8](repeating: 0, count: textByteCount - count)
        word(place, 0).pointee.add(1, ordering: .sequentiallyConsistent)
        word(place, 1).pointee.store(UInt64(serial), ordering: .releasing)
        word(place, 2).pointee.store(UInt64(count), ordering: .releasing)
        bytes.withUnsafeBytes { bytes in
            for offset in 0..<Self.textWordCount {
                let value = bytes.loadUnaligned(fromByteOffset: offset * 8, as: UInt64.self)
                word(place, 3 + offset).pointee.store(value, ordering: .releasing)
            }
        }
        word(place, 0).pointee.add(1, ordering: .sequentiallyConsistent)
    }
}
