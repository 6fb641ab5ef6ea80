import Glibc
import LinuxIO
import Testing

@Suite("Waiting for descriptors")
struct PollerTests {
    private struct Seen: Equatable {
        var registration: UInt64
        var isReadable = false
        var isWritable = false
        var isAtEnd = false
        var isHungUp = false
    }

    private func seen(_ poller: borrowing Poller, timeoutMilliseconds: Int32 = 0) throws -> [Seen] {
        var seen: [Seen] = []
        for index in 0..<(try poller.wait(timeoutMilliseconds: timeoutMilliseconds)) {
            let event = poller.event(index)
            seen.append(
                Seen(
                    registration: event.registration, isReadable: event.isReadable, isWritable: event.isWritable,
                    isAtEnd: event.isAtEnd, isHungUp: event.isHungUp))
        }
        return seen.sorted { $0.registration < $1.registration }
    }

    @Test func aWakeIsSeenUntilItIsClearedAndManyAreOne() throws {
        let poller = try Poller()
        let waker = try Waker()
        try poller.add(waker.rawValue, .read, registration: .max)
        #expect(try seen(poller) == [])
        waker.wake()
        waker.wake()
        for _ in 0..<2 { #expect(try seen(poller) == [Seen(registration: .max, isReadable: true)]) }
        waker.clear()
        #expect(try seen(poller) == [])
        // Clearing what is clear does not block.
        waker.clear()
        waker.wake()
        #expect(try seen(poller).count == 1)
    }

    @Test func aThreadIsWokenFromAnother() throws {
        let waker = try BlockingWaker()
        // A wake that came first is not lost.
        waker.wake()
        waker.wait()
        let poller = try Poller()
        let other = try Waker()
        try poller.add(other.rawValue, .read, registration: 1)
        let raw = other.rawValue
        let thread = try PosixThread(name: "waker-of-others") {
            usleep(20_000)
            var one: UInt64 = 1
            _ = write(raw, &one, 8)
        }
        #expect(try seen(poller, timeoutMilliseconds: 10_000) == [Seen(registration: 1, isReadable: true)])
        thread.join()
        withExtendedLifetime(other.rawValue) {}
    }

    @Test func eventsCarryTheRegistrationAndFollowTheInterest() throws {
        var raw: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &raw) == 0)
        let one = FileDescriptor(owning: raw[0])
        var other: FileDescriptor? = FileDescriptor(owning: raw[1])
        let poller = try Poller()
        try poller.add(raw[0], [.read, .write], registration: 7 << 32 | 1)
        #expect(try seen(poller) == [Seen(registration: 7 << 32 | 1, isWritable: true)])
        try poller.modify(raw[0], .read, registration: 8)
        #expect(try seen(poller) == [])
        #expect(write(raw[1], "x", 1) == 1)
        #expect(try seen(poller) == [Seen(registration: 8, isReadable: true)])
        other = nil
        #expect(try seen(poller) == [Seen(registration: 8, isReadable: true, isHungUp: true)])
        poller.remove(raw[0])
        #expect(try seen(poller) == [])
        // A new registration of the same descriptor is told from the old one by its number.
        try poller.add(raw[0], .read, registration: 9)
        #expect(try seen(poller).map(\.registration) == [9])
        #expect(throws: SystemError.self) { try poller.add(raw[0], .read, registration: 10) }
        withExtendedLifetime(one.rawValue) {}
        _ = consume other
    }

    @Test func anArrivalIsToldOnceAndAgainWhenMoreComesOrItIsAskedForOrTheEndHasCome() throws {
        var raw: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &raw) == 0)
        let one = FileDescriptor(owning: raw[0])
        var other: FileDescriptor? = FileDescriptor(owning: raw[1])
        let poller = try Poller()
        #expect(write(raw[1], "x", 1) == 1)
        try poller.add(raw[0], .arrivals, registration: 1)
        let readable = Seen(registration: 1, isReadable: true)
        #expect(try seen(poller) == [readable])
        #expect(try seen(poller) == [])
        #expect(write(raw[1], "y", 1) == 1)
        #expect(try seen(poller) == [readable])
        try poller.modify(raw[0], .arrivals, registration: 1)
        #expect(try seen(poller) == [readable])
        #expect(try seen(poller) == [])
        other = nil
        #expect(try seen(poller) == [Seen(registration: 1, isReadable: true, isAtEnd: true, isHungUp: true)])
        #expect(try seen(poller) == [])
        withExtendedLifetime(one.rawValue) {}
        _ = consume other
    }

    @Test func aWaitEndsAfterItsTimeout() throws {
        let poller = try Poller()
        let begin = SystemClock.monotonicNanoseconds()
        #expect(try poller.wait(timeoutMilliseconds: 30) == 0)
        #expect(SystemClock.monotonicNanoseconds() - begin >= 29_000_000)
    }

    @Test func transfersTellTheirEnds() throws {
        var raw: [Int32] = [0, 0]
        try #require(
            socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &raw) == 0)
        let one = FileDescriptor(owning: raw[0])
        var other: FileDescriptor? = FileDescriptor(owning: raw[1])
        var buffer = [UInt8](repeating: 0, count: 16)
        #expect(buffer.withUnsafeMutableBytes { receive(raw[0], into: $0) } == .wouldBlock)
        #expect([1, 2, 3].withUnsafeBytes { transmit(raw[1], $0) } == .bytes(24))
        #expect(buffer.withUnsafeMutableBytes { receive(raw[0], into: $0) } == .bytes(16))
        other = nil
        #expect(buffer.withUnsafeMutableBytes { receive(raw[0], into: $0) } == .bytes(8))
        #expect(buffer.withUnsafeMutableBytes { receive(raw[0], into: $0) } == .ended)
        // A peer that is gone is an error and no signal.
        #expect(buffer.withUnsafeBytes { transmit(raw[0], $0) } == .failed(EPIPE))
        withExtendedLifetime(one.rawValue) {}
        _ = consume other
    }
}
