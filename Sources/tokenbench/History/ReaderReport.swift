import Glibc

/// What a reader tells the process that keeps the history, through a pipe: eight words each.
enum ReaderReport: Equatable {
    case sighting(serial: Int, Sighting)
    /// All sightings are told of secrets that were taken off the board before this time of CLOCK_MONOTONIC.
    case mark(reader: Int, at: Int64, Counts)

    /// Of all calls since the reader began.
    struct Counts: Equatable, Sendable {
        var answered = 0
        var valid = 0
        var failed = 0
        /// Answered from the memory of its process; all readers of a process tell the same number.
        var fromMemory = 0
    }

    static let wordCount = 8
    private static let markTag: UInt64 = 0xffff

    init?(words: ArraySlice<UInt64>) {
        guard words.count == Self.wordCount else { return nil }
        let word = Array(words)
        let number = word[2...].map { Int(truncatingIfNeeded: $0) }
        let reader = Int(word[0] & 0xffff_ffff)
        let tag = word[0] >> 32
        if tag == Self.markTag {
            let counts = Counts(answered: number[0], valid: number[1], failed: number[2], fromMemory: number[3])
            self = .mark(reader: reader, at: Int64(bitPattern: word[1]), counts)
            return
        }
        guard let verdict = Verdict(rawValue: UInt8(truncatingIfNeeded: tag)) else { return nil }
        self = .sighting(
            serial: Int(word[1]),
            Sighting(
                reader: reader, verdict: verdict,
                first: CallSpan(begun: Int64(number[1]), returned: Int64(number[2])),
                last: CallSpan(begun: Int64(number[3]), returned: Int64(number[4])), callCount: number[0]))
    }

    var words: [UInt64] {
        switch self {
        case .mark(let reader, let time, let counts):
            [
                Self.markTag << 32 | UInt64(reader), UInt64(bitPattern: time), UInt64(counts.answered),
                UInt64(counts.valid), UInt64(counts.failed), UInt64(counts.fromMemory), 0, 0,
            ]
        case .sighting(let serial, let sighting):
            [
                UInt64(sighting.verdict.rawValue) << 32 | UInt64(sighting.reader), UInt64(serial),
                UInt64(sighting.callCount), UInt64(sighting.first.begun), UInt64(sighting.first.returned),
                UInt64(sighting.last.begun), UInt64(sighting.last.returned), 0,
            ]
        }
    }
}

/// Reports on their way to standard output. Each reader has one; a pipe takes what is written at once whole, as long as it is
/// no more than PIPE_BUF (pipe(7)), so that those of several readers don't mix.
struct ReportBuffer: ~Copyable {
    private static let wordCountMax = 4_096 / MemoryLayout<UInt64>.stride
    private var words: [UInt64] = []

    mutating func add(_ report: ReaderReport) {
        if words.count + ReaderReport.wordCount > Self.wordCountMax { flush() }
        words += report.words
    }

    mutating func flush() {
        let byteCount = words.count * MemoryLayout<UInt64>.stride
        let count = words.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, byteCount) }
        // Nobody reads any more: there is nothing left to do.
        if count != byteCount { exit(ExitCode.software.rawValue) }
        words.removeAll(keepingCapacity: true)
    }
}
