import Foundation

/// A process of readers, which share one verifier; and the thread that takes their reports.
final class ReaderProcess {
    private let process = Process()
    private let collector: Thread
    private let hasEnded = DispatchSemaphore(value: 0)

    /// Starts it. Its readers begin once there is something on the board.
    init(
        _ ways: [HistoryReader.Way], firstNumber: Int, socketPath: String, boardPath: String, placeCount: Int,
        _ book: HistoryBook
    ) throws {
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [
            HistoryReaderCommand.command.name, "--socket", socketPath, "--board", boardPath, "--places",
            String(placeCount), "--first", String(firstNumber), "--ways",
            ways.map(\.rawValue).joined(separator: ","),
        ]
        let pipe = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        let hasEnded = hasEnded
        let descriptor = pipe.fileHandleForReading
        collector = Thread {
            Self.collect(descriptor, book)
            hasEnded.signal()
        }
        try process.run()
        collector.start()
    }

    /// Takes reports until the last reader is gone, each as soon as it comes.
    private static func collect(_ file: FileHandle, _ book: HistoryBook) {
        let wordByteCount = MemoryLayout<UInt64>.stride
        let reportByteCount = ReaderReport.wordCount * wordByteCount
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        var heldCount = 0
        while true {
            let count = bytes.withUnsafeMutableBytes { buffer in
                read(file.fileDescriptor, buffer.baseAddress.map { $0 + heldCount }, buffer.count - heldCount)
            }
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { return }
            heldCount += count
            let wholeCount = heldCount / reportByteCount * reportByteCount
            let words = bytes.withUnsafeBytes { bytes in
                (0..<wholeCount / wordByteCount).map {
                    bytes.loadUnaligned(fromByteOffset: $0 * wordByteCount, as: UInt64.self)
                }
            }
            for start in stride(from: 0, to: words.count, by: ReaderReport.wordCount) {
                if let report = ReaderReport(words: words[start..<start + ReaderReport.wordCount]) { book.take(report) }
            }
            bytes.replaceSubrange(0..<heldCount - wholeCount, with: bytes[wholeCount..<heldCount])
            heldCount -= wholeCount
        }
    }

    /// Waits until it has ended of itself, once the board says stop; what it told is in the book then.
    func wait() {
        hasEnded.wait()
        process.waitUntilExit()
    }

    var isRunning: Bool { process.isRunning }
}
