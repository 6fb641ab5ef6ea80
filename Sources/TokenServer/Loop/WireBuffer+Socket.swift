import LinuxIO
import TokenWire

/// One send(2) of all that the buffer holds.
func transmit(_ descriptor: Int32, _ buffer: borrowing WireBuffer) -> Transfer {
    buffer.span.withUnsafeBytes { transmit(descriptor, $0) }
}

extension WireBuffer {
    /// Appends what another buffer holds behind its first `byteCount` bytes.
    mutating func append(_ other: borrowing WireBuffer, droppingFirst byteCount: Int) {
        if byteCount < other.count { append(other.span.extracting(droppingFirst: byteCount)) }
    }
}
