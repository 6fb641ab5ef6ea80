import Foundation
import LinuxIO
import Synchronization
import Testing
import TokenWire

/// What answers at both sockets of a directory as a daemon that a test makes up: its health and its status, and nothing else.
final class FakeDaemon: Sendable {
    private let listeners: [ListeningSocket]
    private let health: ServingStatus
    private let status: GetStatusResponse

    init(in directory: String, health: ServingStatus = .serving, _ status: GetStatusResponse) throws {
        self.health = health
        self.status = status
        listeners = try [("tokend.sock", 0o660), ("operator.sock", 0o600)].map { name, mode in
            try ListeningSocket(at: directory + "/" + name, mode: mode)
        }
        for listener in listeners {
            Thread.detachNewThread { [health, status] in
                while case let raw = accept(listener.rawValue, nil, nil), raw >= 0 {
                    Thread.detachNewThread { Self.serve(FileDescriptor(owning: raw), health, status) }
                }
            }
        }
    }

    deinit {
        for listener in listeners { shutdown(listener.rawValue, Int32(SHUT_RDWR)) }
    }

    /// Until the peer is gone.
    private static func serve(
        _ descriptor: consuming FileDescriptor, _ health: ServingStatus, _ status: GetStatusResponse
    ) {
        let raw = descriptor.rawValue
        while let start = read(raw, FrameHeader.byteCount), let header = FrameHeader(decoding: start.span),
            let body = read(raw, Int(header.byteCountOfFrame) - FrameHeader.byteCount),
            let request = try? RequestEnvelope.View(body.span)
        {
            var answer = WireBuffer()
            switch Method(service: request.service.span, method: request.method.span) {
            case .checkHealth:
                try? answer.appendResponse(stream: header.streamID, payload: HealthCheckResponse(status: health))
            case .getStatus:
                try? answer.appendResponse(stream: header.streamID, payload: status)
            default:
                answer.appendResponse(
                    stream: header.streamID, status: Status(code: .unimplemented, message: "this daemon is made up"))
            }
            if !writeAll([UInt8](copying: answer.span), to: raw) { return }
        }
    }

    private static func read(_ raw: Int32, _ count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var part = [UInt8](repeating: 0, count: count - bytes.count)
            let received = recv(raw, &part, part.count, 0)
            if received <= 0 { return nil }
            bytes += part.prefix(received)
        }
        return bytes
    }
}

/// A socket at which somebody listens.
final class ListeningSocket: Sendable {
    private let descriptor: FileDescriptor
    var rawValue: Int32 { descriptor.rawValue }

    init(at path: String, mode: mode_t) throws {
        descriptor = FileDescriptor(owning: socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
        let raw = descriptor.rawValue
        try #require(try UnixAddress(path: path).withSocketAddress { bind(raw, $0, $1) } == 0)
        try #require(listen(raw, 8) == 0 && chmod(path, mode) == 0)
    }
}
