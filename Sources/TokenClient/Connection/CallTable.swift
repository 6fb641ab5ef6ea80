/// The name of a call: where its record is, and which of all the calls that had that place.
struct CallKey: Hashable, Sendable {
    let index: Int
    let serial: UInt64
}

/// What a call came to.
enum Outcome: Sendable {
    /// `isOfRepetition` when the call was sent a second time, and may have been carried out the first time.
    case answered(AnswerBody, isOfRepetition: Bool)
    case failed(TokenError)
}

/// How far a call has come.
enum CallPhase {
    /// Waits for a connection, or for one of the connection's streams. Next: `admitted`, `ended`.
    case queued
    /// Has a stream reserved, and its caller is about to encode the frame. Next: `sent`; `queued` if the connection is
    /// lost; `ended`.
    case admitted
    /// Its frame is in the connection's outgoing bytes, or beyond. Next: `ended`; `queued` to be sent again.
    case sent(stream: UInt32)
    /// Its caller only has to take the outcome.
    case ended(Outcome)
}

/// One call from the moment it is made until its caller takes the outcome.
struct CallRecord {
    /// Zero when the place is free.
    fileprivate(set) var serial: UInt64 = 0
    var phase = CallPhase.queued
    var deadline = Moment.distantFuture
    /// While there is no connection: when to give up, once an attempt made in the call's own time has failed.
    var connectBy = Moment.distantFuture
    /// How many attempts to connect had failed when `connectBy` was set.
    var failedAttemptCount: UInt64 = 0
    var isSuspending = false
    var isRepeatable = false
    var wasRepeated = false
    /// Whether the caller sleeps, or is about to: from when it is told to wait until it is woken.
    var isWaiting = false
    /// Of a suspending call that waits.
    var continuation: UnsafeContinuation<Void, Never>?
    /// Of a blocking call. Made when a call first waits in this place, and kept for those that follow.
    var parker: Parker?

    var isFree: Bool { serial == 0 }

    var isLive: Bool {
        if isFree { return false }
        if case .ended = phase { return false }
        return true
    }

    /// Whether there is nothing that its caller could do for it.
    var isBeingWaitedFor: Bool {
        switch phase {
        case .queued, .sent: !isFree
        case .admitted, .ended: false
        }
    }
}

/// All calls whose callers have not taken the outcome yet.
struct CallTable {
    var records: [CallRecord] = []
    private var freeIndices: [Int] = []
    private var lastSerial: UInt64 = 0
    /// Live calls, by how their callers wait.
    private(set) var blockingCount = 0
    private(set) var suspendingCount = 0

    func contains(_ key: CallKey) -> Bool {
        key.index < records.count && records[key.index].serial == key.serial
    }

    func key(at index: Int) -> CallKey { CallKey(index: index, serial: records[index].serial) }

    mutating func insert(isSuspending: Bool, isRepeatable: Bool, deadline: Moment) -> CallKey {
        lastSerial += 1
        var record = CallRecord()
        record.serial = lastSerial
        record.deadline = deadline
        record.isSuspending = isSuspending
        record.isRepeatable = isRepeatable
        if isSuspending { suspendingCount += 1 } else { blockingCount += 1 }
        if let index = freeIndices.popLast() {
            record.parker = records[index].parker
            records[index] = record
            return CallKey(index: index, serial: lastSerial)
        }
        records.append(record)
        return CallKey(index: records.count - 1, serial: lastSerial)
    }

    /// Gives a live call its outcome.
    mutating func end(_ key: CallKey, _ outcome: Outcome) {
        if records[key.index].isSuspending { suspendingCount -= 1 } else { blockingCount -= 1 }
        records[key.index].phase = .ended(outcome)
    }

    /// Takes the outcome of an ended call and frees its place; nil if it has not ended.
    mutating func take(_ key: CallKey) -> Outcome? {
        guard case .ended(let outcome) = records[key.index].phase else { return nil }
        records[key.index].phase = .queued
        records[key.index].serial = 0
        freeIndices.append(key.index)
        return outcome
    }
}
