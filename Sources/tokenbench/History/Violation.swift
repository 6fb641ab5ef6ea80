/// A broken promise: what a reader was told that can't be true with what else is known.
enum Violation: Sendable {
    /// The answer fits no state that there may have been during the call.
    case impossible(SecretHistory, Sighting, CallSpan)
    /// The change had happened when one call returned, and had not yet when a later one began.
    case contradiction(
        SecretHistory, change: Int, notBefore: TransitionBounds.Bound, notAfter: TransitionBounds.Bound)
}

extension Violation: CustomStringConvertible {
    /// What is wrong, and the history that shows it; times count from its first change.
    var description: String {
        switch self {
        case .impossible(let history, let sighting, let call):
            let text = Self.text(sighting, call, history.origin)
            return "secret \(history.serial): \(text), which it was not at any instant of that call\n" + history.story
        case .contradiction(let history, let number, let notBefore, let notAfter):
            let change = history.changes[number]
            return "secret \(history.serial): it became \(change.state) after "
                + "\(Self.text(notBefore, history)), and before \(Self.text(notAfter, history))\n" + history.story
        }
    }

    private static func text(_ bound: TransitionBounds.Bound, _ history: SecretHistory) -> String {
        switch bound.source {
        case .change(let number):
            "the time \(history.milliseconds(bound.nanoseconds)) of change \(number + 1)"
        case .call(let sighting, let call):
            text(sighting, call, history.origin)
        }
    }

    private static func text(_ sighting: Sighting, _ call: CallSpan, _ origin: Int64) -> String {
        "reader \(sighting.reader), who called at \(NumberText.milliseconds(call.begun - origin)) and was told "
            + "\(sighting.verdict) by \(NumberText.milliseconds(call.returned - origin))"
    }
}

extension SecretHistory {
    var origin: Int64 { changes.first?.begun ?? sightings.first?.first.begun ?? 0 }

    func milliseconds(_ time: Int64) -> String { NumberText.milliseconds(time - origin) }

    /// All changes, a line each.
    fileprivate var story: String {
        changes.enumerated().map { number, change in
            "  change \(number + 1): \(change.state), begun at \(milliseconds(change.begun)), "
                + (change.returned.map { "returned at \(milliseconds($0))" } ?? "not known to have been made")
        }.joined(separator: "\n")
    }
}

extension NumberText {
    /// With its sign and to the microsecond: `+1.250 ms`.
    static func milliseconds(_ nanoseconds: Int64) -> String {
        let microseconds = nanoseconds.magnitude / 1_000
        let rest = String(microseconds % 1_000)
        let digits = String(repeating: "0", count: 3 - rest.count) + rest
        return "\(nanoseconds < 0 ? "-" : "+")\(microseconds / 1_000).\(digits) ms"
    }
}
