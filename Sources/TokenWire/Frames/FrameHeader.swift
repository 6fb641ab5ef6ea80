/// What a frame is. Types that are not named here are ignored, as PROTOCOL.md ("Frames") says.
package struct FrameType: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Opens a stream (`messageTypeRequest`).
    package static let request = FrameType(rawValue: 1)
    /// Ends a stream (`messageTypeResponse`).
    package static let response = FrameType(rawValue: 2)
    /// One message of a stream (`messageTypeData`).
    package static let data = FrameType(rawValue: 3)

    /// The one of RawRepresentable goes, from another module, through three tables of functions.
    package static func == (left: FrameType, right: FrameType) -> Bool { left.rawValue == right.rawValue }
}

/// Flags of a frame; unknown bits are kept and ignored.
package struct FrameFlags: OptionSet, Hashable, Sendable {
    package var rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The sender will send no more on this stream (`flagRemoteClosed`).
    package static let remoteClosed = FrameFlags(rawValue: 1)
    /// The sender will send more on this stream (`flagRemoteOpen`).
    package static let remoteOpen = FrameFlags(rawValue: 2)
    /// The body is no message, not even an empty one (`flagNoData`).
    package static let noData = FrameFlags(rawValue: 4)
}

/// The ten bytes in front of every frame's body.
///
///     0        4        8    9     10
///     ┌────────┬────────┬────┬─────┬──────
///     │ length │ stream │type│flags│ body…      numbers are big-endian
///     └────────┴────────┴────┴─────┴──────
///
/// Nothing is judged here: any ten bytes are a header. See `WireLimits` for what a receiver then refuses.
package struct FrameHeader: Equatable, Sendable {
    package static let byteCount = 10

    package var byteCountOfBody: UInt32
    package var streamID: UInt32
    package var type: FrameType
    package var flags: FrameFlags

    package init(byteCountOfBody: UInt32, streamID: UInt32, type: FrameType, flags: FrameFlags = []) {
        self.byteCountOfBody = byteCountOfBody
        self.streamID = streamID
        self.type = type
        self.flags = flags
    }

    /// Reads the first ten bytes; nil if there are fewer.
    package init?(decoding bytes: Span<UInt8>) {
        guard bytes.count >= Self.byteCount else { return nil }
        let raw = bytes.bytes
        byteCountOfBody = UInt32(bigEndian: raw.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self))
        streamID = UInt32(bigEndian: raw.unsafeLoadUnaligned(fromByteOffset: 4, as: UInt32.self))
        type = FrameType(rawValue: bytes[8])
        flags = FrameFlags(rawValue: bytes[9])
    }

    /// Bytes of header and body together.
    package var byteCountOfFrame: Int { Self.byteCount + Int(byteCountOfBody) }

    func encode(into writer: inout ByteWriter) {
        writer.putBigEndian(byteCountOfBody)
        writer.putBigEndian(streamID)
        writer.putOctet(type.rawValue)
        writer.putOctet(flags.rawValue)
    }
}
