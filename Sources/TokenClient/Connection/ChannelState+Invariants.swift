extension ChannelState {
    /// The first invariant that doesn't hold, in words; nil if all do. Debug builds ask before every release of the lock.
    func brokenInvariant() -> String? {
        let used = calls.records.indices.filter { !calls.records[$0].isFree }
        let queued = used.filter { if case .queued = calls.records[$0].phase { true } else { false } }
        let admitted = used.filter { if case .admitted = calls.records[$0].phase { true } else { false } }
        if queue != queued.map({ calls.key(at: $0) }).sorted(by: { $0.serial < $1.serial }) {
            return "the queue is not what is queued, in order"
        }
        if admittedCount != admitted.count {
            return "\(admittedCount) calls counted as admitted, \(admitted.count) are"
        }
        if link.connection != nil, link.streams.count + admittedCount > streamCountMax {
            return "\(link.streams.count) streams and \(admittedCount) admitted calls"
        }
        return brokenInvariantOfStreams() ?? brokenInvariantOfRoles(used)
    }

    private func brokenInvariantOfStreams() -> String? {
        let waitedFor = link.streams.compactMap { stream in stream.call.map { (id: stream.id, key: $0) } }
        if waitedFor.count != link.liveStreamCount { return "\(link.liveStreamCount) live streams counted wrongly" }
        for stream in waitedFor {
            guard calls.contains(stream.key), case .sent(stream.id) = calls.records[stream.key.index].phase else {
                return "stream \(stream.id) belongs to a call that doesn't know of it"
            }
        }
        return nil
    }

    private func brokenInvariantOfRoles(_ used: [Int]) -> String? {
        if (leader == .nobody) != (incoming != nil) { return "the turn to lead is lost, or there are two" }
        let isAnyLive = used.contains { calls.records[$0].isLive }
        let isAnyAwake = used.contains { !calls.records[$0].isSuspending && !calls.records[$0].isWaiting }
        if isAnyLive, leader == .nobody, !isAnyAwake, background != .awake { return "calls wait and nobody leads" }
        return nil
    }
}
