import Dispatch
import Glibc
import LinuxIO
import Testing
import TokenCore
import TokenStore
import TokenWire

@testable import TokenServer

extension ServerTests {
    @Suite("What the daemon keeps account of")
    struct UpkeepTests {
        // MARK: How many changes a caller may make

        private func create(
            _ name: String, _ fixture: ServerFixture, metadata: [KeyValue]? = nil, on client: RawClient? = nil
        ) throws -> Reply {
            try (client ?? fixture.client()).call(
                .createToken, CreateTokenRequest(name: name, scopes: ["issues:read"]),
                metadata: metadata ?? [.bearer(fixture.admin)])
        }

        @Test func aBearersChangesAreBoundedAndComeBackWithTime() throws {
            let fixture = try ServerFixture(changeRate: ChangeRate(perSecond: 20, burst: 5))
            let client = try fixture.client()
            var ids: [String] = []
            var refused: Reply?
            for number in 0..<50 where refused == nil {
                let reply = try create("\(number)", fixture, on: client)
                if reply.status == nil { ids.append(try reply.secretToken().token?.id ?? "") } else { refused = reply }
            }
            #expect((5...40).contains(ids.count))
            #expect(refused?.status?.reason == .rateLimited)
            let pause = refused?.status?.errorInfo?.metadata.first { $0.key == "retry_after_milliseconds" }?.value
            let milliseconds = try #require(pause.flatMap { UInt32($0) })
            #expect((1...51).contains(milliseconds))
            // Revoking is never held up, and verifying is none of it.
            for id in ids {
                let reply = try client.call(.revokeToken, IDRequest(id: id), metadata: [.bearer(fixture.admin)])
                #expect(reply.status == nil)
            }
            usleep((milliseconds + 20) * 1_000)
            #expect(try create("later", fixture, on: client).status == nil)
        }

        @Test func eachCallerHasABucketOfItsOwnAndAPeerThatNamesItsUserHasNone() throws {
            let fixture = try ServerFixture(changeRate: ChangeRate(perSecond: 1, burst: 2))
            let host = try fixture.operatorClient()
            for number in 0..<10 {
                let reply = try create("\(number)", fixture, metadata: .delegated("ann", "ws_acme"), on: host)
                #expect(reply.status == nil)
            }
            _ = try host.call(
                .putMember, PutMemberRequest(userID: "bob", role: "analyst"), metadata: .delegated("ann", "ws_acme")
            ).member()
            let bob = try create("bob", fixture, metadata: .delegated("bob", "ws_acme"), on: host).secretToken().secret
            for _ in 0..<2 { _ = try create("\(Randomness.word())", fixture).secretToken() }
            #expect(try create("x", fixture).status?.reason == .rateLimited)
            #expect(try create("y", fixture, metadata: [.bearer(bob)]).status == nil)
        }

