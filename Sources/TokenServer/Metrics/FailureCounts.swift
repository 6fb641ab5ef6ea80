import TokenCore
import TokenWire

/// Calls that failed, by the reason that they were told. All loops count here: it is off the way of what goes well.
final class FailureCounts: Sendable {
    private static let reasons = ErrorReason.allCases
    private let counters = Counters(count: reasons.count)

    func note(_ reason: ErrorReason) {
        guard let place = Self.reasons.firstIndex(of: reason) else { return }
        counters.addAmongOthers(1, at: place)
    }

    var all: [(reason: ErrorReason, count: UInt64)] {
        Self.reasons.enumerated().map { ($1, counters.value(at: $0)) }
    }
}
