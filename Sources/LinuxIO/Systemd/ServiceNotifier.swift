import Glibc

/// One line of a message to the service manager. The names are those of sd_notify(3).
package enum ServiceSign: Equatable, Sendable {
    case ready
    /// CLOCK_MONOTONIC. systemd before 253 does not know it and ignores what it does not know.
    case reloading(monotonicMicroseconds: Int64)
    case stopping
    case watchdog
    /// The start or the stop may take so much longer, from now on.
    case extendTimeout(microseconds: Int64)
    /// What `systemctl status` shows, one line.
    case status(String)

    var lines: String {
        switch self {
        case .ready: "READY=1\n"
        case .reloading(let microseconds): "RELOADING=1\nMONOTONIC_USEC=\(microseconds)\n"
        case .stopping: "STOPPING=1\n"
        case .watchdog: "WATCHDOG=1\n"
        case .extendTimeout(let microseconds): "EXTEND_TIMEOUT_USEC=\(microseconds)\n"
        // A line break would begin another assignment.
        case .status(let text): "STATUS=\(String(text.map { $0.isNewline ? " " : $0 }))\n"
        }
    }
}

/// Tells the service manager how the service is, each message one datagram as sd_notify(3) has it.
///
/// It is a favour to the service manager and never more: a message that can't be delivered at once is dropped. Nothing
/// here waits, and nothing fails because nobody listens.
package final class ServiceNotifier: Sendable {
    private let descriptor: FileDescriptor
    private let address: UnixAddress

    /// `socket` is what NOTIFY_SOCKET says: an absolute path, or `@` and an abstract name.
    package init(socket: String) throws(SystemError) {
        switch socket.utf8.first {
        case UInt8(ascii: "/"): address = try UnixAddress(path: socket)
        case UInt8(ascii: "@"): address = try UnixAddress(abstractName: String(socket.dropFirst()))
        default: throw SystemError("NOTIFY_SOCKET", code: EAFNOSUPPORT)
        }
        let type = SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let raw = Glibc.socket(AF_UNIX, Int32(type), 0)
        if raw < 0 { throw .last("socket") }
        descriptor = FileDescriptor(owning: raw)
    }

    /// Whether the message was taken.
    @discardableResult
    package func tell(_ signs: [ServiceSign]) -> Bool {
        let message = Array(signs.map(\.lines).joined().utf8)
        // The name is resolved at each message: a service manager that was started anew has another socket there.
        let sent = retryingInterrupted {
            Int(
                address.withSocketAddress { address, size in
                    Int32(
                        sendto(
                            descriptor.rawValue, message, message.count, Int32(MSG_NOSIGNAL), address, size))
                })
        }
        return sent == message.count
    }
}
