/// The limits of the protocol, under the names PROTOCOL.md ("Limits") gives them.
///
/// What a decoder can judge alone (nesting, list lengths) it judges; the rest is for whoever owns the connection.
public enum WireLimits {
    /// Most bytes in the body of any frame; so the first byte of a frame is always zero.
    public static let frameBodyByteCountMax = 4 << 20
    /// Most bytes in the body of a Request frame.
    public static let requestBodyByteCountMax = 256 << 10
    /// Streams in flight on one connection; past that it is not read until one ends.
    public static let streamCountMax = 64
    /// Frames of unknown type, Response frames and stray Data frames before the connection is closed.
    public static let ignoredFrameCountMax = 64
    /// Connections of one uid, on both sockets together.
    public static let connectionCountPerUIDMax = 1024
    /// Of these, kept for the operator's socket, of who may use it.
    public static let operatorConnectionCountKept = 64
    /// From accept to the end of the first frame.
    public static let firstFrameTimeoutSeconds = 5
    /// From a frame's first byte to its last.
    public static let frameTimeoutSeconds = 10
    /// How long a peer may leave its replies unread.
    public static let writeStallTimeoutSeconds = 30
    /// Groups inside groups, which only unknown fields can hold.
    public static let groupDepthMax = 100
    /// Elements of one repeated field.
    public static let listElementCountMax = 1000
    /// Pairs of metadata in one request.
    public static let metadataPairCountMax = 64
    /// Requests in one VerifyBatch.
    public static let verifyBatchCountMax = 100
    /// Tokens in one ImportTokens.
    public static let importedTokenCountMax = 100
    /// Events in one message of TailEvents.
    public static let tailedEventCountMax = 100
    /// A stream of TailEvents says something at least so often.
    public static let tailSignSeconds = 15
    /// Bytes of the copy in one message of Backup.
    public static let backupChunkByteCountMax = 256 << 10
    /// Elements on one page of a list.
    public static let pageSizeMax = 100
    /// Elements on a page when the request says 0.
    public static let pageSizeDefault = 25
    /// Bytes of a text by which a list or a stream of events is filtered.
    public static let filterByteCountMax = 256
    /// Tokens that GetStatus counts: where it says so many, there may be more.
    public static let countedTokenCountMax = 100_000
    /// Bytes of a Status message; a longer one is cut.
    public static let statusMessageByteCountMax = 4096
}
