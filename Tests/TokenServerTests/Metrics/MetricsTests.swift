import Glibc
import LinuxIO
import Testing
import TokenCore
import TokenStore
import TokenWire

@testable import TokenServer

/// The samples of a text, by what stands before their value.
private struct Samples {
    let text: String
    private var values: [Substring: Substring] = [:]

    init(_ fixture: ServerFixture) throws {
        let reply = try fixture.operatorClient().call(.getMetrics, GetMetricsRequest())
        text = try reply.decode { try GetMetricsResponse(copying: GetMetricsResponse.View($0)) }.text
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " ") else { continue }
            values[line[..<space]] = line[line.index(after: space)...]
        }
    }

    subscript(_ series: String) -> Int? { values[Substring(series)].flatMap { Int($0) } }

    func seconds(_ series: String) -> Double? { values[Substring(series)].flatMap { Double($0) } }
}

extension ServerTests {
    @Suite("Metrics")
    struct MetricsTests {
        @Test func verificationsAreCountedByOutcomeAndWhereTheyCameFrom() throws {
            let fixture = try ServerFixture()
            let client = try fixture.client()
            for token in [fixture.admin, fixture.admin, fixture.admin, Tokens.unknown, "nonsense"] {
                _ = try client.call(.verify, VerifyRequest(token: token))
            }
            _ = try client.call(.verify, VerifyRequest(token: fixture.admin, requiredScopes: ["no:such"]))
            let batch = VerifyBatchRequest(requests: [fixture.admin, "nonsense"].map { VerifyRequest(token: $0) })
            _ = try client.call(.verifyBatch, batch)
            let usage = TokenUsage(
                tokenID: fixture.adminTokenID, count: 1_000, lastUsedAt: Timestamp(seconds: 1_700_000_000))
            _ = try client.call(.reportUsage, ReportUsageRequest(usages: [usage]))
            let metrics = try Samples(fixture)
            #expect(metrics["tokend_verifications_total{outcome=\"valid\"}"] == 4)
            #expect(metrics["tokend_verifications_total{outcome=\"unknown\"}"] == 1)
            #expect(metrics["tokend_verifications_total{outcome=\"malformed\"}"] == 2)
            #expect(metrics["tokend_verifications_total{outcome=\"insufficient_scope\"}"] == 1)
            #expect(metrics["tokend_verifications_total{outcome=\"revoked\"}"] == 0)
            #expect(metrics["tokend_verification_cache_hits_total"] == 3)
            #expect(metrics["tokend_verifications_reported_total"] == 1_000)
            let status = try fixture.operatorClient().call(.getStatus, GetStatusRequest()).daemonStatus()
            #expect(status.verificationCount == 8 && status.verificationCacheHitCount == 3)
        }

        @Test func requestsOfOneTurnAreCountedEachWithItsMethod() throws {
            let fixture = try ServerFixture()
            let client = try fixture.client()
            let methods: [TokenWire.Method] = [.verify, .verify, .checkHealth, .verify, .getCachePage, .checkHealth]
            // One write, so that they come together.
            var frames = zip(Frames.ids(methods.count), methods).flatMap { Frames.request($0, $1, EmptyMessage()) }
            let nonsense = RequestEnvelope(service: "tokend.v1.VerificationService", method: "Nonsense")
            frames += Frames.frame(101, .request, nonsense.encoded())
            try client.send(frames)
            for _ in 0...methods.count { _ = try client.receive() }
            let metrics = try Samples(fixture)
            for (name, count) in [
                ("VerificationService/Verify", 3), ("Health/Check", 2), ("VerificationService/GetCachePage", 1),
            ] {
                #expect(metrics["tokend_requests_total{method=\"\(name)\"}"] == count)
                #expect(metrics["tokend_request_duration_seconds_count{method=\"\(name)\"}"] == count)
                #expect(metrics["tokend_request_duration_seconds_bucket{method=\"\(name)\",le=\"+Inf\"}"] == count)
                #expect(try #require(metrics.seconds("tokend_request_duration_seconds_sum{method=\"\(name)\"}")) > 0)
            }
            #expect(metrics["tokend_requests_total{method=\"unknown\"}"] == 1)
            #expect(metrics["tokend_requests_total{method=\"TokenService/CreateToken\"}"] == 0)
            #expect(metrics["tokend_request_duration_seconds_count{method=\"TokenService/CreateToken\"}"] == nil)
            #expect(metrics["tokend_requests_failed_total{reason=\"unimplemented\"}"] == 1)
            // With the call of no method, and the Bootstrap of the operator, who is the same user here.
            #expect(metrics["tokend_user_requests_total{uid=\"\(geteuid())\"}"] == methods.count + 2)
            #expect(try #require(metrics["tokend_connections{uid=\"\(geteuid())\"}"]) >= 2)
        }

