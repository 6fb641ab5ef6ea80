import TokenClient

/// What tokenctl exits with. Numbers above 63 are those of sysexits(3).
enum ExitCode: Int32, CaseIterable {
    case success = 0
    /// The question was answered, and the answer is no: the token does not verify.
    case negative = 1
    case usage = 64
    /// What was given can't be right: a name, a scope, a time.
    case invalidData = 65
    /// What was named does not exist.
    case notFound = 66
    /// The daemon can't be reached, or can't serve now.
    case unavailable = 69
    case software = 70
    /// A file can't be written.
    case cannotCreate = 73
    /// It may work later: a deadline, a limit.
    case temporaryFailure = 75
    /// Not logged in, or not allowed.
    case notPermitted = 77

    init(_ error: TokenError) {
        switch error.code {
        case .invalidArgument, .alreadyExists, .failedPrecondition: self = .invalidData
        case .notFound: self = .notFound
        case .unauthenticated, .permissionDenied, .untrustedServer: self = .notPermitted
        case .deadlineExceeded, .resourceExhausted: self = .temporaryFailure
        case .unavailable, .connectionFailed, .connectionLost: self = .unavailable
        default: self = .software
        }
    }

    /// For help and the manual.
    var meaning: String {
        switch self {
        case .success: "done"
        case .negative:
            "the answer is no: the token does not verify, the audit's chain is broken, doctor found a problem, or you said no"
        case .usage: "the command line is wrong; nothing was tried"
        case .invalidData: "what was given is invalid, or in the way of what is there: a name, a scope, a line"
        case .notFound: "there is no such thing, or it is not yours to see"
        case .unavailable: "the daemon can't be reached, or can't serve now"
        case .software: "a fault of the daemon or of tokenctl"
        case .cannotCreate: "a file or standard output can't be written"
        case .temporaryFailure: "it took too long, or there was too much of it; try later"
        case .notPermitted: "not logged in, or not allowed"
        }
    }
}
