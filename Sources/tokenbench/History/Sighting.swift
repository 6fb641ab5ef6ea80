/// From a call's begin to its end, in nanoseconds of CLOCK_MONOTONIC: what it tells was so at some instant between.
struct CallSpan: Equatable, Sendable {
    let begun: Int64
    let returned: Int64
}

/// What a secret is worth. It is one of these at each instant.
enum SecretState: UInt8, CaseIterable, Sendable {
    case active
    /// Its member is suspended.
    case suspended
    /// Its member's role does not grant the scope that is asked for.
    case demoted
    /// Revoked, superseded by a roll, or its member is removed: for ever.
    case ended
}

/// What a verification said, in so far as it tells of a secret's state.
enum Verdict: UInt8, Sendable {
    case valid
    case suspended
    case lacksScope
    case ended
    /// Asked for a scope that no state grants: it is neither suspended nor ended.
    case alive
    /// What no state of the secret gives.
    case foreign

    func admits(_ state: SecretState) -> Bool {
        switch self {
        case .valid: state == .active
        case .suspended: state == .suspended
        case .lacksScope: state == .demoted
        case .ended: state == .ended
        case .alive: state == .active || state == .demoted
        case .foreign: false
        }
    }
}

/// What one reader was told of a secret in calls that it made one after the other, all with the same answer. Of those
/// between the first and the last no more is kept than their number, so that a history's size does not depend on it.
struct Sighting: Equatable, Sendable {
    let reader: Int
    let verdict: Verdict
    let first: CallSpan
    private(set) var last: CallSpan
    private(set) var callCount = 1

    init(reader: Int, verdict: Verdict, first: CallSpan, last: CallSpan? = nil, callCount: Int = 1) {
        self.reader = reader
        self.verdict = verdict
        self.first = first
        self.last = last ?? first
        self.callCount = callCount
    }

    /// Told the same once more.
    mutating func extend(to call: CallSpan) {
        last = call
        callCount += 1
    }
}