        @Test func whatTheWriterDoesIsCountedWithTheTimeThatTheCallerWaited() throws {
            let fixture = try ServerFixture()
            let before = try Samples(fixture)
            let hold = fixture.holdWriter()
            let client = try fixture.client()
            for number in 0..<3 {
                try client.begin(
                    .createToken, CreateTokenRequest(name: "t\(number)", scopes: ["issues:read"]),
                    metadata: [.bearer(fixture.admin)])
            }
            #expect(eventually { fixture.waitingChangeCount == 3 })
            #expect(try Samples(fixture)["tokend_writer_queue_length"] == 3)
            hold.release()
            let token = try #require(try client.receive()).secretToken().token
            for _ in 0..<2 { _ = try client.receive() }
            _ = try client.call(
                .revokeToken, RevokeTokenRequest(id: try #require(token?.id)), metadata: [.bearer(fixture.admin)])
            let after = try Samples(fixture)
            func difference(_ series: String) -> Int? { after[series].map { $0 - (before[series] ?? 0) } }
            #expect(difference("tokend_writer_operations_total") == 5)
            #expect(difference("tokend_store_changes_total") == 4)
            #expect(difference("tokend_writer_batch_operations_count") == 3)
            #expect(difference("tokend_writer_batch_operations_sum") == 5)
            #expect(difference("tokend_writer_commit_duration_seconds_count") == 3)
            #expect(difference("tokend_epochs_moved_total") == 1)
            #expect(difference("tokend_audit_head_sequence") == 4)
            #expect(after["tokend_request_duration_seconds_count{method=\"TokenService/CreateToken\"}"] == 3)
            #expect(after["tokend_requests_total{method=\"TokenService/CreateToken\"}"] == 3)
            #expect(try #require(after["tokend_store_wal_bytes"]) > 0)
        }

        @Test func refusalsAreCountedByTheirReason() throws {
            let fixture = try ServerFixture()
            let client = try fixture.client()
            _ = try client.call(.getMetrics, GetMetricsRequest())
            _ = try client.call(.whoAmI, EmptyMessage())
            _ = try client.call(.createToken, CreateTokenRequest(), metadata: [.bearer(fixture.admin)])
            _ = try client.call(.getToken, GetTokenRequest(id: "tok_x"), metadata: [.bearer(fixture.admin)])
            let metrics = try Samples(fixture)
            for reason in ["forbidden", "unauthorized", "validation_error", "not_found"] {
                #expect(metrics["tokend_requests_failed_total{reason=\"\(reason)\"}"] == 1)
            }
            #expect(metrics["tokend_requests_failed_total{reason=\"internal\"}"] == 0)
        }

        @Test func whatFailsLateOrCannotBeReadIsCountedToo() throws {
            let fixture = try ServerFixture()
            let client = try fixture.client()
            let host = try fixture.operatorClient()
            try client.begin(
                .tailEvents, TailEventsRequest(), metadata: [.bearer(fixture.admin)], timeoutNanoseconds: 50_000_000)
            var frame = try client.receiveFrame()
            while frame?.header.type == .data { frame = try client.receiveFrame() }
            try client.send(Frames.frame(101, .request, [0xff, 0xff]))
            #expect(try client.receive()?.status?.reason == .validationError)
            var lateCount = 1
            for _ in 0..<10 {
                // A copy takes longer: the time is over while it is made.
                let id = try host.begin(.backup, EmptyMessage(), timeoutNanoseconds: 1_500_000)
                var frame = try host.receiveFrame()
                while frame?.header.type == .data, frame?.header.flags.contains(.remoteClosed) == false {
                    frame = try host.receiveFrame()
                }
                #expect(frame?.header.streamID == id)
                if frame?.header.type == .response { lateCount += 1 }
            }
            #expect(lateCount > 1)
            let metrics = try Samples(fixture)
            #expect(metrics["tokend_requests_failed_total{reason=\"deadline_exceeded\"}"] == lateCount)
            #expect(metrics["tokend_requests_failed_total{reason=\"validation_error\"}"] == 1)
            #expect(metrics["tokend_requests_total{method=\"unknown\"}"] == 1)
        }

        @Test func whatCommitsBesideAChangeIsNone() throws {
            let fixture = try ServerFixture()
            let before = try #require(try Samples(fixture)["tokend_store_changes_total"])
            let hold = fixture.holdWriter()
            let nothing = WriterHold()
            nothing.release()
            fixture.store.submit(nothing, origin: .daemon) { _ in }
            let client = try fixture.client()
            try client.begin(
                .createToken, CreateTokenRequest(name: "one", scopes: ["issues:read"]),
                metadata: [.bearer(fixture.admin)])
            #expect(eventually { fixture.waitingChangeCount == 2 })
            hold.release()
            #expect(try client.receive()?.status == nil)
            #expect(try Samples(fixture)["tokend_store_changes_total"] == before + 1)
        }

        @Test func aReportOfMoreUsesThanThereCanBeIsNotBelieved() throws {
            let fixture = try ServerFixture()
            let client = try fixture.client()
            for count in [UInt64.max, 5] {
                let usage = TokenUsage(tokenID: fixture.adminTokenID, count: count)
                _ = try client.call(.reportUsage, ReportUsageRequest(usages: [usage]))
            }
            #expect(try Samples(fixture)["tokend_verifications_reported_total"] == Int(UInt32.max) + 5)
        }

        @Test func severalLoopsAreCountedTogether() throws {
            let fixture = try ServerFixture(eventLoopCount: 4)
            for _ in 0..<40 { _ = try fixture.client().call(.verify, VerifyRequest(token: fixture.admin)) }
            #expect(try Samples(fixture)["tokend_verifications_total{outcome=\"valid\"}"] == 40)
        }

        @Test func theMetricsAreThoseThatTheProtocolDocumentsEachWithItsHelp() throws {
            let text = try Samples(ServerFixture.shared).text
            let document = try TextFile.read(
                TrustedPath.parent(of: #filePath) + "/../../../Protocol/PROTOCOL.md", byteCountMax: 1 << 20)
            let section = document.split(separator: "## Metrics\n")[1].prefix { $0 != "#" }
            let documented = section.matches(of: /`(tokend_[a-z_]+)`/).map { String($0.1) }
            let helped = text.matches(of: /# HELP (\S+) [A-Z].+\.\n# TYPE (\S+) (?:counter|gauge|histogram)\n/)
            #expect(helped.allSatisfy { $0.1 == $0.2 })
            #expect(helped.map { String($0.1) }.sorted() == documented.sorted())
            #expect(!text.contains(try ServerFixture.shared.admin))
        }

        @Test func everyVerificationHasADurationThoughFewTurnsAreTimed() {
            let metrics = LoopMetrics()
            for turn in 1...1_000 {
                metrics.beginTurn()
                metrics.endTurn(hitCount: 2, userPlace: 0)
                let durations = metrics.durations(of: .verify)
                #expect(durations.count == UInt64(2 * turn))
                #expect(durations.sum > 0)
            }
        }

        @Test func aTurnInWhichAnotherMethodIsCalledIsTimed() {
            let metrics = LoopMetrics()
            metrics.beginTurn()
            metrics.endTurn(hitCount: 1, userPlace: 0)
            metrics.beginTurn()
            metrics.note(.checkHealth)
            usleep(2_000)
            metrics.endTurn(hitCount: 0, userPlace: 0)
            #expect(metrics.durations(of: .checkHealth).sum >= 2_000_000)
            // And those behind it are not taken to last as long.
            metrics.beginTurn()
            metrics.endTurn(hitCount: 1, userPlace: 0)
            #expect(metrics.durations(of: .verify).sum < 2_000_000)
        }

        @Test func usersBeyondTheTableAreCountedTogether() {
            let metrics = LoopMetrics()
            let places = (0..<100).map { metrics.place(ofUser: 1_000 + $0) }
            #expect(places.prefix(63).map { $0 } == Array(0..<63))
            #expect(Set(places.dropFirst(63)) == [63])
            #expect(metrics.place(ofUser: 1_005) == 5)
        }
    }
}

extension LoopMetrics {
    fileprivate func durations(of method: Method) -> HistogramReading {
        HistogramShape.durations.read(counters, at: Place.durations(ofMethod: Int(method.rawValue)))
    }
}
