/// Why a call failed.
///
/// `code` says what kind of failure it is and so what a program may do about it; `reason` says it in the daemon's own
/// words. `message` is for people: what happened and what to do. None of it ever holds a secret, so all of it may be
/// logged.
///
/// The rules are in PROTOCOL.md, section "Errors".
public struct TokenError: Error, Hashable, Sendable {
    /// The kind of failure.
    public let code: Code

    /// The daemon's reason, one of the fixed list in PROTOCOL.md ("Errors"):
    /// `validation_error`, `unauthorized`, `forbidden`, `not_found`, `conflict`, `last_admin`,
    /// `retention_below_minimum`, `rate_limited`, `store_unavailable`, `internal`, `unimplemented` or
    /// `deadline_exceeded`. A newer daemon may send others. Nil when the failure did not come from the daemon.
    public let reason: String?

    /// What happened and what to do about it, one sentence or two in English.
    public let message: String

    /// The fields of the request that were refused; empty if the refusal names none. They come with
    /// `invalidArgument`, and from `importTokens` also with `alreadyExists`, `notFound` and `permissionDenied`.
    public let fields: [Field]

    /// Further facts from the daemon, for example `missing_scopes` with the scopes that are missing. Without the trace id.
    public let metadata: [String: String]

    /// The id under which the daemon's log and audit have this failure; nil when it did not come from the daemon.
    public let traceID: String?

    /// A field of a request that was refused.
    public struct Field: Hashable, Sendable {
        /// Path of the field in the protocol's message, for example `scopes[2]`.
        public let name: String
        /// What is wrong with it and what would be right.
        public let problem: String

        /// A refused field; for tests of programs that use this library.
        public init(name: String, problem: String) {
            self.name = name
            self.problem = problem
        }
    }

    /// A failure; for tests of programs that use this library.
    public init(
        code: Code, reason: String? = nil, message: String, fields: [Field] = [], metadata: [String: String] = [:],
        traceID: String? = nil
    ) {
        self.code = code
        self.reason = reason
        self.message = message
        self.fields = fields
        self.metadata = metadata
        self.traceID = traceID
    }
}

extension TokenError: CustomStringConvertible {
    /// One line with all that is known, for a log.
    public var description: String {
        var text = "\(code)"
        if let reason, reason != code.description { text += " (\(reason))" }
        text += ": \(message)"
        for field in fields { text += "; \(field.name): \(field.problem)" }
        if let traceID { text += " [trace \(traceID)]" }
        return text
    }
}
