import Glibc

/// The lines of a file or a pipe, one after the other: a file of any size is never in memory as a whole.
final class LineReader {
    private let descriptor: Int32
    private let path: String
    private var buffer: [UInt8] = []
    /// Where the next line begins in the buffer.
    private var start = 0
    private var isAtEnd = false
    /// Of the line that was read last, from 1.
    private(set) var number = 0

    /// With which other systems begin a text in UTF-8.
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    private static let chunkByteCount = 65_536
    /// No line of an import is nearly so long: what is longer is another kind of file.
    private static let lineByteCountMax = 262_144

    /// Opens a file, or takes standard input for `-`.
    init(path: String) throws(Problem) {
        self.path = path == "-" ? "standard input" : path
        descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { throw .unreadable(path) }
    }

    deinit {
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    /// The next line without its end, which may be that of other systems; nil when there is none.
    func next() throws(Problem) -> [UInt8]? {
        guard var line = try nextWhole() else { return nil }
        if number == 1 && line.starts(with: Self.byteOrderMark) { line.removeFirst(Self.byteOrderMark.count) }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return line
    }

    private func nextWhole() throws(Problem) -> [UInt8]? {
        while true {
            if let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                number += 1
                return Array(buffer[start..<end])
            }
            buffer.removeSubrange(..<start)
            start = 0
            if isAtEnd {
                if buffer.isEmpty { return nil }
                defer { buffer = [] }
                number += 1
                return buffer
            }
            if buffer.count > Self.lineByteCountMax {
                throw Problem(
                    message: "\(path): line \(number + 1) is too long; one token a line is expected",
                    exitCode: .invalidData)
            }
            try fill()
        }
    }

    private func fill() throws(Problem) {
        var chunk = [UInt8](repeating: 0, count: Self.chunkByteCount)
        let count = chunk.withUnsafeMutableBytes { readSome(descriptor, into: $0) }
        if count < 0 { throw .unreadable(path) }
        if count == 0 { isAtEnd = true }
        buffer += chunk.prefix(count)
    }
}
