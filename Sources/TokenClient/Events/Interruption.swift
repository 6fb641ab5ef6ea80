internal import Glibc
internal import LinuxIO
internal import Synchronization

/// Waits for a socket, or for somebody to say that it is enough.
final class Interruption: Sendable {
    private let isRaised = Atomic(false)
    /// None where the process has no descriptor left: then a wait ends by itself every second.
    private let waker: Waker?

    init() {
        waker = try? Waker()
    }

    /// Ends every wait, those to come too.
    func raise() {
        isRaised.store(true, ordering: .sequentiallyConsistent)
        waker?.wake()
    }

    /// Waits until the connection is ready or the moment has come; true when it was interrupted. See poll(2).
    func wait(until moment: Moment, for connection: Connection?, wantsWrite: Bool) -> Bool {
        if isRaised.load(ordering: .sequentiallyConsistent) { return true }
        var limit = moment
        var wakerDescriptor: Int32 = -1
        if let raw = rawWaker {
            wakerDescriptor = raw
        } else {
            limit = min(limit, Moment.now.adding(.seconds(1)))
        }
        var sources = (
            pollfd(fd: wakerDescriptor, events: Int16(POLLIN), revents: 0),
            // poll(2) passes over a negative descriptor.
            pollfd(fd: connection?.rawValue ?? -1, events: Int16(wantsWrite ? POLLOUT : POLLIN), revents: 0)
        )
        withUnsafeMutableBytes(of: &sources) { bytes in
            // EINTR is a wake like any other: the caller looks at the time again.
            _ = poll(bytes.baseAddress?.assumingMemoryBound(to: pollfd.self), 2, limit.pollMilliseconds(from: .now))
        }
        return isRaised.load(ordering: .sequentiallyConsistent)
    }

    private var rawWaker: Int32? {
        switch waker {
        case .none: nil
        case .some(let waker): waker.rawValue
        }
    }
}
