internal import LinuxIO
internal import TokenWire

/// What a channel has to know.
struct ChannelSettings: Sendable {
    var address: UnixAddress
    var connectTimeout: Duration
    var trustedUserIDs: Set<UInt32>
    /// How long the leader asks again and again for an answer before it sleeps. Not at all where the daemon has no other
    /// core to answer on.
    var pollNanoseconds: Int64 = Processors.isOnlyOne ? 0 : 50_000
    /// Id of a connection's first stream, odd. Another than 1 only in tests.
    var firstStreamID: UInt32 = 1
    /// Streams in flight on a connection: past the protocol's number the daemon reads no more until one ends.
    var streamCountMax = WireLimits.streamCountMax

    init(_ configuration: TokenClient.Configuration) throws(TokenError) {
        do throws(SystemError) {
            address = try UnixAddress(path: configuration.socketPath)
        } catch {
            throw .badArgument("socketPath", "must have 1 to \(UnixAddress.pathByteCountMax) bytes and no NUL")
        }
        connectTimeout = configuration.connectTimeout
        trustedUserIDs = configuration.trustedServerUserIDs
    }
}
