import TokenStore

/// What bounds the daemon's own use of memory and time. The protocol's limits are `WireLimits`.
package enum ServerLimits {
    /// Frames of one connection answered in one turn of the loop; then the others have theirs.
    static let framesPerTurnMax = 128
    /// Of those, changes, which take longer.
    static let changesPerTurnMax = 8
    /// Connections that are given the turn they wait for, and connections that are written answers of the writer, before
    /// the loop looks for new requests.
    static let turnsAtOnceMax = 4
    static let answeredConnectionsAtOnceMax = 8
    /// How long calls that take long are worked on in one turn, and streams of events are served, all of them together,
    /// but for what was begun before it was over, and one slice more where calls that came in have taken all of it. A page's
    /// count and encoding are of its last slice; VerifyBatch, GetStatus and GetMetrics are one slice each.
    static let slicedNanosecondsPerTurn: Int64 = 1_000_000
    /// Reported uses looked up in one slice, some 14 µs each.
    static let usagesPerSlice = 20
    /// Bytes taken from a socket by one read.
    static let readByteCountMax = 64 << 10
    /// Bytes of replies that wait for a peer; past that it is not read until it has taken them.
    static let queuedReplyByteCountMax = 256 << 10
    /// Bytes of buffers that all connections keep together.
    static let keptByteCountMax = 128 << 20
    /// What a shared buffer is shrunk to after a large use.
    static let bufferByteCountKept = 128 << 10
    /// Calls in flight at once, or bytes of a connection's buffers, after which free memory goes back to the kernel.
    static let callCountWorthTrimming = 1_024
    static let bufferByteCountWorthTrimming = 64 << 10
    /// How often that is done at most.
    static let trimIntervalSeconds = 5
    /// How often deadlines are looked at, while there are any.
    static let sweepIntervalMilliseconds: Int32 = 250
    /// How long a stop waits for calls in flight and for replies to be taken.
    static let drainSeconds = 5
    /// How often the store hears of tokens that were used and of calls that were refused. A token's row is not written
    /// again before so long.
    static let upkeepSeconds = 60
    /// How often it is looked whether clients still find the sockets and the page.
    static let lookSeconds = 2
    /// Records of the loop's memory looked through in one turn for uses to tell, some 20 µs.
    static let useRecordsPerTurn = 1_024
    /// Tokens whose use is written in one commit.
    static let useBatchCount = 1_024
    /// How often the service manager hears figures, or more often if it wants signs of life more often.
    static let statusSeconds = 10
    /// Of a text that some other system gave a token.
    static let importedTextByteCountMax = 255
    /// What a list shows of such a text, in Unicode scalars.
    static let hintScalarCountMax = 16
    /// Reloads asked for while another is carried out.
    static let waitingReloadCountMax = 16
    /// Events that wait for whoever reads the log, in bytes; what is more is dropped.
    static let logQueueByteCountMax = 1 << 20
    /// How long the end waits for the log to be written.
    package static let logFlushMilliseconds: Int32 = 1_000
    /// Scopes of one token or account.
    static let scopeCountMax = AccessRules.tokenScopeCountMax
}
