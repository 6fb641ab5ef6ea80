import Glibc

/// An open descriptor that closes itself. Whoever holds the value owns the descriptor.
public struct FileDescriptor: ~Copyable, Sendable {
    /// As the kernel counts it.
    public let rawValue: Int32

    /// Takes over a descriptor that is open and that nobody else closes.
    package init(owning rawValue: Int32) {
        self.rawValue = rawValue
    }

    deinit {
        // close(2): on Linux the descriptor is gone whatever the call returns, so EINTR must not be retried, and an
        // EIO that matters (a file being written) was asked for with fsync before.
        _ = Glibc.close(rawValue)
    }
}

/// The outcome of one non-blocking read or write.
public enum Transfer: Equatable {
    case bytes(Int)
    /// End of file on a read.
    case ended
    /// EAGAIN: the call would block.
    case wouldBlock
    /// Any other error; on a socket the peer is gone (ECONNRESET, EPIPE).
    case failed(Int32)
}

/// One recv(2) from a socket into `buffer`: it costs the kernel less than a read(2) does, which looks at more than sockets.
@inline(__always)
public func receive(_ socket: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    transfer(retryingInterrupted { Glibc.recv(socket, buffer.baseAddress, buffer.count, 0) })
}

/// One read(2) from any descriptor into `buffer`.
package func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    transfer(retryingInterrupted { Glibc.read(descriptor, buffer.baseAddress, buffer.count) })
}

@inline(__always)
private func transfer(_ count: Int) -> Transfer {
    if count > 0 { return .bytes(count) }
    if count == 0 { return .ended }
    let code = errno
    return code == EAGAIN ? .wouldBlock : .failed(code)
}

/// One send(2) of `bytes`; a peer that is gone is an error and never SIGPIPE.
@inline(__always)
public func transmit(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Transfer {
    let count = retryingInterrupted {
        Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
    }
    if count >= 0 { return .bytes(count) }
    let code = errno
    return code == EAGAIN ? .wouldBlock : .failed(code)
}
