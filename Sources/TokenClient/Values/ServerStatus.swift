internal import TokenWire

/// How the daemon is.
public struct ServerStatus: Hashable, Sendable {
    /// Version of the daemon.
    public let version: String
    /// Whether it serves.
    public let isReady: Bool
    /// Why it does not serve; nil if it does.
    public let notReadyReason: String?
    /// What only the host's operator is told; nil for others.
    public let details: Details?

    /// Figures for the operator. Counts start at zero when the daemon does.
    public struct Details: Hashable, Sendable {
        /// Most tokens that the daemon counts, for it answers nobody meanwhile (`countedTokenCountMax` of PROTOCOL.md).
        public static let tokenCountMax = UInt64(WireLimits.countedTokenCountMax)

        /// Process id of the daemon.
        public let processID: UInt32
        /// When it started.
        public let startedAt: Timestamp?
        /// How long it has run, sleep of the machine included.
        public let uptime: Duration
        /// Path of the store.
        public let storePath: String
        /// UUID of the store.
        public let storeUUID: String
        /// Version of the store's schema.
        public let schemaVersion: UInt32
        /// Number of the newest audit event.
        public let headSequence: UInt64
        /// Hash of the newest audit event, 32 bytes. Keep it outside the host: it shows tampering.
        public let headHash: [UInt8]
        /// Connections open now.
        public let connectionCount: UInt64
        /// Verifications answered.
        public let verificationCount: UInt64
        /// Of these, answered from the daemon's cache.
        public let verificationCacheHitCount: UInt64
        /// Changes committed.
        public let writeCount: UInt64
        /// Tokens in the store that have not been revoked, 0 to ``tokenCountMax``, which stands for that many or more.
        public let tokenCount: UInt64
        /// Workspaces in the store.
        public let workspaceCount: UInt64
        /// Bytes of the store's write-ahead log.
        public let writeAheadLogByteCount: UInt64
        /// Every setting in the order of tokend.conf(5), one that may have several values once for each; none unless
        /// they were asked for.
        public let settings: [SettingValue]
        /// The daemon's clock while it answered.
        public let now: Timestamp?
        /// The latest time that the store believes. Expiry is judged by the later one of this and the daemon's clock.
        public let clockMark: Timestamp?
        /// Why changes fail now, and what to do; nil if they don't. Verifications go on meanwhile.
        public let hindrance: String?
        /// Since when they fail.
        public let hinderedSince: Timestamp?
    }
}

/// Whether the daemon, or a service of it, can serve.
public enum Health: Hashable, Sendable {
    /// Requests are served.
    case serving
    /// Alive, but requests are refused: starting, stopping, or the store has failed.
    case notServing
    /// There is no service of that name.
    case unknownService
    /// A state that this version of the library doesn't know, by its number in the protocol.
    case unrecognized(Int32)
}
