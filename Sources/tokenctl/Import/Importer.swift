import Glibc
import TokenClient

/// Takes a file's tokens over, in batches.
struct Importer {
    /// Nil to check the file alone.
    let client: TokenClient?
    let invocation: Invocation
    let progress: Progress
    private(set) var report = ImportReport()
    private var batch: [ImportLine] = []
    private var batchByteCount = 0
    /// The lines of all digests, to find one that is there twice.
    private var lines: [SIMD4<UInt64>: Int] = [:]

    private static let batchCountMax = 100
    /// A request has at most 256 KiB, and in it a line is hardly longer than in the file.
    private static let batchByteCountMax = 200_000
    private static let pauseMillisecondsMax: UInt32 = 60_000

    init(client: TokenClient?, _ invocation: Invocation) {
        self.client = client
        self.invocation = invocation
        progress = Progress(of: invocation)
    }

    /// Goes through all lines. After an error it can be started again from the first.
    mutating func run(_ reader: LineReader) throws {
        defer { progress.clear() }
        do {
            try addLines(reader)
        } catch let fault as Problem {
            // It is the file that can't be read on: nothing is wrong with what came before.
            try sendBatch()
            throw fault
        }
        try sendBatch()
    }

    private mutating func addLines(_ reader: LineReader) throws {
        while let text = try reader.next() {
            if text.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
            report.lineCount += 1
            do {
                try add(try ImportLine(number: reader.number, text: text))
            } catch let refusal as LineRefusal {
                refuse(refusal)
            }
        }
    }

    private mutating func add(_ line: ImportLine) throws {
        let digest = Self.key(line.token.digest)
        if let earlier = lines.updateValue(line.number, forKey: digest) {
            lines[digest] = earlier
            throw LineRefusal(line: line.number, field: "sha256", problem: "is that of line \(earlier), too")
        }
        if batch.count == Self.batchCountMax || batchByteCount + line.byteCount > Self.batchByteCountMax {
            try sendBatch()
        }
        batch.append(line)
        batchByteCount += line.byteCount
    }

    private static func key(_ digest: [UInt8]) -> SIMD4<UInt64> {
        digest.withUnsafeBytes { $0.loadUnaligned(as: SIMD4<UInt64>.self) }
    }

    private mutating func sendBatch() throws {
        defer {
            batch = []
            batchByteCount = 0
        }
        guard let client, let last = batch.last else { return }
        let tokens = batch.map(\.token)
        do {
            let result = try Self.patiently { () throws(TokenError) in try client.importTokens(tokens) }
            report.importedCount += result.importedCount
            report.knownCount += batch.count - result.importedCount
        } catch let error as TokenError {
            try refuseBatch(error)
        }
        progress.show("line \(last.number): \(report.importedCount) imported, \(report.refusedCount) refused")
    }

    /// Waits and tries again while the daemon says that there were too many changes.
    private static func patiently<Value>(_ call: () throws(TokenError) -> Value) throws -> Value {
        while true {
            do {
                return try call()
            } catch {
                let pause = error.metadata["retry_after_milliseconds"].flatMap { UInt32($0) }
                guard error.reason == "rate_limited", let pause else { throw error }
                usleep(min(pause, pauseMillisecondsMax) * 1_000)
            }
        }
    }

    /// Tells which lines of a batch the daemon refused.
    ///
    /// - Throws: The error, when it is not about lines: it would meet the other batches too.
    private mutating func refuseBatch(_ error: TokenError) throws {
        var refused: Set<Int> = []
        for field in error.fields {
            guard let match = field.name.wholeMatch(of: /tokens\[(\d+)\](?:\.(\w+).*)?/), let place = Int(match.1),
                batch.indices.contains(place)
            else { continue }
            refused.insert(place)
            refuse(
                LineRefusal(
                    line: batch[place].number, field: match.2.map { ImportLine.field(ofRequestField: String($0)) },
                    problem: field.problem), isCounted: false)
        }
        if refused.isEmpty { throw error }
        report.refusedCount += refused.count
        report.heldBackCount += batch.count - refused.count
    }

    /// Tells one refusal, and counts it unless it is one of several of its line.
    private mutating func refuse(_ refusal: LineRefusal, isCounted: Bool = true) {
        if isCounted { report.refusedCount += 1 }
        if invocation.wantsJSON {
            report.refusals.append(refusal)
        } else {
            progress.clear()
            if invocation.isQuiet { Terminal.remark(refusal.text) } else { Terminal.printLine(refusal.text) }
        }
    }
}
