import Glibc
import Testing
import TokenWire

@testable import TokenServer

extension ServerTests {
    /// The poller tells a loop once of what has come.
    @Suite("What comes together with something else")
    struct ArrivalTests {
        private let fixture: ServerFixture

        init() throws {
            fixture = try ServerFixture()
        }

        private var verify: VerifyRequest { VerifyRequest(token: fixture.admin) }

        /// A connection that has had an answer, as most have.
        private func provenClient() throws -> RawClient {
            let client = try RawClient(fixture.socketPath, timeoutSeconds: 3)
            _ = try client.call(.verify, verify)
            return client
        }

        @Test func anEndThatComesWithARequestIsSeenBehindItsAnswer() throws {
            let client = try provenClient()
            try fixture.whileTheLoopIsHeld {
                try client.begin(.verify, verify)
                client.endSending()
            }
            #expect(try client.receive()?.verified().outcome == .valid)
            #expect(try client.receive() == nil)
        }

        @Test func whatIsBehindTheLargestReadIsReadToo() throws {
            let client = try provenClient()
            let pieceByteCount = ServerLimits.readByteCountMax / 4
            let plain = Frames.request(3, .checkHealth, EmptyMessage(), metadata: [KeyValue(key: "a", value: "")])
            // Lengths past 127 take more bytes to tell: the first guess says by how much the frame is too long.
            var paddingByteCount = pieceByteCount - plain.count
            var frame: [UInt8] = []
            while frame.count != pieceByteCount {
                let padding = String(repeating: "x", count: paddingByteCount)
                frame = Frames.request(3, .checkHealth, EmptyMessage(), metadata: [KeyValue(key: "a", value: padding)])
                paddingByteCount -= frame.count - pieceByteCount
            }
            var bytes: [UInt8] = []
            for id in [3, 5, 7, 9] as [UInt32] {
                bytes += Frames.header(id, frame.count - FrameHeader.byteCount)
                bytes += frame.dropFirst(FrameHeader.byteCount)
            }
            try #require(bytes.count == ServerLimits.readByteCountMax)
            bytes += Frames.request(11, .verify, verify)
            try fixture.whileTheLoopIsHeld { try client.send(bytes) }
            #expect(try (0..<5).map { _ in try client.receive()?.streamID } == [3, 5, 7, 9, 11])
        }

        @Test func whatComesWhileAConnectionWaitsForItsTurnIsReadAfterwards() throws {
            let client = try provenClient()
            let first = Frames.ids(600).map { $0 + 2 }
            let later = Frames.ids(50).map { $0 + 1_202 }
            var hold = LoopHold(fixture.server)
            hold.waitUntilHeld()
            try client.send(first.flatMap { Frames.request($0, .verify, verify) })
            // The loop looks into its inbox once before it sees them or has given them a turn of several, and once behind.
            for _ in 0..<2 {
                let next = LoopHold(fixture.server)
                hold.release()
                next.waitUntilHeld()
                hold = next
            }
            try client.send(later.flatMap { Frames.request($0, .verify, verify) })
            hold.release()
            let answered = try (0..<first.count + later.count).map { _ in try client.receive()?.streamID }
            #expect(answered == first + later)
        }

        /// A read(2) ends in front of it, though more has come.
        @Test func anUrgentByteWithinAFrameDelaysNothing() throws {
            let client = try provenClient()
            let bytes = Frames.request(3, .verify, verify)
            var sentCount = 0
            try fixture.whileTheLoopIsHeld {
                try client.send(Array(bytes.prefix(20)))
                sentCount = Glibc.send(client.descriptor, "!", 1, Int32(MSG_OOB))
                try client.send(Array(bytes.dropFirst(20)))
            }
            // A kernel without urgent bytes on Unix sockets refuses them.
            if sentCount == 1 { #expect(try client.receive()?.verified().outcome == .valid) }
        }

        @Test func descriptorsSentAlongNeverEnterTheProcess() throws {
            let client = try provenClient()
            var pipeEnds: [Int32] = [0, 0]
            #expect(pipe(&pipeEnds) == 0)
            for byte in Frames.request(3, .verify, verify) {
                if sendWithDescriptors(client.descriptor, [byte], pipeEnds[1], count: 253) == 1 { continue }
                // From Linux 6.16 on they are refused.
                #expect(errno == EPERM)
                try client.send([byte])
            }
            #expect(try client.receive()?.verified().outcome == .valid)
            close(pipeEnds[1])
            // Nobody else holds the writing end: the pipe is at its end at once.
            var byte: UInt8 = 0
            var poll = pollfd(fd: pipeEnds[0], events: Int16(POLLIN), revents: 0)
            #expect(Glibc.poll(&poll, 1, 5_000) == 1)
            #expect(read(pipeEnds[0], &byte, 1) == 0)
            close(pipeEnds[0])
        }

        /// sendmsg(2) with SCM_RIGHTS: `count` times the same descriptor.
        private func sendWithDescriptors(
            _ socket: Int32, _ bytes: [UInt8], _ descriptor: Int32, count: Int
        ) -> Int {
            let headerByteCount = 16
            var control = [UInt8](repeating: 0, count: headerByteCount + count * 4)
            control.withUnsafeMutableBytes { buffer in
                // struct cmsghdr: size_t, int, int; see cmsg(3).
                buffer.storeBytes(of: buffer.count, as: Int.self)
                buffer.storeBytes(of: SOL_SOCKET, toByteOffset: 8, as: Int32.self)
                buffer.storeBytes(of: Int32(SCM_RIGHTS), toByteOffset: 12, as: Int32.self)
                for index in 0..<count {
                    buffer.storeBytes(of: descriptor, toByteOffset: headerByteCount + index * 4, as: Int32.self)
                }
            }
            var bytes = bytes
            return bytes.withUnsafeMutableBytes { data in
                control.withUnsafeMutableBytes { control in
                    var vector = iovec(iov_base: data.baseAddress, iov_len: data.count)
                    return withUnsafeMutablePointer(to: &vector) { vector in
                        var message = msghdr()
                        message.msg_iov = vector
                        message.msg_iovlen = 1
                        message.msg_control = control.baseAddress
                        message.msg_controllen = control.count
                        return sendmsg(socket, &message, Int32(MSG_NOSIGNAL))
                    }
                }
            }
        }
    }
}
