import Glibc
import TokenClient

/// Verifies the board's secrets one after the other, on a thread of its own, and reports what it is told of each.
struct HistoryReader: ~Copyable {
    /// By which way it verifies.
    enum Way: String, CaseIterable, Sendable {
        /// From its process's own memory.
        case memory
        /// Over the socket, where the daemon answers from its memory.
        case socket
        /// Over the socket, asking for a scope that the secret does not hold: that answer is never kept, and so always
        /// comes from the store.
        case store
    }

    static let heldScope = "issues:write"
    private static let heldScopes = [heldScope]
    private static let otherScopes = ["governance:write"]
    /// How often it tells that it has told everything.
    private static let markIntervalNanoseconds: Int64 = 10_000_000
    /// How often in a row it verifies what is good and, as a rule, answered from memory.
    private static let burstCount = 128
    /// At most so long it leaves the processor to others behind a call that went over the socket: changes need it too.
    private static let pauseMicrosecondsMax: UInt64 = 200

    private let number: Int
    private let way: Way
    private let board: Board
    private let client: TokenClient
    private let verifier: TokenVerifier
    private var places: [Place]
    private var counts = ReaderReport.Counts()
    private var reports = ReportBuffer()
    private var random: SplitMix64

    /// A place of the board as this reader knows it.
    private struct Place {
        var version: UInt64 = 0
        var serial = 0
        var text = ""
        var sighting: Sighting?
    }

    init(number: Int, way: Way, board: Board, verifier: TokenVerifier) throws(TokenError) {
        self.number = number
        self.way = way
        self.board = board
        self.verifier = verifier
        client = try TokenClient(verifier.client.configuration)
        places = Array(repeating: Place(), count: board.placeCount)
        random = SplitMix64(state: UInt64(number) &* 0x2545_f491_4f6c_dd1d)
    }

    /// Verifies until the board says stop.
    mutating func run() {
        var nextMark: Int64 = 0
        while !board.isStopped {
            let index = Int(random.next() % UInt64(places.count))
            for _ in 0..<(way == .memory ? Self.burstCount : 1) where isReady(index) {
                if verify(index) != .valid { break }
            }
            if way != .memory || places[index].sighting?.verdict != .valid {
                usleep(UInt32(random.next() % Self.pauseMicrosecondsMax))
            }
            let now = Clock.nowNanoseconds
            if now >= nextMark {
                mark(at: now, everything: false)
                nextMark = now + Self.markIntervalNanoseconds
            }
        }
        if way == .memory {
            let statistics = verifier.statistics
            counts.fromMemory = Int(statistics.hitCount + statistics.refusalCount)
        }
        mark(at: .max, everything: true)
    }

    /// Whether there is a secret to verify; looks at the board anew if it has changed.
    private mutating func isReady(_ index: Int) -> Bool {
        let version = board.version(index)
        if version == places[index].version { return places[index].serial != 0 }
        report(index)
        guard let secret = board.secret(index, version: version) else { return false }
        places[index].version = version
        if secret.serial != places[index].serial {
            places[index].serial = secret.serial
            places[index].text = secret.text
        }
        return secret.serial != 0
    }

    private mutating func report(_ index: Int) {
        guard let sighting = places[index].sighting else { return }
        reports.add(.sighting(serial: places[index].serial, sighting))
        places[index].sighting = nil
    }

    /// What it was told; nil if nothing.
    private mutating func verify(_ index: Int) -> Verdict? {
        let text = places[index].text
        let begun = Clock.nowNanoseconds
        do throws(TokenError) {
            let outcome = try outcome(of: text)
            let call = CallSpan(begun: begun, returned: Clock.nowNanoseconds)
            let verdict = verdict(outcome)
            counts.answered += 1
            if verdict == .valid { counts.valid += 1 }
            note(verdict, call, index)
            return verdict
        } catch {
            // It says nothing of the secret. The daemon is gone perhaps: leave it some time to come back.
            counts.failed += 1
            usleep(1_000)
            return nil
        }
    }

    private func outcome(of text: String) throws(TokenError) -> Verification.Outcome {
        switch way {
        case .memory: try verifier.outcome(of: text, requiring: Self.heldScopes)
        case .socket: try client.verify(text, requiring: Self.heldScopes).outcome
        case .store: try client.verify(text, requiring: Self.otherScopes).outcome
        }
    }

    private func verdict(_ outcome: Verification.Outcome) -> Verdict {
        switch outcome {
        case .valid: way == .store ? .foreign : .valid
        case .insufficientScope: way == .store ? .alive : .lacksScope
        case .ownerSuspended: .suspended
        case .revoked, .superseded: .ended
        default: .foreign
        }
    }

    private mutating func note(_ verdict: Verdict, _ call: CallSpan, _ index: Int) {
        if places[index].sighting?.verdict == verdict {
            places[index].sighting?.extend(to: call)
        } else {
            report(index)
            places[index].sighting = Sighting(reader: number, verdict: verdict, first: call)
        }
    }

    /// Tells what was seen of secrets that are off the board, or of all, and then that it is told.
    private mutating func mark(at time: Int64, everything: Bool) {
        for index in places.indices where everything || board.version(index) != places[index].version {
            report(index)
        }
        reports.add(.mark(reader: number, at: time, counts))
        reports.flush()
    }
}