        @Test func aTokenWhoseCallsAreRefusedKeepsItsOwnerFromNothing() throws {
            let fixture = try ServerFixture(changeRate: ChangeRate(perSecond: 1, burst: 3))
            let host = try fixture.operatorClient()
            let weak = try create("weak", fixture, metadata: .delegated("ann", "ws_acme"), on: host).secretToken()
            let leaked = [KeyValue.bearer(weak.secret)]
            let client = try fixture.client()
            // For lack of a scope, for a name that is taken, and for an id that nobody has.
            let attempts: [() throws -> Reply] = [
                {
                    try client.call(
                        .createToken, CreateTokenRequest(name: "x", scopes: ["issues:write"]), metadata: leaked)
                },
                { try self.create("weak", fixture, metadata: leaked, on: client) },
                { try client.call(.rollToken, RollTokenRequest(id: "nothing"), metadata: leaked) },
            ]
            #expect(
                try attempts.map { try $0().status?.reason } == [.forbidden, .conflict, .notFound])
            for attempt in attempts { #expect(try attempt().status?.reason == .rateLimited) }
            for number in 0..<3 { #expect(try create("\(number)", fixture).status == nil) }
            #expect(try create("x", fixture).status?.reason == .rateLimited)
        }

        @Test func whatEndsTokensIsNotHeldUpByOtherChanges() throws {
            let fixture = try ServerFixture(changeRate: ChangeRate(perSecond: 1, burst: 2))
            let host = try fixture.operatorClient()
            let asAnn = [KeyValue].delegated("ann", "ws_acme")
            _ = try host.call(.putMember, PutMemberRequest(userID: "bob", role: "analyst"), metadata: asAnn).member()
            let account = try host.call(
                .createServiceAccount, CreateServiceAccountRequest(name: "robot", scopes: ["issues:read"]),
                metadata: asAnn
            ).account()
            for number in 0..<2 { _ = try create("\(number)", fixture).secretToken() }
            #expect(try create("x", fixture).status?.reason == .rateLimited)
            let client = try fixture.client()
            let bearer = [KeyValue.bearer(fixture.admin)]
            let deletion = try client.call(.deleteServiceAccount, IDRequest(id: account.id), metadata: bearer)
            #expect(deletion.status == nil)
            #expect(try client.call(.removeMember, RemoveMemberRequest(userID: "bob"), metadata: bearer).status == nil)
            // What is refused is bounded all the same.
            let refused = try (0..<3).map { _ in
                try client.call(.removeMember, RemoveMemberRequest(userID: "ann"), metadata: bearer).status?.reason
            }
            #expect(refused == [.lastAdmin, .lastAdmin, .rateLimited])
        }

        @Test func whatEndsTokensIsNotHeldUpByRefusalsOfOtherChanges() throws {
            let fixture = try ServerFixture(changeRate: ChangeRate(perSecond: 1, burst: 2))
            let host = try fixture.operatorClient()
            _ = try host.call(
                .putMember, PutMemberRequest(userID: "bob", role: "analyst"), metadata: .delegated("ann", "ws_acme")
            ).member()
            let client = try fixture.client()
            let bearer = [KeyValue.bearer(fixture.admin)]
            let refused = try (0..<3).map { _ in
                try client.call(.rollToken, RollTokenRequest(id: "nothing"), metadata: bearer).status?.reason
            }
            #expect(refused == [.notFound, .notFound, .rateLimited])
            #expect(try client.call(.removeMember, RemoveMemberRequest(userID: "bob"), metadata: bearer).status == nil)
        }

        @Test func refusalsThatWereInFlightTogetherDoNotHoldTheirTokenUpForLong() throws {
            let fixture = try ServerFixture(changeRate: ChangeRate(perSecond: 10, burst: 2))
            let bearer = [KeyValue.bearer(fixture.admin)]
            let clients = try (0..<4).map { _ in try fixture.client() }
            let hold = fixture.holdWriter()
            for client in clients {
                for _ in 0..<50 {
                    try client.begin(.removeMember, RemoveMemberRequest(userID: "ann"), metadata: bearer)
                }
            }
            #expect(eventually { fixture.waitingChangeCount >= 200 })
            hold.release()
            for client in clients {
                for _ in 0..<50 { #expect(try client.receive()?.status?.reason == .lastAdmin) }
            }
            let next = try clients[0].call(.removeMember, RemoveMemberRequest(userID: "ann"), metadata: bearer)
            let pause = next.status?.errorInfo?.metadata.first { $0.key == "retry_after_milliseconds" }?.value
            #expect(try (1...101).contains(#require(pause.flatMap { UInt32($0) })))
        }

        @Test func whatTheDaemonFailsInCostsNobodyAnything() {
            let limiter = ChangeLimiter(ChangeRate(perSecond: 1, burst: 2))
            for _ in 0..<10 {
                guard case .taken(let charge?) = limiter.take(1, of: 1, by: 1, now: 0) else {
                    Issue.record("nothing was given back")
                    return
                }
                limiter.giveBack(charge, isCallersDoing: false, now: 0)
            }
        }

        @Test func aRefusedImportCountsAsOneChange() throws {
            let fixture = try ServerFixture(changeRate: ChangeRate(perSecond: 1, burst: 10))
            let client = try fixture.client()
            let tokens = (0..<10).map { number in
                ImportedToken(
                    digest: [UInt8](repeating: number, count: 32), name: "\(number)", ownerID: "nobody",
                    scopes: ["issues:read"])
            }
            for _ in 0..<3 {
                let reply = try client.call(
                    .importTokens, ImportTokensRequest(tokens: tokens), metadata: [.bearer(fixture.admin)])
                #expect(reply.status != nil && reply.status?.reason != .rateLimited)
            }
        }

        @Test func anImportTakesAsManyChangesAsItHasTokens() throws {
            let fixture = try ServerFixture(changeRate: ChangeRate(perSecond: 1, burst: 10))
            func importTokens(_ range: Range<UInt8>) throws -> Reply {
                let tokens = range.map { number in
                    ImportedToken(
                        digest: [UInt8](repeating: number, count: 32), name: "\(number)", scopes: ["issues:read"])
                }
                return try fixture.client().call(
                    .importTokens, ImportTokensRequest(tokens: tokens), metadata: [.bearer(fixture.admin)])
            }
            #expect(try importTokens(0..<9).status == nil)
            #expect(try importTokens(9..<18).status?.reason == .rateLimited)
            #expect(try create("one", fixture).status == nil)
        }

        // MARK: Refusals

        private func refusals(_ fixture: ServerFixture) throws -> [TokenWire.AuditEvent] {
            try fixture.operatorClient().call(.listEvents, ListEventsRequest(pageSize: 100, action: "auth.refused"))
                .events().events
        }

        @Test func refusalsAreOneEventForEachKindWithTheirCount() throws {
            var timeouts = Timeouts()
            timeouts.upkeep = .milliseconds(50)
            let fixture = try ServerFixture(timeouts: timeouts)
            let client = try fixture.client()
            let weak = try fixture.createToken("weak").secret
            var firstTraceID: String?
            for _ in 0..<30 {
                let refused = try client.call(.bootstrap, BootstrapRequest())
                firstTraceID = firstTraceID ?? refused.traceID
                _ = try client.call(.whoAmI, EmptyMessage())
            }
            for _ in 0..<7 { _ = try client.call(.listMembers, EmptyMessage(), metadata: [.bearer(weak)]) }
            // What is only wrong is no refusal of this sort.
            _ = try client.call(.getToken, IDRequest(id: "x"), metadata: [.bearer(weak)])
            // The minute has to be over; a minute that is over ends the wait early.
            let count = { (event: TokenWire.AuditEvent) in
                Int(event.metadata.first { $0.key == "count" }?.value ?? "") ?? 0
            }
            fixture.stop()
            let events = try fixture.eventsAtRest().filter { $0.action == "auth.refused" }
            func total(_ method: String, _ reason: String) -> Int {
                events.filter { event in
                    event.target == method
                        && event.metadata.contains { $0.key == "reason" && $0.value == reason }
                }.reduce(0) { $0 + count($1) }
            }
            #expect(total("OperationsService/Bootstrap", "forbidden") == 30)
            #expect(total("TokenService/WhoAmI", "unauthorized") == 30)
            #expect(total("MemberService/ListMembers", "forbidden") == 7)
            // A kind has one event a minute: the test may run over the end of one.
            #expect((3...6).contains(events.count))
            #expect(events.contains { $0.traceID == firstTraceID })
            #expect(events.allSatisfy { $0.actor == "uid:0" && $0.peerUID == 0 && $0.workspaceID == "" })
        }

        @Test func refusalsThatCouldNotBeRecordedAreKeptForTheNextTime() throws {
            let fixture = try ServerFixture()
            fixture.stop()
            let log = try Log()
            let facts = DaemonFacts(
                admission: Admission(policy: PeerPolicy(grants: []), daemonUserID: 0, log: log),
                changes: ChangeLimiter(.unlimited), auditRetentionDays: 365, log: log,
                reporter: ServiceReporter(log: log))
            for _ in 0..<3 {
                _ = facts.refusals.note(peerUserID: 7, method: "m", reason: "forbidden", traceID: "t", at: .epoch)
            }
            // The store is closed.
            try Upkeep(
                store: fixture.store, facts: facts, inboxes: [], watch: PlaceWatch(), timeouts: Timeouts()
            ).end()
            _ = facts.refusals.note(peerUserID: 7, method: "m", reason: "forbidden", traceID: "t", at: .epoch)
            #expect(facts.refusals.take(before: nil).map(\.count) == [4])
        }

        // MARK: Last use

        @Test func aUseIsKnownAfterTheDaemonHasStopped() throws {
            let place = try DaemonProcess.Place()
            var daemon = try DaemonProcess(place)
            let admin = try daemon.bootstrap()
            func tokens(_ request: ListTokensRequest = ListTokensRequest()) throws -> [Token] {
                try RawClient(place.operatorPath).call(
                    .listTokens, request, metadata: .delegated("ann", "ws_acme")
                ).tokens().tokens
            }
            #expect(try tokens().first?.lastUsedAt == nil)
            let before = Timestamp(microsecondsSince1970: SystemClock.realtimeMicroseconds())
            for _ in 0..<1_000 {
                _ = try RawClient(place.socketPath).call(.verify, VerifyRequest(token: admin)).verified()
            }
            let writes = { try RawClient(place.operatorPath).call(.getStatus, EmptyMessage()).daemonStatus().headSeq }
            let head = try writes()
            daemon.kill(SIGTERM)
            #expect(daemon.waitForExit() == 0)
            daemon = try DaemonProcess(place)
            let used = try #require(try tokens().first?.lastUsedAt)
            #expect(used.seconds >= before.seconds)
            // No event tells of it.
            #expect(try writes() == head)
            #expect(try tokens(ListTokensRequest(unusedSince: before)).isEmpty)
            let later = Timestamp(seconds: before.seconds + 3_600)
            #expect(try tokens(ListTokensRequest(unusedSince: later)).count == 1)
        }

        /// Keeps the writer from everything behind it.
        private struct Hold: Operation {
            let isOver: DispatchSemaphore

            func perform(in transaction: WriteTransaction) { isOver.wait() }
        }

        @Test func usesThatComeWhileTheStoreIsBusyWaitAtNoCost() throws {
            var timeouts = Timeouts()
            timeouts.upkeep = .milliseconds(20)
            let fixture = try ServerFixture(timeouts: timeouts)
            let client = try fixture.client()
            let tokens = try ["early", "late"].map { try fixture.createToken($0) }
            let hold = Hold(isOver: DispatchSemaphore(value: 0))
            fixture.store.submit(hold, origin: .daemon) { _ in }
            // The first is handed over and waits; the walk that would find the second waits for that.
            for token in tokens {
                #expect(try client.call(.verify, VerifyRequest(token: token.secret)).verified().outcome == .valid)
                usleep(100_000)
            }
            let before = try ProcessFigures.processorMilliseconds(pid: getpid())
            usleep(400_000)
            #expect(try ProcessFigures.processorMilliseconds(pid: getpid()) - before < 200)
            let reader = try fixture.store.makeReader()
            let ids = try tokens.map { try #require($0.token?.id) }
            let lastUses = { try ids.map { try reader.token(id: $0)?.lastUsedAt } }
            #expect(try lastUses() == [nil, nil])
            hold.isOver.signal()
            #expect(try eventually { try lastUses().allSatisfy { $0 != nil } })
        }

        @Test func aStopLosesNoUseThatTheStoreHasNotBegunToWrite() throws {
            var timeouts = Timeouts()
            timeouts.upkeep = .milliseconds(400)
            let fixture = try ServerFixture(timeouts: timeouts)
            // More than are written in one commit.
            let tokens = try (0..<ServerLimits.useBatchCount + 50).map { try fixture.createToken("\($0)") }
            let hold = Hold(isOver: DispatchSemaphore(value: 0))
            fixture.store.submit(hold, origin: .daemon) { _ in }
            // At once, so that one walk finds them all.
            let requests = zip(Frames.ids(tokens.count), tokens).flatMap { id, token in
                Frames.request(id, .verify, VerifyRequest(token: token.secret))
            }
            _ = try fixture.client().exchangeBytes(requests, replyCount: tokens.count)
            usleep(600_000)
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(200)) { hold.isOver.signal() }
            fixture.stop()
            let store = try fixture.openAtRest()
            defer { store.close() }
            let reader = try store.makeReader()
            let unused = try tokens.filter { try reader.token(id: $0.token?.id ?? "")?.lastUsedAt == nil }
            #expect(unused.isEmpty)
        }
    }

    @Suite("The table of uses")
    struct UseTableTests {
        @Test func eachTokenIsThereOnceWithItsLatestUse() {
            var table = UseTable()
            for round in 1...3 {
                for number in 1...1_000 {
                    table.note(Int64(number), at: Instant(microseconds: Int64(round * 10 + number % 7)))
                }
            }
            table.note(5, at: Instant(microseconds: 1))
            #expect(table.count == 1_000)
            let uses = table.take()
            #expect(uses.map(\.tokenNumber) == Array(1...1_000))
            #expect(uses.allSatisfy { $0.at.microseconds == 30 + $0.tokenNumber % 7 })
            #expect(table.count == 0)
            #expect(table.take().isEmpty)
        }

        @Test func aFullTableTakesNoMoreTokensAndKeepsThoseItHas() {
            var table = UseTable()
            for number in 1...60_000 { table.note(Int64(number) * 4_096, at: Instant(microseconds: 1)) }
            #expect(table.isFull)
            #expect(table.count == UseTable.useCountMax)
            table.note(4_096, at: Instant(microseconds: 9))
            let uses = table.take()
            #expect(uses.map(\.tokenNumber) == (1...UseTable.useCountMax).map { Int64($0) * 4_096 })
            #expect(uses.first?.at.microseconds == 9)
        }

        @Test func aWalkHandsOverBeforeTheTableIsLarge() {
            var table = UseTable()
            let count = UseTable.useCountOfWalkMax - 1_024
            for number in 1...count { table.note(Int64(number), at: .epoch) }
            #expect(table.hasRoomInWalk(for: 1_024))
            table.note(Int64(count + 1), at: .epoch)
            #expect(!table.hasRoomInWalk(for: 1_024) && !table.isFull)
        }
    }
}
