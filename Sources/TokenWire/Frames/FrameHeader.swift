/// What a frame is. Types that are not named here are ignored, as PROTOCOL.md ("Frames") says.
public struct FrameType: RawRepresentable, Hashable, Sendable {
    /// As it stands in the header.
    public var rawValue: UInt8

    /// Of what stands in a header.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Opens a stream (`messageTypeRequest`).
    public static var request: FrameType { FrameType(rawValue: 1) }
    /// Ends a stream (`messageTypeResponse`).
    public static var response: FrameType { FrameType(rawValue: 2) }
    /// One message of a stream (`messageTypeData`).
    public static var data: FrameType { FrameType(rawValue: 3) }

    /// The one of RawRepresentable goes, from another module, through three tables of functions.
    public static func == (left: FrameType, right: FrameType) -> Bool { left.rawValue == right.rawValue }
}

/// Flags of a frame; unknown bits are kept and ignored.
public struct FrameFlags: OptionSet, Hashable, Sendable {
    /// As it stands in the header.
    public var rawValue: UInt8

    /// Of what stands in a header.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The sender will send no more on this stream (`flagRemoteClosed`).
    public static var remoteClosed: FrameFlags { FrameFlags(rawValue: 1) }
    /// The sender will send more on this stream (`flagRemoteOpen`).
    public static var remoteOpen: FrameFlags { FrameFlags(rawValue: 2) }
    /// The body is no message, not even an empty one (`flagNoData`).
    public static var noData: FrameFlags { FrameFlags(rawValue: 4) }
}

/// The ten bytes in front of every frame's body.
///
///     0        4        8    9     10
///     ┌────────┬────────┬────┬─────┬──────
///     │ length │ stream │type│flags│ body…      numbers are big-endian
///     └────────┴────────┴────┴─────┴──────
///
/// Nothing is judged here: any ten bytes are a header. See `WireLimits` for what a receiver then refuses.
public struct FrameHeader: Equatable, Sendable {
    /// Bytes of the header itself.
    public static let byteCount = 10

    /// Of what follows the header.
    public var byteCountOfBody: UInt32
    /// The call that the frame belongs to.
    public var streamID: UInt32
    /// What the frame is.
    public var type: FrameType
    /// What else is said of it.
    public var flags: FrameFlags

    /// A header of these parts.
    public init(byteCountOfBody: UInt32, streamID: UInt32, type: FrameType, flags: FrameFlags = []) {
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
    public var byteCountOfFrame: Int { Self.byteCount + Int(byteCountOfBody) }

    func encode(into writer: inout ByteWriter) {
        writer.putBigEndian(byteCountOfBody)
        writer.putBigEndian(streamID)
        writer.putOctet(type.rawValue)
        writer.putOctet(flags.rawValue)
    }
}
