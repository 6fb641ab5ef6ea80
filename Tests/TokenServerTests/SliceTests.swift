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
        /// So many that something can be changed while they are worked on: in a round they end together.
        private static let listCount = 16

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

        private func begin(_ call: LongCall, on client: RawClient, timeoutNanoseconds: Int64 = 0) throws {
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
                try client.begin(
                    .reportUsage, ReportUsageRequest(usages: usages), timeoutNanoseconds: timeoutNanoseconds)
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

        /// Changes something while lists are worked on. None when one of them was answered as before the change: that may
        /// have come too late, and is to be made again.
        private func reasons(
            ofListsAsked request: ListTokensRequest, _ metadata: [KeyValue], whileThey change: () throws -> Void
        ) throws -> [ErrorReason?]? {
            let callers = try (0..<Self.listCount).map { _ in try fixture.client() }
            for client in callers { _ = try client.call(.checkHealth, EmptyMessage()) }
            try fixture.whileTheLoopIsHeld {
                for client in callers { try client.begin(.listTokens, request, metadata: metadata) }
            }
            // They came first, and are begun by the time that the change is.
            try change()
            let reasons = try callers.map { try $0.receive()?.status?.reason }
            return reasons.contains(nil) ? nil : reasons
        }

        private func firstInTime(_ attempt: () throws -> [ErrorReason?]?) rethrows -> [ErrorReason?]? {
            for _ in 0..<12 { if let reasons = try attempt() { return reasons } }
            return nil
        }

        @Test func whoLosesTheRightMeanwhileGetsNoList() throws {
            let found = try firstInTime {
                let made = try fixture.createToken("reader")
                return try reasons(ofListsAsked: ListTokensRequest(namePrefix: "old"), [.bearer(made.secret)]) {
                    let revocation = try fixture.client().call(
                        .revokeToken, IDRequest(id: made.token?.id ?? ""), metadata: bearer)
                    #expect(revocation.status == nil)
                }
            }
            #expect(found == Array(repeating: .unauthorized, count: Self.listCount))
        }

        @Test func aPeerThatMayNoLongerNameItsCallersGetsNoList() throws {
            let host = try fixture.operatorClient()
            func reload(_ text: String) throws {
                try write(text, to: fixture.configurationPath)
                #expect(try host.call(.reload, ReloadRequest()).status == nil)
            }
            let found = try firstInTime {
                try reload("grant = user:0 delegate ws_acme\n")
                return try reasons(
                    ofListsAsked: ListTokensRequest(namePrefix: "old"), .delegated("ann", "ws_acme")
                ) { try reload("") }
            }
            #expect(found == Array(repeating: .forbidden, count: Self.listCount))
        }

        /// As if one of the ids had left, and joined again.
        private struct Swap: TokenStore.Operation {
            func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> Bool {
                try sqlite { () throws(SQLiteError) in
                    for (old, new) in [("bob", "x"), ("eve", "bob"), ("x", "eve")] {
                        try transaction.connection.execute(
                            "UPDATE principal SET id = '\(new)' WHERE id = '\(old)'")
                    }
                    try transaction.connection.execute(
                        "UPDATE token SET principal = (SELECT number FROM principal WHERE id = 'bob') WHERE name LIKE 'old%'"
                    )
                }
                return true
            }
        }

        @Test func ofAnotherWhoHasTheIdOfAMemberByNowNothingIsListed() throws {
            let asAnn = [KeyValue].delegated("ann", "ws_acme")
            let host = try fixture.operatorClient()
            for user in ["bob", "eve"] {
                _ = try host.call(.putMember, PutMemberRequest(userID: user, role: "analyst"), metadata: asAnn).member()
            }
            fixture.perform(Swap())
            let found = try firstInTime {
                let request = ListTokensRequest(ownerID: "bob", namePrefix: "none")
                return try reasons(ofListsAsked: request, bearer) { fixture.perform(Swap()) }
            }
            #expect(found == Array(repeating: .notFound, count: Self.listCount))
        }

        @Test func usesAreCountedOnlyOfReportsThatAreTakenNoteOf() throws {
            let host = try fixture.operatorClient()
            func count() throws -> Int {
                let text = try host.call(.getMetrics, EmptyMessage()).decode {
                    try GetMetricsResponse(copying: GetMetricsResponse.View($0)).text
                }
                let name = "tokend_verifications_reported_total "
                let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
                return try #require(line.flatMap { Int($0.dropFirst(name.count)) })
            }
            for milliseconds: Int64 in [1, 4, 16, 64, 256] {
                let before = try count()
                let callers = try (0..<8).map { _ in try fixture.client() }
                let reporter = try fixture.client()
                for client in callers + [reporter] { _ = try client.call(.checkHealth, EmptyMessage()) }
                try fixture.whileTheLoopIsHeld {
                    for client in callers { try begin(.tokens, on: client) }
                    try begin(.usages, on: reporter, timeoutNanoseconds: milliseconds * 1_000_000)
                }
                let status = try #require(try reporter.receive()).status
                #expect(try count() - before == (status == nil ? 1_000 : 0))
                for client in callers { #expect(try client.receive()?.status == nil) }
            }
        }

        @Test func callsThatFailAtLengthTakeATurnEach() throws {
            // What is answered in one turn is written at once. When we look too late, later turns have written too.
            #expect(try (0..<8).contains { _ in try answersOfTheFirstTurn(to: 5) < 5 })
        }

        private func answersOfTheFirstTurn(to callCount: Int) throws -> Int {
            let fixture = try ServerFixture()
            fixture.perform(BreakReads())
            let client = try fixture.operatorClient()
            // The first reads the schema again.
            for method in [Method.listWorkspaces, .getMetrics] { _ = try client.call(method, EmptyMessage()) }
            try fixture.whileTheLoopIsHeld {
                for _ in 0..<callCount { try client.begin(.listWorkspaces, EmptyMessage()) }
            }
            var unread = [UInt8](repeating: 0, count: 64 << 10)
            let byteCount = Glibc.recv(client.descriptor, &unread, unread.count, Int32(MSG_PEEK))
            for _ in 0..<callCount { #expect(try client.receive()?.status?.reason == .storeUnavailable) }
            // All of them are of one size.
            return byteCount / (FrameHeader(decoding: unread.span)?.byteCountOfFrame ?? 1)
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

        private func nanoseconds(ofOne call: LongCall) throws -> Int64 {
            let client = try fixture.client()
            let start = SystemClock.monotonicNanoseconds()
            try begin(call, on: client)
            #expect(try client.receive()?.status == nil)
            return SystemClock.monotonicNanoseconds() - start
        }

        @Test func theyEndWithTheirConnection() throws {
            let alone = try nanoseconds(ofOne: .tokens)
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
            // Any work that is left would share the loop's turns with it, as that of ten connections.
            #expect(try (0..<4).contains { _ in try nanoseconds(ofOne: .tokens) < 4 * alone })
        }

        @Test func whatHasBeenReceivedIsAnsweredBeforeAStop() throws {
            #expect(try (0..<4).contains { _ in try Self().listsAreAnsweredInADrain() })
        }

        private func listsAreAnsweredInADrain() throws -> Bool {
            let callers = try (0..<4).map { _ in try fixture.client() }
            try fixture.whileTheLoopIsHeld {
                for client in callers { try begin(.tokens, on: client) }
            }
            try fixture.expectHealthy()
            let arePending = areAnswered(callers) == 0
            fixture.server.drain()
            for client in callers { #expect(try client.receiveAll().map(\.code) == [.ok]) }
            return arePending
        }
    }
}
