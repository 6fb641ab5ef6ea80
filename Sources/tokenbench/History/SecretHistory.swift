/// The life of one secret, as those who changed it and those who verified it tell it; and whether both can be true.
///
/// Its changes were made one after the other. So there is an instant for each, between its begin and its end, at which the
/// secret went over into the next state; and a verification is right if its answer fits the state at some instant between
/// *its* begin and end. All of it is right if instants exist, one after the other, for which each verification is: if the
/// history is linearizable (Herlihy and Wing, 1990). Of the end of a secret that is to say: no `VALID` in a call that began
/// after the change had returned, none in a call that began after any other had returned with `REVOKED`, and no `REVOKED`
/// in a call that returned before the change was begun. Of a suspension and the return from it, each of them the same.
///
/// Each verification bounds the instants: if it fits none but the states up to one of them, it began before that state
/// ended, and if it fits none but those from one of them on, it returned after that state began. `violations` puts these
/// bounds together. A bound that is told is a true one: what is found is broken for certain.
struct SecretHistory: Sendable {
    struct Change: Equatable, Sendable {
        let state: SecretState
        let begun: Int64
        /// Nil if nobody knows when it was made, or whether: the daemon died, and it was not tried again to the end.
        let returned: Int64?

        init(to state: SecretState, begun: Int64, returned: Int64?) {
            self.state = state
            self.begun = begun
            self.returned = returned
        }
    }

    let serial: Int
    /// From `active` on, which the secret is when verifications begin.
    private(set) var changes: [Change] = []
    private(set) var sightings: [Sighting] = []

    init(serial: Int) {
        self.serial = serial
    }

    mutating func add(_ change: Change) { changes.append(change) }
    mutating func add(_ sighting: Sighting) { sightings.append(sighting) }

    /// Sightings may be added in any order.
    func check() -> Verdicts {
        var bounds = changes.enumerated().map { number, change in
            TransitionBounds(
                earliest: .init(nanoseconds: change.begun, source: .change(number)),
                latest: .init(nanoseconds: change.returned ?? .max, source: .change(number)))
        }
        var verdicts = Verdicts()
        for sighting in sightings {
            // Those between lie between, and would say less.
            for call in sighting.first == sighting.last ? [sighting.first] : [sighting.first, sighting.last] {
                guard let fitting = statesFitting(sighting.verdict, call) else {
                    verdicts.violations.append(.impossible(self, sighting, call))
                    continue
                }
                let source = TransitionBounds.Source.call(sighting, call)
                // State number n begins with change n - 1 and ends with change n.
                if fitting.first > 0 { bounds[fitting.first - 1].happened(before: call.returned, source) }
                if fitting.last < changes.count { bounds[fitting.last].happened(after: call.begun, source) }
            }
        }
        verdicts.closelyWatchedCount = bounds.count { $0.isBoundedByCalls }
        if let violation = contradiction(bounds) { verdicts.violations.append(violation) }
        return verdicts
    }

    struct Verdicts {
        fileprivate(set) var violations: [Violation] = []
        /// Changes that verifications saw from both sides while they were being made.
        fileprivate(set) var closelyWatchedCount = 0
    }

    /// The first and the last state that the answer fits and that there may have been during the call.
    private func statesFitting(_ verdict: Verdict, _ call: CallSpan) -> (first: Int, last: Int)? {
        var fitting: (first: Int, last: Int)?
        var state = SecretState.active
        for number in 0..<changes.count + 1 {
            if number > 0 { state = changes[number - 1].state }
            let mayHaveBegun = number == 0 || changes[number - 1].begun <= call.returned
            let mayHaveLasted = number == changes.count || changes[number].returned ?? .max >= call.begun
            if verdict.admits(state) && mayHaveBegun && mayHaveLasted {
                fitting = (fitting?.first ?? number, number)
            }
        }
        return fitting
    }

    /// Whether there are instants, each not before the one before it, within the bounds.
    private func contradiction(_ bounds: [TransitionBounds]) -> Violation? {
        var earliest = TransitionBounds.Bound(nanoseconds: .min, source: .change(0))
        for (number, bound) in bounds.enumerated() {
            if bound.earliest.nanoseconds > earliest.nanoseconds { earliest = bound.earliest }
            if earliest.nanoseconds > bound.latest.nanoseconds {
                return .contradiction(self, change: number, notBefore: earliest, notAfter: bound.latest)
            }
        }
        return nil
    }
}

/// Between which times a change has happened, and by whose account.
struct TransitionBounds: Sendable {
    enum Source: Equatable, Sendable {
        /// The change's own begin or end.
        case change(Int)
        case call(Sighting, CallSpan)

        var isCall: Bool { if case .call = self { true } else { false } }
    }

    struct Bound: Equatable, Sendable {
        let nanoseconds: Int64
        let source: Source
    }

    private(set) var earliest: Bound
    private(set) var latest: Bound

    init(earliest: Bound, latest: Bound) {
        self.earliest = earliest
        self.latest = latest
    }

    mutating func happened(after nanoseconds: Int64, _ source: Source) {
        if nanoseconds > earliest.nanoseconds { earliest = Bound(nanoseconds: nanoseconds, source: source) }
    }

    mutating func happened(before nanoseconds: Int64, _ source: Source) {
        if nanoseconds < latest.nanoseconds { latest = Bound(nanoseconds: nanoseconds, source: source) }
    }

    var isBoundedByCalls: Bool { earliest.source.isCall && latest.source.isCall }
}
