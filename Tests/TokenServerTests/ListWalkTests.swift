import Glibc
import LinuxIO
import Synchronization
import Testing
import TokenWire

@testable import TokenStore

extension ServerTests {
    @Suite("A walk over a long list")
    struct ListWalkTests {
        /// `TOKEND_WALK_TOKENS`, 15,000 without it. A million of them for an optimised daemon, which `TOKEND_PROGRAM` names:
        ///
        ///     TOKEND_WALK_TOKENS=1000000 TOKEND_PROGRAM=.build/release/tokend \
        ///         swift test --no-parallel --filter ListWalkTests
        private static var tokenCount: Int {
            getenv("TOKEND_WALK_TOKENS").flatMap { Int(String(cString: $0)) } ?? Load.amount(1_000_000, debug: 15_000)
        }

        /// A member's tokens put into a store at rest: the daemon would take minutes to make so many.
        private func addTokens(_ count: Int, to place: DaemonProcess.Place) throws {
            let database = StorePaths(directory: place.storePath).database
            let connection = try SQLiteConnection(path: database, access: .readWrite)
            try connection.execute(
                """
                INSERT INTO token (id, principal, name, scopes, hint, created_at, created_by)
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count))
                SELECT 'tok_' || printf('%026d', i), (SELECT number FROM principal WHERE id = 'ann'), 'old' || i, 'issues:read', '', 0,
                    'ann'
                FROM n
                """)
        }

        private static func id(ofOld number: Int) -> String {
            let digits = String(number)
            return "tok_" + String(repeating: "0", count: 26 - digits.count) + digits
        }

        /// A thread that creates and revokes tokens of the same member until it is stopped.
        private final class Disturbance: Sendable {
            private let isStopped = Atomic(false)
            private let hasEnded = Semaphore()
            private let changeCount = Atomic(0)

            init(_ path: String) throws {
                let thread = try PosixThread(name: "disturbance") {
                    defer { self.hasEnded.signal() }
                    guard let client = try? RawClient(path) else { return }
                    try? self.disturb(client)
                }
                _ = consume thread
            }

            private func disturb(_ client: RawClient) throws {
                let asAnn = [KeyValue].delegated("ann", "ws_acme")
                while !isStopped.load(ordering: .acquiring) {
                    let number = changeCount.wrappingAdd(1, ordering: .relaxed).newValue
                    let made = try client.call(
                        .createToken, CreateTokenRequest(name: "new\(number)", scopes: ["issues:read"]),
                        metadata: asAnn
                    ).secretToken()
                    let old = ListWalkTests.id(ofOld: ListWalkTests.tokenCount - number)
                    for id in [made.token?.id ?? "", old] where number % 2 == 0 {
                        _ = try client.call(.revokeToken, IDRequest(id: id), metadata: asAnn).token()
                    }
                }
            }

            func stop() -> Int {
                isStopped.store(true, ordering: .releasing)
                hasEnded.wait()
                return changeCount.load(ordering: .acquiring)
            }
        }

        @Test func skipsAndRepeatsNothingWhileOthersCreateAndRevoke() throws {
            let place = try DaemonProcess.Place()
            var daemon = try DaemonProcess(place)
            _ = try daemon.bootstrap()
            daemon.kill(SIGTERM)
            #expect(daemon.waitForExit() == 0)
            let tokenCount = Self.tokenCount
            try addTokens(tokenCount, to: place)
            daemon = try DaemonProcess(place)
            let disturbance = try Disturbance(place.operatorPath)
            let client = try RawClient(place.operatorPath)
            var seen = [Bool](repeating: false, count: tokenCount + 1)
            var seenCount = 0
            var repeated: [String] = []
            var newest: Set<String> = []
            var pageToken = ""
            let start = SystemClock.monotonicNanoseconds()
            repeat {
                let page = try client.call(
                    .listTokens, ListTokensRequest(pageSize: 100, pageToken: pageToken),
                    metadata: .delegated("ann", "ws_acme")
                ).tokens()
                for token in page.tokens {
                    guard token.name.hasPrefix("old"), let number = Int(token.name.dropFirst(3)) else {
                        if !newest.insert(token.id).inserted { repeated.append(token.id) }
                        continue
                    }
                    if seen[number] { repeated.append(token.id) } else { seenCount += 1 }
                    seen[number] = true
                }
                pageToken = page.nextPageToken
            } while !pageToken.isEmpty
            let milliseconds = (SystemClock.monotonicNanoseconds() - start) / 1_000_000
            let changeCount = disturbance.stop()
            print("\(tokenCount) tokens in \(milliseconds) ms, beside \(changeCount) creates and revokes")
            #expect(seenCount == tokenCount)
            #expect(repeated == [])
            #expect(changeCount > 10)
        }
    }
}
