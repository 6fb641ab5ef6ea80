import Glibc
import LinuxIO
import Synchronization
import TokenWire

/// One connection of a fake server.
final class FakeConnection: Sendable {
    private let descriptor: FileDescriptor
    /// One frame is sent at a time.
    private let sending = Mutex(())

    init(owning descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }

    /// Sends frames, or bytes that are none.
    func send(_ fill: (inout WireBuffer) throws -> Void) {
        sending.withLock { _ in
            var bytes = WireBuffer()
            try? fill(&bytes)
            while !bytes.isEmpty {
                let transfer = bytes.span.withUnsafeBufferPointer {
                    transmit(descriptor.rawValue, UnsafeRawBufferPointer($0))
                }
                guard case .bytes(let count) = transfer else { return }
                bytes.consume(count)
            }
        }
    }

    /// Ends the connection; answers that were sent still arrive.
    func cut() {
        shutdown(descriptor.rawValue, Int32(SHUT_RDWR))
    }

    /// Reads no more, and goes on sending.
    func stopReading() {
        shutdown(descriptor.rawValue, Int32(SHUT_RD))
    }

    func readAll(_ handler: FakeServer.Handler) {
        var bytes = WireBuffer()
        while true {
            var transfer = Transfer.ended
            bytes.append(upTo: 4096) { room in
                transfer = receive(descriptor.rawValue, into: room)
                guard case .bytes(let count) = transfer else { return 0 }
                return count
            }
            guard case .bytes = transfer else { return cut() }
            while let call = takeCall(from: &bytes) { handler(call) }
        }
    }

    private func takeCall(from bytes: inout WireBuffer) -> FakeCall? {
        guard let header = FrameHeader(decoding: bytes.span), bytes.count >= header.byteCountOfFrame else { return nil }
        let body = [UInt8](copying: bytes.span.extracting(FrameHeader.byteCount..<header.byteCountOfFrame))
        bytes.consume(header.byteCountOfFrame)
        guard let view = try? RequestEnvelope.View(body.span),
            let method = Method(service: view.service.span, method: view.method.span)
        else { return nil }
        return FakeCall(
            connection: self, stream: header.streamID, method: method, request: RequestEnvelope(copying: view))
    }
}
