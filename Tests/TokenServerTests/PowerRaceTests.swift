import Glibc
import LinuxIO
import Synchronization
import Testing
import TokenWire

extension ServerTests {
    @Suite("A caller that is ended while it works")
    struct PowerRaceTests {
        /// How a bearer's power ends, by a call of the administrator.
        enum End: CaseIterable, Sendable {
            case revoked
            case ownerRemoved
            case ownerSuspended
            case ownerDemoted
            case workspaceSuspended
        }

        /// What the events say when it happened.
        private func action(_ end: End) -> String {
            switch end {
            case .revoked: "token.revoked"
            case .ownerRemoved: "member.removed"
            case .ownerSuspended: "member.suspended"
            case .ownerDemoted: "member.role_changed"
            case .workspaceSuspended: "workspace.suspended"
            }
        }

        private func perform(_ end: End, _ world: World) throws {
            let reply: Reply =
                switch end {
                case .revoked: try world.call(.revokeToken, IDRequest(id: try world.id("racer")), .user("ann"))
                case .ownerRemoved: try world.call(.removeMember, RemoveMemberRequest(userID: "bob"), .user("ann"))
                case .ownerSuspended:
                    try world.call(.putMember, PutMemberRequest(userID: "bob", status: .suspended), .user("ann"))
                case .ownerDemoted:
                    try world.call(.putMember, PutMemberRequest(userID: "bob", role: "viewer"), .user("ann"))
                case .workspaceSuspended:
                    try world.call(
                        .setWorkspaceState, SetWorkspaceStateRequest(id: "ws_acme", state: .suspended), .host)
                }
            #expect(reply.status == nil)
        }

        /// A thread that creates tokens as fast as it can, many at once, until one is refused.
        private final class Lane: Sendable {
            private let hasEnded = Semaphore()
            private let madeCount = Mutex(0)

            init(_ number: Int, _ path: String, _ secret: String) throws {
                let thread = try PosixThread(name: "lane-\(number)") {
                    defer { self.hasEnded.signal() }
                    guard let client = try? RawClient(path) else { return }
                    try? self.create(client, secret, number)
                }
                _ = consume thread
            }

            private func create(_ client: RawClient, _ secret: String, _ number: Int) throws {
                for batch in 0..<1_000 {
                    for place in 0..<16 {
                        let name = "\(number)-\(batch)-\(place)"
                        try client.begin(
                            .createToken, CreateTokenRequest(name: name, scopes: ["issues:write"]),
                            metadata: [.bearer(secret)])
                    }
                    let replies = try (0..<16).map { _ in try client.receive() }
                    madeCount.withLock { $0 += replies.count { $0?.status == nil } }
                    if replies.contains(where: { $0?.status != nil }) { return }
                }
            }

            /// Waits for its end, and tells how many tokens it made.
            func wait() -> Int {
                hasEnded.wait()
                return madeCount.withLock { $0 }
            }
        }

        @Test(arguments: End.allCases, 0..<2)
        func makesNothingBehindTheChangeThatEndedIt(_ end: End, _ round: Int) throws {
            let world = try World()
            try world.createToken("racer", of: "bob", ["issues:write"])
            let secret = try world.secret("racer")
            let path = world.fixture.socketPath
            let lanes = try (0..<3).map { try Lane($0, path, secret) }
            usleep(UInt32(20_000 + Randomness.word() % 30_000))
            try perform(end, world)
            // The change has returned: from here on nothing is made, by whatever road.
            let late = try RawClient(path).call(
                .createToken, CreateTokenRequest(name: "late", scopes: ["issues:write"]), metadata: [.bearer(secret)])
            #expect(late.status?.reason == (end == .ownerDemoted ? .forbidden : .unauthorized))
            let madeCount = lanes.reduce(0) { $0 + $1.wait() }
            world.fixture.stop()
            let events = try world.fixture.eventsAtRest()
            let racer = try world.id("racer")
            let byRacer = events.filter { event in
                event.action == "token.created"
                    && event.metadata.contains { $0.key == "by_token" && $0.value == racer }
            }
            let end = try #require(events.last { $0.action == action(end) })
            #expect(byRacer.count == madeCount)
            #expect(byRacer.count > 0)
            #expect(byRacer.allSatisfy { $0.seq < end.seq })
        }
    }
}
