/// Whole frames. Each function appends one frame or, when it throws `messageTooLarge`, nothing.
extension WireBuffer {
    /// Answers a call. The payload field is always there, even for an empty message, and the status never is: a missing
    /// status is OK to every client since ttrpc 1.0.
    package mutating func appendResponse<Message: WireMessage & ~Escapable>(
        stream: UInt32, payload: Message
    ) throws(WireError) {
        let byteCount = payload.encodedByteCount
        let header = try Self.header(.response, stream: stream, fieldByteCount: byteCount)
        append(header.byteCountOfFrame) { writer in
            header.encode(into: &writer)
            writer.putPayloadTag(byteCount: byteCount)
            payload.encode(into: &writer)
        }
    }

    /// Answers a call with a message that is encoded already.
    package mutating func appendResponse(stream: UInt32, payloadBytes: Span<UInt8>) throws(WireError) {
        if payloadBytes.count < 0x80 {
            appendShortResponse(stream: stream, payloadByteCount: payloadBytes.count) { memory in
                payloadBytes.withUnsafeBytes { payload in
                    if let start = payload.baseAddress { memory.copyMemory(from: start, byteCount: payload.count) }
                }
            }
            return
        }
        let header = try Self.header(.response, stream: stream, fieldByteCount: payloadBytes.count)
        append(header.byteCountOfFrame) { writer in
            header.encode(into: &writer)
            writer.putPayloadTag(byteCount: payloadBytes.count)
            writer.putBytes(payloadBytes)
        }
    }

    /// Answers a Verify with what was kept of an answer.
    package mutating func appendResponse(stream: UInt32, kept: KeptAnswer) throws(WireError) {
        let byteCount = kept.payloadByteCount
        if byteCount < 0x80 {
            appendShortResponse(stream: stream, payloadByteCount: byteCount) { kept.write(to: $0) }
            return
        }
        let header = try Self.header(.response, stream: stream, fieldByteCount: byteCount)
        append(header.byteCountOfFrame) { writer in
            header.encode(into: &writer)
            writer.putPayloadTag(byteCount: byteCount)
            writer.putKept(kept)
        }
    }

    /// Answers a call with an error. A status too large for a frame is sent as its code alone.
    package mutating func appendResponse(stream: UInt32, status: Status) {
        var envelope = ResponseEnvelope(status: status)
        if envelope.encodedByteCount > WireLimits.frameBodyByteCountMax {
            envelope.status = Status(code: status.code, message: "")
        }
        let byteCount = envelope.encodedByteCount
        let header = FrameHeader(byteCountOfBody: UInt32(byteCount), streamID: stream, type: .response)
        append(header.byteCountOfFrame) { writer in
            header.encode(into: &writer)
            envelope.encode(into: &writer)
        }
    }

    /// Calls a method. `timeoutNanoseconds` of 0 means no deadline.
    package mutating func appendRequest<Message: WireMessage>(
        stream: UInt32, method: Method, timeoutNanoseconds: Int64 = 0, metadata: [KeyValue] = [], payload: Message
    ) throws(WireError) {
        let call = OutgoingCall(
            method: method, timeoutNanoseconds: timeoutNanoseconds, metadata: metadata, payload: payload)
        let byteCount = call.encodedByteCount
        guard byteCount <= WireLimits.requestBodyByteCountMax else { throw WireError(.messageTooLarge, at: 0) }
        let header = FrameHeader(
            byteCountOfBody: UInt32(byteCount), streamID: stream, type: .request,
            flags: method.isServerStreaming ? .remoteClosed : [])
        append(header.byteCountOfFrame) { writer in
            header.encode(into: &writer)
            call.encode(into: &writer)
        }
    }

    /// Sends one message of a stream.
    package mutating func appendData<Message: WireMessage>(stream: UInt32, payload: Message) throws(WireError) {
        let byteCount = payload.encodedByteCount
        guard byteCount <= WireLimits.frameBodyByteCountMax else { throw WireError(.messageTooLarge, at: 0) }
        let header = FrameHeader(byteCountOfBody: UInt32(byteCount), streamID: stream, type: .data)
        append(header.byteCountOfFrame) { writer in
            header.encode(into: &writer)
            payload.encode(into: &writer)
        }
    }

    /// Ends a stream that went well: a Data frame without a message.
    package mutating func appendDataEnd(stream: UInt32) {
        let header = FrameHeader(
            byteCountOfBody: 0, streamID: stream, type: .data, flags: [.remoteClosed, .noData])
        append(header.byteCountOfFrame) { header.encode(into: &$0) }
    }

    /// Appends a header alone; the body follows by `append`. For tests and for frames this module has no name for.
    package mutating func append(_ header: FrameHeader) {
        append(FrameHeader.byteCount) { header.encode(into: &$0) }
    }

    /// Header of a frame whose body is one payload field.
    private static func header(
        _ type: FrameType, stream: UInt32, fieldByteCount: Int
    ) throws(WireError) -> FrameHeader {
        let byteCount = 1 + ByteCounter.byteCount(ofVarint: UInt64(fieldByteCount)) + fieldByteCount
        guard byteCount <= WireLimits.frameBodyByteCountMax else { throw WireError(.messageTooLarge, at: 0) }
        return FrameHeader(byteCountOfBody: UInt32(byteCount), streamID: stream, type: type)
    }
}

extension ByteWriter {
    /// Tag and length of `payload = 2` in a ttrpc Response.
    fileprivate mutating func putPayloadTag(byteCount: Int) {
        putOctet(2 << 3 | WireType.lengthDelimited.rawValue)
        putVarint(UInt64(byteCount))
    }
}

/// A ttrpc Request whose payload is a message, so that the payload needs no buffer of its own.
private struct OutgoingCall<Payload: WireMessage>: WireMessage {
    var method: Method
    var timeoutNanoseconds: Int64
    var metadata: [KeyValue]
    var payload: Payload

    func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.literal(1, method.service.name)
        sink.literal(2, method.name)
        if payload.encodedByteCount > 0 { sink.element(3, message: payload) }
        sink.int64(4, timeoutNanoseconds)
        sink.messages(5, metadata)
    }
}
