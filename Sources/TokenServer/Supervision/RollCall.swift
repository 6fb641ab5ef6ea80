import Synchronization

/// Which parts of the daemon have not answered yet. Any thread may answer for its part, more than once too.
final class RollCall: Sendable {
    enum Part: Hashable, Comparable, CustomStringConvertible {
        case loop(Int)
        case writer
        case store

        var description: String {
            switch self {
            case .loop(let number): "event loop \(number)"
            case .writer: "the writer"
            case .store: "the store"
            }
        }
    }

    private let missing: Mutex<Set<Part>>
    private let whenComplete: @Sendable () -> Void

    /// `whenComplete` is called once, by whoever answers last.
    init(_ parts: [Part], whenComplete: @escaping @Sendable () -> Void) {
        missing = Mutex(Set(parts))
        self.whenComplete = whenComplete
    }

    var missingParts: [Part] { missing.withLock { $0.sorted() } }

    func answer(_ part: Part) {
        let isLast = missing.withLock { missing in missing.remove(part) != nil && missing.isEmpty }
        if isLast { whenComplete() }
    }
}
