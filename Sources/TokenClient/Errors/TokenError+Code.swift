extension TokenError {
    /// The kind of a failure.
    ///
    /// The first group are gRPC's status codes as the daemon sends them, the second comes from this library. More may be
    /// added, so a `switch` needs a `default`.
    public struct Code: Hashable, Sendable {
        private enum Kind: String {
            case invalidArgument = "invalid_argument"
            case unauthenticated
            case permissionDenied = "permission_denied"
            case notFound = "not_found"
            case alreadyExists = "already_exists"
            case failedPrecondition = "failed_precondition"
            case resourceExhausted = "resource_exhausted"
            case deadlineExceeded = "deadline_exceeded"
            case unavailable
            case unimplemented
            case `internal`
            case unknown
            case cancelled
            case connectionFailed = "connection_failed"
            case connectionLost = "connection_lost"
            case untrustedServer = "untrusted_server"
            case protocolViolation = "protocol_violation"
        }

        private let kind: Kind

        private init(_ kind: Kind) { self.kind = kind }

        /// The request is wrong whatever the state of the store: see `TokenError.fields`. Sending it again won't help.
        /// Where the request is right and only comes at the wrong time the code is `failedPrecondition`.
        public static let invalidArgument = Code(.invalidArgument)

        /// The daemon does not know who calls: no credential, or a token that doesn't verify.
        /// A known caller who may not do this gets `permissionDenied`.
        public static let unauthenticated = Code(.unauthenticated)

        /// The caller is known and may not do this; the message names the scope or grant that is missing.
        /// What the caller may not even see is `notFound` instead.
        public static let permissionDenied = Code(.permissionDenied)

        /// What was named does not exist, or is not the caller's to see: the two are told in the same words.
        public static let notFound = Code(.notFound)

        /// The name is taken, or the workspace exists, or a request id was used before and can't be answered again.
        /// Another name helps, which it would not for `failedPrecondition`.
        public static let alreadyExists = Code(.alreadyExists)

        /// The request is right, and something else has to change first, for example another admin be named
        /// (`last_admin`). Repeating it alone won't help, unlike `unavailable`.
        public static let failedPrecondition = Code(.failedPrecondition)

        /// A limit was passed, of rate or of size. After `rate_limited` wait a second and try again.
        public static let resourceExhausted = Code(.resourceExhausted)

        /// The call's timeout passed without an answer. **A change may have been made all the same**: ask with the same
        /// ``RequestID``, or look. Where no connection came about in time the code is `connectionFailed`, and surely
        /// nothing was done.
        public static let deadlineExceeded = Code(.deadlineExceeded)

        /// The daemon answered that it can't serve now. Nothing was done, unless ``TokenError/metadata`` has `outcome` as
        /// `unknown`: the disk failed in the middle of a change. Try again later.
        /// A daemon that can't be reached at all is `connectionFailed`.
        public static let unavailable = Code(.unavailable)

        /// The daemon doesn't know this method: it is older than this library.
        public static let unimplemented = Code(.unimplemented)

        /// A fault of the daemon. Its log has more under the trace id.
        public static let `internal` = Code(.internal)

        /// The daemon sent a code that this library has no name for.
        public static let unknown = Code(.unknown)

        /// The task that made an `async` call was cancelled. **A change may have been made all the same.**
        public static let cancelled = Code(.cancelled)

        /// No connection: the daemon isn't running, or the socket can't be opened. Nothing was sent.
        /// A connection that broke while the daemon may have been at work is `connectionLost`.
        public static let connectionFailed = Code(.connectionFailed)

        /// The connection ended after the request was sent and before its answer came. **A change may have been made.**
        /// A call that may safely be repeated was repeated once before this is thrown. If the daemon refused it then, for
        /// what the call itself may have done, ``TokenError/reason`` tells; else it is nil.
        public static let connectionLost = Code(.connectionLost)

        /// The process that listens on the socket, or the directory the socket is in, is not one to trust with a secret.
        /// Nothing was sent. See ``TokenClient/Configuration/trustedServerUserIDs``.
        public static let untrustedServer = Code(.untrustedServer)

        /// The daemon sent what the protocol does not allow, or an answer that lacks what it must have. A fault of the
        /// daemon, or something else listens there. Whether the call was carried out is not known.
        public static let protocolViolation = Code(.protocolViolation)
    }
}

extension TokenError.Code: CustomStringConvertible {
    /// The name in lower case with underscores, as gRPC tools write it: `permission_denied`.
    public var description: String { kind.rawValue }
}
