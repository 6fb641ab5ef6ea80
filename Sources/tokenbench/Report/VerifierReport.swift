import TokenClient

/// What `tokenbench verifier` found: this is what its `--json` prints.
struct VerifierReport: Codable {
    static let formatNumber = 1

    var format = VerifierReport.formatNumber
    /// Version of tokenbench.
    var version = TokenClient.version
    /// When it ended, RFC 3339.
    var time = Timestamp.now.description
    var machine = Machine(storePath: nil)
    /// The cores that it ran on, as `0-1`.
    var cores = ProcessFacts.own?.cores ?? ""
    var tokens: Int
    var requiredScope: String?
    /// Whether all of each answer was asked for, and not its outcome alone.
    var wantsAll: Bool
    var rows: [Row] = []
    /// Why the verifier had to do without the daemon's page, at the end; nil if it had not.
    var pageProblem: String?

    struct Row: Codable {
        var threads: Int
        var hits: Int
        var hitsPerSecond: Double
        /// Of one thread, the mean.
        var nanosecondsPerHit: Double
        /// Of one thread, the median of batches: what it costs while nothing else has the core.
        var medianNanosecondsPerHit: Double
        /// As a multiple of what the first row's threads do.
        var speedup: Double
        /// The share of answers that the verifier had to ask the daemon for.
        var askedShare: Double
        var refused: Int
    }

    mutating func add(_ outcome: HitLoop.Outcome, threads: Int) {
        let hitsPerSecond = outcome.hitsPerSecond
        rows.append(
            Row(
                threads: threads, hits: outcome.hitCount, hitsPerSecond: hitsPerSecond,
                nanosecondsPerHit: hitsPerSecond > 0 ? 1e9 * Double(threads) / hitsPerSecond : 0,
                medianNanosecondsPerHit: Double(outcome.batches.percentileNanoseconds(5_000) ?? 0),
                speedup: rows.first.map { hitsPerSecond / $0.hitsPerSecond * Double($0.threads) } ?? Double(threads),
                askedShare: outcome.askedShare, refused: outcome.refusedCount))
    }

    var exitCode: ExitCode {
        // Interrupted before its first figure.
        if rows.isEmpty { return .software }
        return rows.allSatisfy { $0.refused == 0 } && pageProblem == nil ? .success : .incomplete
    }

    /// All of it, for a person.
    var text: String {
        var parts = [heading, table]
        if let pageProblem { parts.append("THE DAEMON WAS ASKED, because \(pageProblem)") }
        if rows.contains(where: { $0.refused > 0 }) {
            parts.append("SOME TOKENS WERE REFUSED: they have ended meanwhile.")
        }
        return parts.joined(separator: "\n\n")
    }

    private var heading: String {
        let question = wantsAll ? "verify" : "outcome"
        let scope = requiredScope.map { ", requiring \($0)" } ?? ""
        return """
            \(machine.cores) cores of \(machine.processor), Linux \(machine.kernel), on cores \(cores)
            TokenVerifier.\(question)\(scope), \(NumberText.count(tokens)) tokens in random order, all remembered
            """
    }

    private var table: String {
        let header = ["threads", "hits a second", "a hit", "median", "speedup", "asked the daemon"]
        return TextTable.text(
            [header]
                + rows.map { row in
                    [
                        "\(row.threads)", NumberText.count(Int(row.hitsPerSecond)),
                        "\(NumberText.threeDigits(row.nanosecondsPerHit)) ns",
                        "\(NumberText.threeDigits(row.medianNanosecondsPerHit)) ns",
                        "\(NumberText.threeDigits(row.speedup)) ×", NumberText.percent(row.askedShare),
                    ]
                })
    }
}
