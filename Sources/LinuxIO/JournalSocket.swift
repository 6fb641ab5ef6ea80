import Glibc

/// Standard error, and whether it leads to the journal.
package enum StandardError {
    package static var descriptor: Int32 { STDERR_FILENO }

    /// systemd.exec(5): `$JOURNAL_STREAM` has the device and inode number of the journal's stream, in decimal. A child
    /// inherits the variable also where its standard error is another file: only the comparison tells.
    package static var isJournal: Bool {
        guard let value = getenv("JOURNAL_STREAM") else { return false }
        return isStream(String(cString: value), descriptor)
    }

    package static func isStream(_ text: String, _ descriptor: Int32) -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return false }
        return text == "\(status.st_dev):\(status.st_ino)"
    }
}

/// The socket at which the journal takes events with fields, a datagram each.
package final class JournalSocket: Sendable {
    private let descriptor: FileDescriptor
    private let address: UnixAddress

    /// None where there can be no such socket.
    package init?(path: String) {
        guard let address = try? UnixAddress(path: path) else { return nil }
        let raw = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if raw < 0 { return nil }
        descriptor = FileDescriptor(owning: raw)
        self.address = address
    }

    package static func ofSystem() -> JournalSocket? { JournalSocket(path: "/run/systemd/journal/socket") }

    /// Waits while the journal has more datagrams than it can take. False when there is no journal, or it does not want
    /// this one. The address each time, because a journal that was restarted may listen at another socket of that name.
    package func send(_ datagram: [UInt8]) -> Bool {
        let raw = descriptor.rawValue
        return address.withSocketAddress { address, byteCount in
            datagram.withUnsafeBytes { bytes in
                Int32(
                    retryingInterrupted {
                        sendto(raw, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL), address, byteCount)
                    })
            }
        } == datagram.count
    }
}

/// Writes all of it, and waits for a reader as long as it takes; false when there is none.
package func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    bytes.withUnsafeBytes { bytes in
        var rest = bytes[...]
        while let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
            let remaining = rest.count
            let count = retryingInterrupted { Glibc.write(descriptor, start, remaining) }
            let code = errno
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if code == EAGAIN {
                // Whoever shares the open file has made it non-blocking.
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&waiting, 1, -1)
            } else {
                return false
            }
        }
        return true
    }
}
