internal import Glibc
internal import TokenWire

extension WireBuffer {
    /// Appends the Request frame of a call or, when it would be larger than the protocol allows, nothing.
    mutating func appendCall<Request, Response>(
        _ exchange: Exchange<Request, Response>, as credential: Credential, stream: UInt32, timeoutNanoseconds: Int64
    ) throws(WireError) {
        switch credential {
        case .anonymous:
            try appendRequest(
                stream: stream, method: exchange.method, timeoutNanoseconds: timeoutNanoseconds,
                payload: exchange.request)
        case .delegate(let user, let workspace):
            let metadata = [
                KeyValue(key: "tokend-user", value: user), KeyValue(key: "tokend-workspace", value: workspace),
            ]
            try appendRequest(
                stream: stream, method: exchange.method, timeoutNanoseconds: timeoutNanoseconds, metadata: metadata,
                payload: exchange.request)
        case .bearer(let token):
            let envelope = BearerEnvelope(
                method: exchange.method, payload: exchange.request, timeoutNanoseconds: timeoutNanoseconds,
                token: token)
            try appendRequest(stream: stream, envelope)
        }
    }

    /// Appends a frame by way of an array, which is overwritten before it is freed: it holds the bearer's secret.
    private mutating func appendRequest<Payload>(
        stream: UInt32, _ envelope: BearerEnvelope<Payload>
    ) throws(WireError) {
        var body = envelope.encoded()
        defer { body.wipe() }
        guard body.count <= WireLimits.requestBodyByteCountMax else { throw WireError(.messageTooLarge, at: 0) }
        append(
            FrameHeader(
                byteCountOfBody: UInt32(body.count), streamID: stream, type: .request,
                flags: envelope.method.isServerStreaming ? .remoteClosed : []))
        append(body.span)
    }
}

/// A ttrpc Request with the `authorization` of a bearer. TokenWire's own takes metadata as strings, and a string that
/// holds a secret can't be overwritten.
private struct BearerEnvelope<Payload: WireMessage>: WireMessage {
    let method: Method
    let payload: Payload
    let timeoutNanoseconds: Int64
    let token: BearerToken

    func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.constant(1, method.service.name)
        sink.constant(2, method.name)
        sink.element(3, message: payload)
        sink.int64(4, timeoutNanoseconds)
        sink.element(5, message: AuthorizationPair(token: token))
    }
}

/// `authorization: Bearer <token>`, see PROTOCOL.md ("Callers").
private struct AuthorizationPair: WireMessage {
    let token: BearerToken

    func write<Sink: FieldSink>(to sink: inout Sink) {
        let scheme: StaticString = "Bearer "
        sink.constant(1, "authorization")
        token.withUTF8 { secret in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: scheme.utf8CodeUnitCount + secret.count) { value in
                _ = value.initialize(
                    fromContentsOf: UnsafeBufferPointer(start: scheme.utf8Start, count: scheme.utf8CodeUnitCount))
                secret.withUnsafeBufferPointer { secret in
                    _ = value[scheme.utf8CodeUnitCount...].initialize(fromContentsOf: secret)
                }
                sink.bytes(2, Span(_unsafeElements: UnsafeBufferPointer(value)))
                UnsafeMutableRawBufferPointer(value).wipe()
            }
        }
    }
}

extension FieldSink {
    /// A text whose bytes live as long as the program.
    fileprivate mutating func constant(_ number: UInt32, _ text: StaticString) {
        bytes(number, UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount).span)
    }
}

extension [UInt8] {
    /// Overwrites the elements with zeroes. Only the last owner of an array can: a shared one is copied first.
    fileprivate mutating func wipe() {
        withUnsafeMutableBytes { $0.wipe() }
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Overwrites memory that held a secret; explicit_bzero(3) is a memset that the compiler keeps.
    func wipe() {
        if let baseAddress { explicit_bzero(baseAddress, count) }
    }
}
