extension LogEvent {
    /// The event as one datagram to the journal: https://systemd.io/JOURNAL_NATIVE_PROTOCOL.
    ///
    /// Of the fields the message shows what a reader of `journalctl` needs; each is also a field of its own, to search by.
    var journalDatagram: [UInt8] {
        var bytes: [UInt8] = []
        Self.append("MESSAGE", message + logfmtFields, to: &bytes)
        Self.append("PRIORITY", String(level.priority), to: &bytes)
        Self.append("SYSLOG_IDENTIFIER", "tokend", to: &bytes)
        for field in fields { Self.append("TOKEND_" + "\(field.key)".uppercased(), field.value, to: &bytes) }
        return bytes
    }

    /// `NAME=value` and a newline; a value that has a newline itself comes after its length, 64 bits little-endian, so that
    /// nothing in it can be taken for another field.
    private static func append(_ name: String, _ value: String, to bytes: inout [UInt8]) {
        bytes += name.utf8
        if value.utf8.contains(UInt8(ascii: "\n")) {
            bytes.append(UInt8(ascii: "\n"))
            withUnsafeBytes(of: UInt64(value.utf8.count).littleEndian) { bytes += $0 }
        } else {
            bytes.append(UInt8(ascii: "="))
        }
        bytes += value.utf8
        bytes.append(UInt8(ascii: "\n"))
    }
}
