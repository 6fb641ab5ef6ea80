import Dispatch
import Glibc
import Synchronization

/// Turns Ctrl-C and a plain kill into a wish to end: what was measured until then is still told, and what was started
/// is stopped.
final class Interruption {
    private final class Wish: Sendable {
        let isThere = Atomic(false)
    }

    private let wish = Wish()
    private let sources: [any DispatchSourceSignal]

    init() {
        let wish = wish
        sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { wish.isThere.store(true, ordering: .relaxed) }
            source.resume()
            return source
        }
    }

    deinit {
        for source in sources { source.cancel() }
    }

    var hasCome: Bool { wish.isThere.load(ordering: .relaxed) }
}
