private import CLinux
import Glibc

/// An epoll instance. See epoll(7).
///
/// Each registration carries a number of the caller's choice that comes back with its events. Descriptors are reused by
/// the kernel, so the number must not be: an event fetched before a registration was removed may still be in the batch.
public struct Poller: ~Copyable {
    package struct Interest: OptionSet, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }

        /// As `[]`, without the general way from a literal to a set.
        package static var nothing: Interest { Interest(rawValue: 0) }
        package static let read = Interest(rawValue: EPOLLIN.rawValue)
        package static let write = Interest(rawValue: EPOLLOUT.rawValue)
        /// To hear once of what has come, and again only when more comes, or the end, or after `modify`. What is not taken
        /// at once must be asked for by that; in return the kernel need not look after each event whether all was taken.
        package static let arrivals = Interest(rawValue: EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue)
        /// Wake one of the epoll instances that hold the descriptor, not all of them.
        package static let exclusive = Interest(rawValue: EPOLLEXCLUSIVE.rawValue)
    }

    /// What a registration is ready for.
    public struct Event {
        /// The number that was registered.
        public let registration: UInt64
        /// There is something to read, or the end.
        public let isReadable: Bool
        /// There is room to write.
        public let isWritable: Bool
        /// The peer sends no more than what there is to read. Told only of `arrivals`.
        public let isAtEnd: Bool
        /// The peer closed both directions or the socket failed; epoll reports it whatever the interest.
        public let isHungUp: Bool
    }

    private let descriptor: FileDescriptor
    private let events: UnsafeMutableBufferPointer<epoll_event>

    package init(eventCountMax: Int = 256) throws(SystemError) {
        let raw = epoll_create1(Int32(EPOLL_CLOEXEC))
        if raw < 0 { throw .last("epoll_create1") }
        descriptor = FileDescriptor(owning: raw)
        events = .allocate(capacity: eventCountMax)
        events.initialize(repeating: epoll_event())
    }

    deinit {
        events.deallocate()
    }

    package borrowing func add(
        _ target: Int32, _ interest: Interest, registration: UInt64
    ) throws(SystemError) {
        try control(EPOLL_CTL_ADD, target, interest, registration)
    }

    package borrowing func modify(
        _ target: Int32, _ interest: Interest, registration: UInt64
    ) throws(SystemError) {
        try control(EPOLL_CTL_MOD, target, interest, registration)
    }

    /// Must come before the descriptor is closed, and only then.
    package borrowing func remove(_ target: Int32) {
        var unused = epoll_event()
        _ = epoll_ctl(descriptor.rawValue, EPOLL_CTL_DEL, target, &unused)
    }

    private borrowing func control(
        _ operation: Int32, _ target: Int32, _ interest: Interest, _ registration: UInt64
    ) throws(SystemError) {
        var event = epoll_event()
        event.events = interest.rawValue
        event.data.u64 = registration
        if epoll_ctl(descriptor.rawValue, operation, target, &event) != 0 { throw .last("epoll_ctl") }
    }

    /// Waits at most `timeoutMilliseconds` (-1: for ever) and returns how many events there are.
    package borrowing func wait(timeoutMilliseconds: Int32) throws(SystemError) -> Int {
        let count = epoll_wait(descriptor.rawValue, events.baseAddress, Int32(events.count), timeoutMilliseconds)
        if count >= 0 { return Int(count) }
        let code = errno
        if code == EINTR { return 0 }
        throw SystemError("epoll_wait", code: code)
    }

    /// Event number `index` of the last wait, below the count it returned.
    public borrowing func event(_ index: Int) -> Event {
        let event = events[index]
        let bits = event.events
        return Event(
            registration: event.data.u64,
            isReadable: bits & EPOLLIN.rawValue != 0,
            isWritable: bits & EPOLLOUT.rawValue != 0,
            isAtEnd: bits & EPOLLRDHUP.rawValue != 0,
            isHungUp: bits & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0)
    }
}
