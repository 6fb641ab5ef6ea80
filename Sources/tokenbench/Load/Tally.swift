/// What is counted apart.
enum CallKind: String, CaseIterable, Codable {
    case verify
    case create
    case revoke
}

/// What came of calls. Each caller keeps its own; they are added at the end.
struct Tally: Sendable {
    /// From when a call was due to its answer, by kind. In a closed loop a call is due when it is sent.
    private(set) var latencies = [Histogram](repeating: Histogram(), count: CallKind.allCases.count)
    /// From when a call was sent to its answer: empty in a closed loop, where it would be the same.
    private(set) var serviceTimes = [Histogram](repeating: Histogram(), count: CallKind.allCases.count)
    /// Calls that failed, by what they failed of. They are never timed.
    private(set) var failures: [String: Int] = [:]

    mutating func succeeded(_ kind: CallKind, latencyNanoseconds: Int64, serviceNanoseconds: Int64? = nil) {
        latencies[kind.index].record(nanoseconds: UInt64(max(0, latencyNanoseconds)))
        if let serviceNanoseconds {
            serviceTimes[kind.index].record(nanoseconds: UInt64(max(0, serviceNanoseconds)))
        }
    }

    mutating func failed(_ reason: String) {
        failures[reason, default: 0] += 1
    }

    mutating func add(_ other: Tally) {
        for kind in CallKind.allCases {
            latencies[kind.index].add(other.latencies[kind.index])
            serviceTimes[kind.index].add(other.serviceTimes[kind.index])
        }
        failures.merge(other.failures) { $0 + $1 }
    }

    func latencies(of kind: CallKind) -> Histogram { latencies[kind.index] }

    func serviceTimes(of kind: CallKind) -> Histogram { serviceTimes[kind.index] }

    var failureCount: Int { failures.values.reduce(0, +) }

    /// All calls that were made.
    var callCount: Int { failureCount + latencies.reduce(0) { $0 + Int($1.count) } }
}

extension CallKind {
    fileprivate var index: Int {
        switch self {
        case .verify: 0
        case .create: 1
        case .revoke: 2
        }
    }
}
