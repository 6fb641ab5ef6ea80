import Glibc
import LinuxIO
import Testing
import TokenWire

@testable import TokenServer
@testable import TokenStore

extension ServerTests {
    @Suite("Calls that take long")
    struct SliceTests {
        private static let rowCount = 10_000

        /// Tokens of the administrator, as of old.
        private struct AddTokens: TokenStore.Operation {
            func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> Bool {
                try sqlite { () throws(SQLiteError) in
                    try transaction.connection.execute(
                        """
                        INSERT INTO token (id, principal, name, scopes, hint, created_at, created_by)
                        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(rowCount))
                        SELECT 'tok_' || printf('%026d', i), (SELECT number FROM principal WHERE id = 'ann'), 'old' || i,
                            'issues:read', '', 0, 'ann'
                        FROM n
                        """)
                }
                return true
            }
        }

        private let fixture: ServerFixture

        init() throws {
            fixture = try ServerFixture()
            fixture.perform(AddTokens())
        }

        private var bearer: [KeyValue] { [.bearer(fixture.admin)] }

        private func areAnswered(_ clients: [RawClient]) -> Int {
            clients.count { client in
                var byte: UInt8 = 0
                return Glibc.recv(client.descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) == 1
            }
        }

        enum LongCall: CaseIterable {
            case tokens
            case events
            case usages
        }

        private func begin(_ call: LongCall, on client: RawClient) throws {
            switch call {
            case .tokens:
                try client.begin(.listTokens, ListTokensRequest(namePrefix: "none"), metadata: bearer)
            case .events:
                try client.begin(.listEvents, ListEventsRequest(action: "none"))
            case .usages:
                let usages = (1...1_000).map { number in
                    let digits = String(number)
                    return TokenUsage(
                        tokenID: "tok_" + String(repeating: "0", count: 26 - digits.count) + digits, count: 1,
                        lastUsedAt: Timestamp(seconds: 1_800_000_000))
                }
                try client.begin(.reportUsage, ReportUsageRequest(usages: usages))
            }
        }

        @Test(arguments: LongCall.allCases)
        func verificationsAreAnsweredWhileTheyAreWorkedOn(_ call: LongCall) throws {
            fixture.addEvents(upTo: Self.rowCount)
            // Whoever has the processor meanwhile may keep us from asking in time.
            #expect(try (0..<4).contains { _ in try fiveVerificationsOvertake(call) })
        }

        private func fiveVerificationsOvertake(_ call: LongCall) throws -> Bool {
            let callers = try (0..<8).map { _ in try fixture.operatorClient() }
            let verifier = try fixture.client()
            for client in callers + [verifier] { _ = try client.call(.checkHealth, EmptyMessage()) }
            try fixture.whileTheLoopIsHeld {
                for client in callers { try begin(call, on: client) }
            }
            for _ in 0..<5 {
                #expect(
                    try verifier.call(.verify, VerifyRequest(token: fixture.admin)).verified().outcome == .valid)
            }
            let answeredCount = areAnswered(callers)
            for client in callers { #expect(try client.receive()?.status == nil) }
            return answeredCount == 0
        }

        @Test func eachConnectionHasItsTurnHoweverManyCallsItHas() throws {
            #expect(try (0..<4).contains { _ in try aModestOneGoesBeforeAGreedyOne() })
        }

        private func aModestOneGoesBeforeAGreedyOne() throws -> Bool {
            let greedy = try fixture.client()
            let modest = try fixture.client()
            try fixture.whileTheLoopIsHeld {
                for _ in 0..<12 { try begin(.tokens, on: greedy) }
                try begin(.tokens, on: modest)
            }
            #expect(try modest.receive()?.status == nil)
            // All its answers are of one size.
            var unread = [UInt8](repeating: 0, count: 64 << 10)
            let byteCount = Glibc.recv(
                greedy.descriptor, &unread, unread.count, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
            let frameByteCount = FrameHeader(decoding: unread.span)?.byteCountOfFrame ?? 1
            var ids: [UInt32] = []
            for _ in 0..<12 { ids.append(try #require(try greedy.receive()).streamID) }
            #expect(ids == Frames.ids(12))
            return byteCount <= 3 * frameByteCount
        }

        @Test func callsOfOneConnectionLetItsVerificationsPass() throws {
            let client = try fixture.client()
            try fixture.whileTheLoopIsHeld {
                for _ in 0..<5 { try begin(.tokens, on: client) }
                try client.begin(.verify, VerifyRequest(token: fixture.admin))
            }
            #expect(try client.receive()?.streamID == 11)
            for id in Frames.ids(5) { #expect(try client.receive()?.streamID == id) }
        }

        @Test func whoLosesTheRightMeanwhileGetsNoList() throws {
            let made = try fixture.createToken("reader")
            let callers = try (0..<8).map { _ in try fixture.client() }
            try fixture.whileTheLoopIsHeld {
                for client in callers {
                    try client.begin(
                        .listTokens, ListTokensRequest(namePrefix: "old"), metadata: [.bearer(made.secret)])
                }
            }
            let revocation = try fixture.client().call(
                .revokeToken, IDRequest(id: made.token?.id ?? ""), metadata: bearer)
            #expect(revocation.status == nil)
            for client in callers {
                #expect(try client.receive()?.status?.reason == .unauthorized)
            }
        }

        @Test func aDeadlineEndsThem() throws {
            let callers = try (0..<8).map { _ in try fixture.client() }
            try fixture.whileTheLoopIsHeld {
                for client in callers { try begin(.tokens, on: client) }
                try callers[0].begin(
                    .listTokens, ListTokensRequest(namePrefix: "none"), metadata: bearer,
                    timeoutNanoseconds: Load.amount(10_000_000, debug: 100_000_000))
            }
            for client in callers { #expect(try client.receive()?.status == nil) }
            #expect(try callers[0].receive()?.status?.reason == .deadlineExceeded)
        }

        @Test func theyEndWithTheirConnection() throws {
            let observer = try fixture.operatorClient()
            for _ in 0..<3 {
                let callers = try (0..<10).map { _ in try fixture.client() }
                for client in callers {
                    for _ in 0..<Load.amount(20, debug: 4) { try begin(.tokens, on: client) }
                }
                try fixture.expectHealthy()
                for client in callers { client.close() }
                // All of them would take longer than that.
                #expect(
                    try eventually(withinMilliseconds: 1_000) {
                        try observer.call(.getStatus, EmptyMessage()).daemonStatus().connectionCount == 1
                    })
            }
            let client = try fixture.client()
            try begin(.tokens, on: client)
            #expect(try client.receive()?.status == nil)
        }

        @Test func whatHasBeenReceivedIsAnsweredBeforeAStop() throws {
            let callers = try (0..<4).map { _ in try fixture.client() }
            try fixture.whileTheLoopIsHeld {
                for client in callers { try begin(.tokens, on: client) }
            }
            try fixture.expectHealthy()
            fixture.server.drain()
            for client in callers { #expect(try client.receiveAll().map(\.code) == [.ok]) }
        }
    }
}
