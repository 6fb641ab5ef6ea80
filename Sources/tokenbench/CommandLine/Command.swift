import Glibc

/// One command of tokenbench, as the table has it: what is parsed, what help shows, and what is run.
struct Command: Sendable {
    let name: String
    /// One line, for the list of commands.
    let summary: String
    /// Further lines of `--help`.
    var details = ""
    /// Words that are not options, all of them needed.
    var operands: [String] = []
    var options: [Option] = []
    /// Lines to copy, for `--help`.
    var examples: [String] = []
    /// For tokenbench itself: no help lists it.
    var isInternal = false
    let run: @Sendable (Invocation) throws -> ExitCode

    struct Option: Sendable {
        let name: String
        /// What `--help` calls its value; none for a flag.
        var value: String?
        let help: String
    }

    /// All commands, in the order in which help lists them.
    static let all = [
        RunCommand.command, VerifierCommand.command, HistoryCommand.command, StartCommand.command,
        SeedCommand.command, CompareCommand.command, HistoryReaderCommand.command,
    ]

    static var listed: [Command] { all.filter { !$0.isInternal } }
}

/// What tokenbench exits with. Numbers above 63 are those of sysexits(3).
enum ExitCode: Int32 {
    case success = 0
    /// It was measured, and not all of it went as it should: calls failed or were not made, a verifier had to do without
    /// the daemon's page, or a history saw too little to show anything.
    case incomplete = 1
    /// A token was valid that must not have been, or the other way round.
    case promiseBroken = 2
    case usage = 64
    /// A file does not hold what it should.
    case invalidData = 65
    /// The daemon can't be reached, or refuses.
    case unavailable = 69
    /// Interrupted before there was a result, or a fault of tokenbench itself.
    case software = 70
    /// A file or standard output can't be written.
    case cannotCreate = 73
}

/// A command line that means nothing: what is wrong with it, and where to read on.
struct UsageProblem: Error {
    let message: String
    var seeAlso = "tokenbench --help"
}

/// What keeps a command from its work: what happened and what to do.
struct Problem: Error {
    let message: String
    var exitCode = ExitCode.unavailable
}

extension Problem {
    /// A file that was to be read and could not be. Foundation says not why: the system is asked again.
    static func unreadable(_ path: String) -> Problem {
        let reason = access(path, R_OK) == 0 ? "it is no file of text" : String(cString: strerror(errno))
        return Problem(message: "\(path) can't be read: \(reason)", exitCode: .invalidData)
    }
}
