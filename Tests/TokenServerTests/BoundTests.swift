import Glibc
import LinuxIO
import Testing
import TokenServer
import TokenWire

extension ServerTests {
    @Suite("What one peer can take of what all share")
    struct BoundTests {
        @Test func aRevocationThatChangesNothingDoesNotWaitForTheWriter() throws {
            let fixture = try ServerFixture()
            let client = try fixture.client()
            let admin = [KeyValue.bearer(fixture.admin)]
            let revoked = try fixture.createToken("revoked")
            let revokedID = IDRequest(id: revoked.token?.id ?? "")
            let rolled = try fixture.createToken("rolled")
            let live = try fixture.createToken("live")
            let ended = try client.call(.revokeToken, revokedID, metadata: admin).token()
            let roll = RollTokenRequest(id: rolled.token?.id ?? "")
            _ = try client.call(.rollToken, roll, metadata: admin).secretToken()
            let hold = fixture.holdWriter()
            defer { hold.release() }
            func revokeSelf(_ token: String) throws -> Reply {
                try client.call(.revokeSelf, RevokeSelfRequest(token: token))
            }
            #expect(try revokeSelf(Tokens.unknown).status?.reason == .notFound)
            #expect(try revokeSelf(revoked.secret).status == nil)
            #expect(try revokeSelf(rolled.secret).status == nil)
            let unknown = IDRequest(id: ValidRequests.tokenID)
            #expect(try client.call(.revokeToken, unknown, metadata: admin).status?.reason == .notFound)
            #expect(try client.call(.revokeToken, revokedID, metadata: admin).token() == ended)
            #expect(fixture.waitingChangeCount == 0)
            try client.begin(.revokeSelf, RevokeSelfRequest(token: live.secret))
            #expect(eventually { fixture.waitingChangeCount == 1 })
        }

        @Test func unfinishedFramesOfManyConnectionsTakeNoMoreMemoryThanTheyMay() throws {
            let fixture = try ServerFixture()
            Privileges.raiseOpenFileLimit()
            let partial = Frames.frame(
                1, .request, [UInt8](repeating: 0, count: 200 << 10), announcing: WireLimits.requestBodyByteCountMax)
            func isOpen(_ client: RawClient) -> Bool {
                var byte: UInt8 = 0
                let count = Glibc.recv(client.descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
                return count < 0 && errno == EAGAIN
            }
            var clients = try (0..<400).map { _ in try fixture.client() }
            // One that is closed meanwhile does not take it all.
            for client in clients { try? client.send(partial) }
            // 64 MiB of buffers that have grown to 256 KiB.
            #expect(eventually { clients.count { !isOpen($0) } > 100 })
            #expect(clients.count { isOpen($0) } > 200)
            try fixture.expectHealthy()
            clients = []
            usleep(100_000)
            // What they kept is free again.
            let next = try fixture.client()
            try next.send(partial)
            usleep(100_000)
            #expect(isOpen(next))
        }
    }
}
