/// Following the audit; see PROTOCOL.md ("Following the events").
extension TokenClient {
    /// Follows the audit's events as they are committed, in the order of their numbers. Needs the scope `audit:read`, and
    /// shows the caller's workspace; on the operator's socket, without a caller, every workspace's and the host's own.
    /// Connects when the first event is asked for.
    ///
    /// - Parameters:
    ///   - sequence: Begins behind the event with this number, 0 for the oldest kept; nil begins with the next one.
    ///   - filter: Which events, by actor, action and target; without one all.
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - outageTimeout: For how long to try to reach a daemon that was there before, again and again after pauses of chance
    ///     length below a second; ``Configuration/connectTimeout`` if nil. Give minutes to follow through a restart, and
    ///     `.seconds(Int64.max)` to follow for ever. A daemon that is not there in the beginning is tried for
    ///     ``Configuration/connectTimeout`` in any case.
    ///   - onOutage: Called once an outage, when the first attempt to reach the daemon again has failed, with what stands in
    ///     the way: for a line in a log. It is called by the thread that waits, which is the library's own for tasks.
    /// - Returns: The events. Each of its iterators has a connection of its own.
    /// - Throws: `invalidArgument` for a filter by time: a stream goes on for ever.
    public func tailEvents(
        after sequence: UInt64? = nil, matching filter: EventFilter = EventFilter(), as credential: Credential? = nil,
        outageTimeout: Duration? = nil, onOutage: (@Sendable (TokenError) -> Void)? = nil
    ) throws(TokenError) -> EventStream {
        if filter.from != nil || filter.until != nil {
            throw .badArgument("filter", "can't hold a time: follow from an event's number, or list events instead")
        }
        return EventStream(
            settings: try ChannelSettings(configuration), credential: credential ?? configuration.credential,
            filter: filter, start: sequence, patience: EventPatience(configuration, outageTimeout: outageTimeout),
            onOutage: onOutage)
    }
}
