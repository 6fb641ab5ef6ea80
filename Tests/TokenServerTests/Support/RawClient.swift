import Glibc
import LinuxIO
import TokenWire

/// One frame that the server sent.
struct Reply: Sendable, Equatable {
    let streamID: UInt32
    let type: FrameType
    /// None when the call went well.
    let status: Status?
    let payload: [UInt8]

    var code: StatusCode { status?.code ?? .ok }

    var traceID: String? { status?.errorInfo?.metadata.first { $0.key == "trace_id" }?.value }

    func decode<Answer>(_ read: (Span<UInt8>) throws -> Answer) throws -> Answer {
        if let status { throw status }
        return try read(payload.span)
    }
}

struct ClientFailure: Error {
    let what: String
    var code: Int32 = errno
}

/// A client that knows frames and nothing else, so that it can send what no good client would.
final class RawClient {
    let descriptor: Int32
    private var isOpen = true
    private var nextStreamID: UInt32 = 1
    private var input: [UInt8] = []

    /// Connects; a read that lasts longer than `timeoutSeconds` fails.
    init(_ path: String, timeoutSeconds: Int = 20) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        if descriptor < 0 { throw ClientFailure(what: "socket") }
        let address = try UnixAddress(path: path)
        let raw = descriptor
        if address.withSocketAddress({ connect(raw, $0, $1) }) != 0 {
            let failure = ClientFailure(what: "connect")
            Glibc.close(descriptor)
            isOpen = false
            throw failure
        }
        var timeout = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        setsockopt(raw, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(raw, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Takes over a connected socket.
    init(adopting descriptor: Int32) { self.descriptor = descriptor }

    deinit { close() }

    func close() {
        if isOpen { Glibc.close(descriptor) }
        isOpen = false
    }

    /// No more will be sent.
    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    // MARK: Sending

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.send(
                    descriptor, buffer.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0 { throw ClientFailure(what: "send") }
            sent += count
        }
    }

    /// As many bytes as the socket takes without waiting.
    func sendWithoutWaiting(_ bytes: ArraySlice<UInt8>) -> Int {
        let count = bytes.withUnsafeBytes { buffer in
            Glibc.send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
        return max(count, 0)
    }

    /// Sends a request on the next stream and returns the stream's id.
    @discardableResult
    func begin(
        _ method: Method, _ payload: some WireMessage, metadata: [KeyValue] = [], timeoutNanoseconds: Int64 = 0
    ) throws -> UInt32 {
        let id = nextStreamID
        nextStreamID += 2
        try send(
            Frames.request(id, method, payload, metadata: metadata, timeoutNanoseconds: timeoutNanoseconds))
        return id
    }

    // MARK: Receiving

    /// The next frame; none at the end of the connection.
    func receive() throws -> Reply? {
        while true {
            if let reply = try takeBuffered() { return reply }
            guard try fill() else { return nil }
        }
    }

    /// Reads until the connection ends.
    func receiveAll() throws -> [Reply] {
        var replies: [Reply] = []
        do {
            while let reply = try receive() { replies.append(reply) }
        } catch let failure as ClientFailure where failure.code == ECONNRESET {
            // The server closed with something unread: what it had sent came before.
        }
        return replies
    }

    /// False at the end of the connection.
    private func fill() throws -> Bool {
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        if count < 0 { throw ClientFailure(what: "read") }
        input += chunk.prefix(count)
        return count > 0
    }

    private func takeBuffered() throws -> Reply? {
        try takeBufferedFrame().map { try Self.reply($0.header, $0.body) }
    }

    private func takeBufferedFrame() -> (header: FrameHeader, body: [UInt8])? {
        guard let header = FrameHeader(decoding: input.span), input.count >= header.byteCountOfFrame else { return nil }
        let body = Array(input[FrameHeader.byteCount..<header.byteCountOfFrame])
        input.removeFirst(header.byteCountOfFrame)
        return (header, body)
    }

    /// The next frame as it came, for streams; none at the end of the connection.
    func receiveFrame() throws -> (header: FrameHeader, body: [UInt8])? {
        while true {
            if let frame = takeBufferedFrame() { return frame }
            guard try fill() else { return nil }
        }
    }

    static func reply(_ header: FrameHeader, _ body: [UInt8]) throws -> Reply {
        let view = try ResponseEnvelope.View(body.span)
        let envelope = ResponseEnvelope(copying: view)
        return Reply(
            streamID: header.streamID, type: header.type, status: envelope.status, payload: envelope.payload)
    }

    // MARK: Both

    func call(
        _ method: Method, _ payload: some WireMessage, metadata: [KeyValue] = [], timeoutNanoseconds: Int64 = 0
    ) throws -> Reply {
        try begin(method, payload, metadata: metadata, timeoutNanoseconds: timeoutNanoseconds)
        guard let reply = try receive() else { throw ClientFailure(what: "the connection ended without a reply") }
        return reply
    }

    /// Sends all the bytes while it reads, until `count` replies are there or the connection ends. Without a count it
    /// closes its sending end behind the bytes and reads to the end.
    func exchange(_ bytes: [UInt8], replyCount: Int? = nil) throws -> [Reply] {
        let received = try exchangeBytes(bytes, replyCount: replyCount)
        var replies: [Reply] = []
        try Frames.forEach(in: received) { header, body in replies.append(try Self.reply(header, Array(body))) }
        return replies
    }

    /// The same without reading the replies, for very many of them.
    func exchangeBytes(_ bytes: [UInt8], replyCount: Int? = nil) throws -> [UInt8] {
        var hasEnded = replyCount != nil
        var rest = bytes[...]
        var received: [UInt8] = []
        var frames = FrameCounter()
        var chunk = [UInt8](repeating: 0, count: 256 << 10)
        while frames.count < replyCount ?? .max {
            var poll = pollfd(
                fd: descriptor, events: Int16(POLLIN) | (rest.isEmpty ? 0 : Int16(POLLOUT)), revents: 0)
            if Glibc.poll(&poll, 1, 20_000) <= 0 { throw ClientFailure(what: "poll") }
            if poll.revents & Int16(POLLOUT) != 0 { rest = rest.dropFirst(sendWithoutWaiting(rest.prefix(1 << 20))) }
            if rest.isEmpty && !hasEnded {
                endSending()
                hasEnded = true
            }
            if poll.revents & Int16(POLLIN | POLLHUP) != 0 {
                let byteCount = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
                if byteCount <= 0 { break }
                received += chunk.prefix(byteCount)
                frames.take(received)
            }
        }
        return received
    }
}

/// How many whole frames there are in bytes that grow.
private struct FrameCounter {
    private(set) var count = 0
    private var position = 0

    mutating func take(_ bytes: [UInt8]) {
        while let header = FrameHeader(decoding: bytes.span.extracting(droppingFirst: position)),
            bytes.count - position >= header.byteCountOfFrame
        {
            position += header.byteCountOfFrame
            count += 1
        }
    }
}

/// Frames as bytes.
enum Frames {
    static func request(
        _ streamID: UInt32, _ method: Method, _ payload: some WireMessage, metadata: [KeyValue] = [],
        timeoutNanoseconds: Int64 = 0
    ) -> [UInt8] {
        let envelope = RequestEnvelope(
            service: "\(method.service.name)", method: "\(method.name)", payload: payload.encoded(),
            timeoutNanoseconds: timeoutNanoseconds, metadata: metadata)
        return frame(streamID, .request, envelope.encoded())
    }

    static func frame(
        _ streamID: UInt32, _ type: FrameType, _ body: [UInt8], flags: FrameFlags = [], announcing byteCount: Int? = nil
    ) -> [UInt8] {
        header(streamID, byteCount ?? body.count, type, flags) + body
    }

    /// Walks through whole frames; what is left over is none.
    static func forEach(in bytes: [UInt8], _ body: (FrameHeader, ArraySlice<UInt8>) throws -> Void) throws {
        var position = 0
        while let header = FrameHeader(decoding: bytes.span.extracting(droppingFirst: position)),
            bytes.count - position >= header.byteCountOfFrame
        {
            let end = position + header.byteCountOfFrame
            try body(header, bytes[position + FrameHeader.byteCount..<end])
            position = end
        }
    }

    /// The code in the body of a reply, without decoding the rest.
    static func code(ofBody body: ArraySlice<UInt8>) -> UInt8 {
        // Field 1, the status; its length in one or two bytes; in it field 1, the code.
        let status = body.dropFirst(1)
        let inside = status.dropFirst((status.first ?? 0) & 0x80 == 0 ? 1 : 2)
        return body.first == 1 << 3 | 2 && inside.first == 1 << 3 ? inside.dropFirst().first ?? 0 : 0
    }

    /// The stream ids of replies that all have the same body, and that body.
    static func idsOfEqualReplies(_ bytes: [UInt8]) throws -> (ids: [UInt32], body: [UInt8])? {
        var ids: [UInt32] = []
        var first: ArraySlice<UInt8>?
        var areEqual = true
        try forEach(in: bytes) { header, body in
            ids.append(header.streamID)
            areEqual = areEqual && (first ?? body) == body
            first = first ?? body
        }
        guard let first, areEqual else { return nil }
        return (ids, Array(first))
    }

    /// The first `count` ids a client uses.
    static func ids(_ count: Int) -> [UInt32] { (0..<UInt32(count)).map { $0 * 2 + 1 } }

    static func header(
        _ streamID: UInt32, _ byteCount: Int, _ type: FrameType = .request, _ flags: FrameFlags = []
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        withUnsafeBytes(of: UInt32(byteCount).bigEndian) { bytes += $0 }
        withUnsafeBytes(of: streamID.bigEndian) { bytes += $0 }
        return bytes + [type.rawValue, flags.rawValue]
    }
}
