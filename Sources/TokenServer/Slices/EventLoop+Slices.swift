import LinuxIO
import TokenWire

/// Calls that take long, and streams of events: the loop works on all of them together for no more than a short time in
/// each turn, whoever's they are, so that a verification that comes meanwhile waits for no longer than that.
///
/// In a round each connection has its turn: a slice of the first of its calls. So it is not the number of calls that
/// decides how soon the next one ends. What a connection keeps is the work of that one, and of the others what they ask for
/// with what came of their first slices.
extension EventLoop {
    func takeSlices() {
        if !hasTails && !hasSlices { return }
        let deadline =
            SystemClock.monotonicNanoseconds() + ServerLimits.slicedNanosecondsPerTurn - dispatcher.slicedNanoseconds
        // The first gets on in any case, the second if time is left: each is the first in every other turn. Also when calls
        // that came in just now have had the whole time: there may be such in each turn.
        areTailsFirst.toggle()
        if areTailsFirst { serveTails(until: deadline) }
        workOnCalls(until: deadline, mustGetOn: !areTailsFirst)
        if !areTailsFirst && SystemClock.monotonicNanoseconds() < deadline { serveTails(until: deadline) }
        hasSlices = !round.isEmpty
    }

    /// Takes up a call behind those of its connection that are not finished.
    func takeUp(_ call: SlicedCall, of connection: Connection) {
        connection.slicedByteCount += call.work.heldByteCount
        connection.slicedCalls.append(call)
        joinRound(connection)
    }

    /// Unless it has nothing to work on, or does not read: then nothing more is done for it until it has.
    func joinRound(_ connection: Connection) {
        if connection.isInRound || connection.slicedCalls.isEmpty || connection.owesReading { return }
        connection.isInRound = true
        round.append(connection)
        hasSlices = true
    }

    /// Nothing more is done for the connection.
    func leaveRound(_ connection: Connection) {
        connection.slicedCalls = []
        connection.slicedByteCount = 0
        if !connection.isInRound { return }
        if let place = round.firstIndex(where: { $0 === connection }) { leaveRound(at: place) }
    }

    private func leaveRound(at place: Int) {
        round[place].isInRound = false
        round.swapAt(place, round.count - 1)
        round.removeLast()
    }

    private func workOnCalls(until deadline: Int64, mustGetOn: Bool) {
        var mustGetOn = mustGetOn
        while !round.isEmpty && (mustGetOn || SystemClock.monotonicNanoseconds() < deadline) {
            mustGetOn = false
            if nextInRound >= round.count { nextInRound = 0 }
            let connection = round[nextInRound]
            advance(connection)
            // It may be gone, or have nothing left; then another has its place.
            if nextInRound < round.count && round[nextInRound] === connection {
                if connection.slicedCalls.isEmpty || connection.owesReading {
                    leaveRound(at: nextInRound)
                } else {
                    nextInRound += 1
                }
            }
        }
    }

    private func advance(_ connection: Connection) {
        admission.judgeAgain(connection)
        connection.slicedCalls[0].context.peer = connection.peer
        let heldByteCount = connection.slicedCalls[0].work.heldByteCount
        let isFinished = dispatcher.advance(&connection.slicedCalls[0], into: &connection.output)
        if isFinished {
            let call = connection.slicedCalls.removeFirst()
            connection.slicedByteCount -= heldByteCount
            connection.machine.end(call.context.call.streamID)
            flush(connection)
            return
        }
        let growth = connection.slicedCalls[0].work.heldByteCount - heldByteCount
        if growth == 0 { return }
        connection.slicedByteCount += growth
        settle(connection)
    }
}
