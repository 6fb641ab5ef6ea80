/// How calls end, and what follows from it.
extension ChannelState {
    /// When the caller of a live call gives up.
    func limit(of key: CallKey) -> Moment {
        let record = calls.records[key.index]
        guard case .queued = record.phase, link.connection == nil,
            record.failedAttemptCount != backoff.failedAttemptCount
        else { return record.deadline }
        return min(record.deadline, record.connectBy)
    }

    /// What to tell a caller whose limit has passed.
    func overdue(_ key: CallKey) -> TokenError {
        if case .sent = calls.records[key.index].phase { return .deadlineExceeded }
        if link.connection == nil {
            return .connectionFailed(backoff.problem ?? "no connection within the call's timeout; nothing was sent")
        }
        return .notSentInTime
    }

    /// From now on the call's time to get a connection runs.
    mutating func expectConnection(_ key: CallKey, now: Moment) {
        calls.records[key.index].connectBy = now.adding(connectTimeout)
        calls.records[key.index].failedAttemptCount = backoff.failedAttemptCount
    }

    /// Gives a live call its outcome and lets its caller know.
    mutating func end(_ key: CallKey, _ outcome: Outcome) {
        switch calls.records[key.index].phase {
        case .queued: queue.removeAll { $0 == key }
        case .admitted: admittedCount -= 1
        case .sent(let stream): link.abandon(stream)
        case .ended: return
        }
        calls.end(key, outcome)
        wake(key)
    }

    /// The daemon ended the connection.
    mutating func lose(_ error: TokenError, mayRepeat: Bool, now: Moment) {
        backoff.lost(wasUseful: link.wasUseful, now: now)
        giveUpConnection(error, mayRepeat: mayRepeat, now: now)
    }

    /// Has another connection made. What was not sent, or may be sent twice and was not yet, waits for that one.
    private mutating func giveUpConnection(_ error: TokenError, mayRepeat: Bool, now: Moment) {
        guard let connection = link.connection else { return }
        var kept: [CallKey] = []
        for stream in link.streams {
            guard let key = stream.call else { continue }
            let wasSent = link.mayHaveSent(stream)
            let record = calls.records[key.index]
            guard !wasSent || mayRepeat && record.isRepeatable && !record.wasRepeated else {
                end(key, .failed(error))
                continue
            }
            if wasSent { calls.records[key.index].wasRepeated = true }
            kept.append(key)
        }
        for index in calls.records.indices where !calls.records[index].isFree {
            if case .admitted = calls.records[index].phase { kept.append(calls.key(at: index)) }
        }
        admittedCount = 0
        link.end()
        drop(connection)
        requeue(kept, now: now)
    }

    /// The peer reads no more: what it did not get waits for the next connection, and answers may still come.
    mutating func requeueUnsent(now: Moment) {
        var kept: [CallKey] = []
        for stream in link.streams where !link.mayHaveSent(stream) {
            if let key = link.close(stream.id) { kept.append(key) }
        }
        requeue(kept, now: now)
    }

    private mutating func requeue(_ keys: [CallKey], now: Moment) {
        for key in keys { calls.records[key.index].phase = .queued }
        queue = (queue + keys).sorted { $0.serial < $1.serial }
        for key in queue { expectConnection(key, now: now) }
    }

    /// Restores the invariants. Every function that changes anything ends with this.
    mutating func settle(now: Moment) {
        // Ids are used up, the peer reads no more, or it answers nothing of what callers gave up on.
        let isSpent = link.room(streamCountMax: streamCountMax) == 0
        if isSpent, link.connection != nil, link.liveStreamCount == 0, admittedCount == 0 {
            giveUpConnection(.connectionLost, mayRepeat: true, now: now)
        }
        while let key = queue.first, link.room(streamCountMax: streamCountMax) > admittedCount {
            queue.removeFirst()
            calls.records[key.index].phase = .admitted
            admittedCount += 1
            wake(key)
        }
        nominate()
    }

    /// Sees to it that somebody leads.
    private mutating func nominate() {
        guard leader == .nobody else { return }
        guard calls.blockingCount > 0 else {
            if calls.suspendingCount > 0 { wakeBackground() }
            return
        }
        var sleeper: CallKey?
        for index in calls.records.indices where calls.records[index].isLive && !calls.records[index].isSuspending {
            // Whoever is awake comes by before it sleeps.
            guard calls.records[index].isWaiting else { return }
            sleeper = sleeper ?? calls.key(at: index)
        }
        if let sleeper { wake(sleeper) }
    }
}
