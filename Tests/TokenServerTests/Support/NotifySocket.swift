import Glibc
import LinuxIO

@testable import TokenServer

/// The service manager's end of NOTIFY_SOCKET.
final class NotifySocket {
    let path: String
    private let descriptor: FileDescriptor

    init(_ directory: TemporaryDirectory) throws {
        path = directory.path + "/notify"
        descriptor = FileDescriptor(owning: socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
        let raw = descriptor.rawValue
        let address = try UnixAddress(path: path)
        if address.withSocketAddress({ bind(raw, $0, $1) }) != 0 { throw ClientFailure(what: "bind") }
    }

    /// A reporter that tells this end.
    func reporter(watchdogMilliseconds: Int64? = nil) throws -> ServiceReporter {
        var environment = ServiceEnvironment()
        environment.notifySocket = path
        environment.watchdogMicroseconds = watchdogMilliseconds.map { $0 * 1_000 }
        return ServiceReporter(environment, log: try Log())
    }

    /// The next message; none when none comes in time.
    func next(withinMilliseconds limit: Int32 = 5_000) -> String? {
        var waiting = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
        if poll(&waiting, 1, limit) != 1 { return nil }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = recv(descriptor.rawValue, &bytes, bytes.count, 0)
        return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    /// The next message that has `text`; those before it are dropped.
    func next(with text: String) -> String? {
        let end = SystemClock.monotonicNanoseconds() + 5_000_000_000
        while SystemClock.monotonicNanoseconds() < end, let message = next() {
            if message.contains(text) { return message }
        }
        return nil
    }

    /// Drops what is there.
    func clear() {
        while next(withinMilliseconds: 0) != nil {}
    }
}
