internal import Glibc
internal import LinuxIO
internal import TokenWire

/// A connected, non-blocking socket. It closes when the last thread that uses it lets go.
final class Connection: Sendable {
    private let descriptor: FileDescriptor

    init(owning descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }

    var rawValue: Int32 { descriptor.rawValue }

    /// Sends what it can of `bytes` and drops it from there.
    func send(_ bytes: inout WireBuffer) -> WriteResult {
        while !bytes.isEmpty {
            let transfer = bytes.span.withUnsafeBufferPointer {
                transmit(descriptor.rawValue, UnsafeRawBufferPointer($0))
            }
            switch transfer {
            case .bytes(let count): bytes.consume(count)
            case .wouldBlock: return .blocked
            case .ended, .failed: return .failed
            }
        }
        return .done
    }

    /// Reads once. The room grows with what has come of a frame, never with what the frame says of itself alone.
    func receive(into bytes: inout WireBuffer) -> Transfer {
        var missing = 0
        if let header = FrameHeader(decoding: bytes.span) {
            missing = min(header.byteCountOfFrame - bytes.count, Self.readByteCountMax)
        }
        var transfer = Transfer.wouldBlock
        bytes.append(upTo: max(missing, bytes.capacity - bytes.count, Self.readByteCountMin)) { room in
            transfer = LinuxIO.receive(descriptor.rawValue, into: room)
            guard case .bytes(let count) = transfer else { return 0 }
            return count
        }
        return transfer
    }

    private static let readByteCountMin = 512
    private static let readByteCountMax = 65_536

    /// Ends the connection for whoever waits on it, on both sides, also where a forked child holds it open.
    func shutDown() {
        // The only failure is a peer that was gone before (ENOTCONN).
        _ = shutdown(descriptor.rawValue, Int32(SHUT_RDWR))
    }
}
