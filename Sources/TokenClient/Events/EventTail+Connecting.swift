internal import LinuxIO
internal import TokenWire

/// Beginning the stream on a connection of its own: the protocol has no way to call one off, so it ends with that.
extension EventTail {
    static let streamID: UInt32 = 1

    /// Makes one attempt, after the pause that is due, and sends the request.
    func connect() throws(TokenError) -> Progress {
        try wait(until: backoff.notBefore, for: nil)
        switch Connector.connect(stream.settings) {
        case .connected(let connection):
            backoff.attemptSucceeded()
            self.connection = connection
            silentUntil = Moment.now.adding(stream.patience.firstMessage)
            return try begin(connection)
        case .notNow(let problem):
            backoff.attemptFailed(problem, now: .now)
            return .lost(.connectionFailed(problem))
        case .refused(let error):
            return .failed(error)
        }
    }

    private func begin(_ connection: Connection) throws(TokenError) -> Progress {
        var request = WireBuffer(capacity: Link.bufferByteCount)
        do throws(WireError) {
            try request.appendCall(
                exchange, as: stream.credential, stream: Self.streamID, timeoutNanoseconds: 0)
        } catch {
            return .failed(.requestTooLarge)
        }
        while true {
            switch connection.send(&request) {
            case .done: return .goOn
            // What it said before it went is still to be read.
            case .failed: return .goOn
            case .blocked where .now >= silentUntil: return .lost(silence)
            case .blocked: try wait(until: silentUntil, for: connection, wantsWrite: true)
            }
        }
    }

    private var exchange: Exchange<TailEventsRequest, Nothing> {
        let filter = stream.filter
        return Exchange(
            method: .tailEvents,
            request: TailEventsRequest(
                afterSeq: receivedSequence, actor: filter.actor ?? "", action: filter.action ?? "",
                target: filter.target ?? ""))
    }

    /// Why a connection on which nothing comes is given up.
    var silence: TokenError {
        .connectionFailed("nothing comes from \(stream.settings.address.path): tokend is overloaded or hangs")
    }
}
