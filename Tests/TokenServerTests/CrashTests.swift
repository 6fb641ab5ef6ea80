import Glibc
import LinuxIO
import Synchronization
import Testing
import TokenCore
import TokenServer
import TokenWire

@testable import TokenStore

extension ServerTests {
    @Suite("A daemon that is killed", .serialized)
    struct CrashTests {
        private static let connectionCount = 8
        private static let createCountPerConnection = 1_250
        /// Calls that each connection keeps in flight.
        private static let window = 32

        /// Secrets of the creates that were answered, by the token's id.
        private final class Answers: Sendable {
            private let secrets = Mutex<[String: String]>([:])

            var count: Int { secrets.withLock { $0.count } }
            var all: [String: String] { secrets.withLock { $0 } }

            func add(_ response: SecretTokenResponse) {
                secrets.withLock { $0[response.token?.id ?? ""] = response.secret }
            }
        }

        /// `TOKEND_KILL_ROUNDS`, 5 without it.
        private static var roundCount: Int {
            getenv("TOKEND_KILL_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 5
        }

        @Test func everyAnsweredCreateIsThereAndOnlyWholeOnesAre() throws {
            let place = try DaemonProcess.Place()
            let answers = Answers()
            for round in 1...Self.roundCount {
                let daemon = try DaemonProcess(place)
                if round == 1 { _ = try daemon.bootstrap() }
                let before = answers.count
                let target = before + Int(Randomness.word() % UInt64(Load.amount(9_000, debug: 2_000))) + 100
                let threads = try startCreating(place, round, answers)
                #expect(eventually(withinMilliseconds: 30_000) { answers.count >= target })
                daemon.kill(SIGKILL)
                #expect(daemon.waitForExit() == -SIGKILL)
                threads.forEach { $0.wait() }

                let successor = try DaemonProcess(place)
                try expectAllValid(answers.all, place)
                successor.kill(SIGTERM)
                #expect(successor.waitForExit() == 0)
                let tokenCount = try expectWhole(place, isChainChecked: round == Self.roundCount)
                // Those in flight at the kill may be there too, and no others: the bootstrap's is the one more.
                let inFlightCountMax = Self.connectionCount * Self.window * round
                #expect((answers.count + 1...answers.count + 1 + inFlightCountMax).contains(tokenCount))
                print(
                    "round \(round): \(answers.count - before) creates answered before the kill, \(tokenCount) tokens")
            }
        }

        /// One thread for each connection, with many creates in flight, until the daemon is gone.
        private func startCreating(
            _ place: DaemonProcess.Place, _ round: Int, _ answers: Answers
        ) throws -> [Semaphore] {
            try (0..<Self.connectionCount).map { number in
                let hasEnded = Semaphore()
                // A peer that names the user is not limited in its changes, as a bearer is.
                let path = place.operatorPath
                let thread = try PosixThread(name: "creator-\(number)") {
                    defer { hasEnded.signal() }
                    guard let client = try? RawClient(path) else { return }
                    var begunCount = 0
                    var answeredCount = 0
                    while answeredCount < Self.createCountPerConnection {
                        while begunCount < min(answeredCount + Self.window, Self.createCountPerConnection) {
                            let request = CreateTokenRequest(
                                name: "\(round)-\(number)-\(begunCount)", scopes: ["issues:read"])
                            guard
                                (try? client.begin(.createToken, request, metadata: .delegated("ann", "ws_acme")))
                                    != nil
                            else { return }
                            begunCount += 1
                        }
                        guard let reply = try? client.receive(), let response = try? reply.secretToken() else { return }
                        answers.add(response)
                        answeredCount += 1
                    }
                }
                _ = consume thread
                return hasEnded
            }
        }

        private func expectAllValid(_ secrets: [String: String], _ place: DaemonProcess.Place) throws {
            let client = try RawClient(place.socketPath)
            var rest = Array(secrets)[...]
            while !rest.isEmpty {
                let batch = rest.prefix(WireLimits.verifyBatchCountMax)
                rest = rest.dropFirst(batch.count)
                let reply = try client.call(
                    .verifyBatch, VerifyBatchRequest(requests: batch.map { VerifyRequest(token: $0.value) }))
                let responses = try reply.decode { try VerifyBatchResponse(copying: VerifyBatchResponse.View($0)) }
                    .responses
                #expect(responses.map(\.tokenID) == batch.map(\.key))
                #expect(responses.allSatisfy { $0.outcome == .valid })
            }
        }

        /// Looks into the store at rest; returns how many tokens it holds.
        private func expectWhole(_ place: DaemonProcess.Place, isChainChecked: Bool) throws -> Int {
            let store = try Store(directory: place.storePath) { Issue.record("poisoned: \($0)") }
            defer { store.close() }
            let reader = try store.makeReader()
            func count(_ query: String) throws -> Int64 {
                let statement = try reader.connection.statement(query)
                defer { statement.reset() }
                return try statement.step() ? statement.integer(0) : -1
            }
            let tokenCount = try count("SELECT count(*) FROM token")
            let withoutOneSecret = try count(
                """
                SELECT count(*) FROM token
                WHERE (SELECT count(*) FROM secret WHERE secret.token = token.number AND dies_at IS NULL) <> 1
                """)
            #expect(withoutOneSecret == 0)
            #expect(try count("SELECT count(*) FROM secret") == tokenCount)
            let withoutOneEvent = try count(
                """
                SELECT count(*) FROM token LEFT JOIN
                    (SELECT target, count(*) AS number FROM event WHERE action = 'token.created' GROUP BY target) AS made
                    ON made.target = token.id
                WHERE made.number IS NOT 1
                """)
            #expect(withoutOneEvent == 0)
            #expect(try count("SELECT count(*) FROM event WHERE action = 'token.created'") == tokenCount)
            if isChainChecked { try expectIntactChain(reader) }
            return Int(tokenCount)
        }

        private func expectIntactChain(_ reader: StoreReader) throws {
            var events: [EventRecord] = []
            var below: Int64? = .max
            while let start = below {
                let page = try reader.events(.host, matching: EventFilter(), below: start, pageSize: 10_000)
                events += page.elements
                below = page.nextBelow
            }
            var previous = Digest.zero
            var sequence: Int64 = 0
            var isIntact = true
            for record in events.reversed() {
                sequence += 1
                previous = AuditChain.hash(previous: previous, event: record.event)
                isIntact = isIntact && previous == record.hash && record.event.sequence == sequence
            }
            #expect(isIntact)
            #expect(!events.isEmpty)
        }
    }
}
