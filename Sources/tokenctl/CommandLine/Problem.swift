/// A command line that means nothing: what is wrong with it, and where to read on.
struct UsageProblem: Error {
    let message: String
    var seeAlso = "tokenctl --help"
}

/// What kept tokenctl itself from doing what it was asked: a file, an answer.
struct Problem: Error {
    let message: String
    let exitCode: ExitCode
}
