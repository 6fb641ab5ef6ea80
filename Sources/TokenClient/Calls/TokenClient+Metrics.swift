internal import TokenWire

/// What the daemon counts.
extension TokenClient {
    /// Asks for the daemon's metrics. Needs the grant `operate`: use the socket ``Configuration/operatorSocketPath``. Blocks
    /// the thread until the daemon has answered.
    ///
    /// - Parameter timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: Counters, gauges and histograms in Prometheus' text format, each with its HELP and TYPE. Counters start at
    ///   zero when the daemon does.
    /// - Throws: `permissionDenied` on another socket or as another user, and the codes of connection and time.
    public func metrics(timeout: Duration? = nil) throws(TokenError) -> String {
        try perform(Self.metricsRequest, timeout: timeout).text
    }

    /// The form of `metrics` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    public func metrics(timeout: Duration? = nil) async throws(TokenError) -> String {
        try await perform(Self.metricsRequest, timeout: timeout).text
    }

    private static var metricsRequest: Exchange<EmptyMessage, MetricsAnswer> {
        Exchange(method: .getMetrics, request: EmptyMessage())
    }
}

private struct MetricsAnswer: Answer {
    let text: String

    init?(decoding payload: Span<UInt8>) throws(WireError) {
        text = String(copying: try GetMetricsResponse.View(payload).text)
    }
}
