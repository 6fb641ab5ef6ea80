import Glibc
import LinuxIO
import Testing
import TokenCore
import TokenServer
import TokenWire

@testable import TokenStore

extension ServerTests {
    @Suite("Copies of the store")
    struct BackupTests {
        private let fixture: ServerFixture
        private let directory: TemporaryDirectory

        init() throws {
            fixture = try ServerFixture()
            directory = try TemporaryDirectory()
        }

        /// Makes the store so large that a copy is many pieces, more than a socket takes at once.
        private func fill() throws {
            let hasEnded = Semaphore()
            let origin = Origin(
                claim: .host, peerUserID: 0, peerProcessID: 0, traceID: "fill", deadlineNanoseconds: nil)
            fixture.store.submit(Filling(), origin: origin) { _ in hasEnded.signal() }
            hasEnded.wait()
        }

        private struct Filling: TokenStore.Operation {
            func perform(in transaction: WriteTransaction) throws(ChangeFailure) {
                let text = String(repeating: "x", count: 30_000)
                for _ in 0..<100 {
                    try transaction.record(
                        "test.filled", target: "", actor: "test", workspaceNumber: nil, workspaceID: nil,
                        [.init("text", text)])
                }
            }
        }

        /// A copy as it came.
        private struct Copy {
            var bytes: [UInt8] = []
            var last = BackupResponse()
            var pieceCount = 0
            /// What ended it instead.
            var status: Status?
        }

        /// Reads one frame of a copy; true when it was the last.
        private func take(_ client: RawClient, into copy: inout Copy) throws -> Bool {
            guard let frame = try client.receiveFrame() else { throw ClientFailure(what: "the connection ended") }
            if frame.header.type == .response {
                copy.status = try RawClient.reply(frame.header, frame.body).status
                return true
            }
            if frame.header.flags.contains(.noData) { return true }
            copy.last = try BackupResponse(copying: BackupResponse.View(frame.body.span))
            copy.bytes += copy.last.chunk
            copy.pieceCount += 1
            return false
        }

        private func backUp(_ client: RawClient, timeout: Int64 = 0) throws -> Copy {
            try client.begin(.backup, EmptyMessage(), timeoutNanoseconds: timeout)
            var copy = Copy()
            while try !take(client, into: &copy) {}
            return copy
        }

        /// Puts the copy into a file and opens that.
        private func open(_ copy: Copy) throws -> SQLiteConnection {
            let path = directory.path + "/copy.db"
            unlink(path)
            let file = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
            defer { close(file) }
            #expect(write(file, copy.bytes, copy.bytes.count) == copy.bytes.count)
            return try SQLiteConnection(path: path, access: .readOnly)
        }

        @Test func aCopyIsWholeAndHoldsTheNewestEvent() throws {
            for number in 0..<20 { _ = try fixture.createToken("\(number)") }
            let before = fixture.store.state.current
            let copy = try backUp(fixture.operatorClient())
            #expect(copy.last.digest == Digest(hashing: copy.bytes.span).bytes)
            #expect(copy.last.totalByteCount == UInt64(copy.bytes.count))
            #expect(copy.last.headSeq == UInt64(before.sequence))
            #expect(copy.last.headHash == before.head.bytes)
            let connection = try open(copy)
            #expect(try connection.singleText("PRAGMA integrity_check") == "ok")
            #expect(try connection.singleText("SELECT count(*) FROM token WHERE ended_at IS NULL") == "21")
            #expect(try Ledger(reading: connection).head.bytes == copy.last.headHash)
        }

        @Test func aCopyIsOfOneMomentWhileOthersWrite() throws {
            let isEnough = Semaphore()
            let hasEnded = Semaphore()
            let fixture = fixture
            let writer = try PosixThread(name: "writer") {
                var number = 0
                while !isEnough.tryWait() {
                    _ = try? fixture.createToken("\(number)")
                    number += 1
                }
                hasEnded.signal()
            }
            _ = consume writer
            var heads: [UInt64] = []
            for _ in 0..<5 {
                let copy = try backUp(fixture.operatorClient())
                let connection = try open(copy)
                // Each token with its secret and its event, and no event of a token that is not there.
                #expect(
                    try connection.singleText("SELECT count(*) FROM token")
                        == connection.singleText("SELECT count(*) FROM event WHERE action = 'token.created'"))
                #expect(
                    try connection.singleText("SELECT count(*) FROM token")
                        == connection.singleText("SELECT count(*) FROM secret WHERE dies_at IS NULL"))
                heads.append(copy.last.headSeq)
            }
            isEnough.signal()
            hasEnded.wait()
            #expect(heads == heads.sorted())
        }

        @Test func theCopyHasNoNameWhenItIsSent() throws {
            try fill()
            let client = try fixture.operatorClient()
            try client.begin(.backup, EmptyMessage())
            var copy = Copy()
            _ = try take(client, into: &copy)
            #expect(copy.bytes.count < Int(copy.last.totalByteCount))
            #expect(access(fixture.store.paths.directory + "/tokend.copy", F_OK) != 0)
            while try !take(client, into: &copy) {}
            #expect(copy.last.digest == Digest(hashing: copy.bytes.span).bytes)
        }

        @Test func oneIsMadeAtATimeAndTheNextAfterIt() throws {
            try fill()
            // It does not read, so that its copy is not done.
            let slow = try fixture.operatorClient()
            try slow.begin(.backup, EmptyMessage())
            let other = try fixture.operatorClient()
            #expect(try backUp(other).status?.reason == .rateLimited)
            slow.close()
            #expect(try eventually { try backUp(other).status == nil })
        }

        @Test func aPeerThatDoesNotReadHoldsUpNobodyAndCostsOnePiece() throws {
            try fill()
            let slow = try fixture.operatorClient()
            try slow.begin(.backup, EmptyMessage())
            var copy = Copy()
            _ = try take(slow, into: &copy)
            #expect(copy.last.totalByteCount > 4 * UInt64(WireLimits.backupChunkByteCountMax))
            usleep(50_000)
            try fixture.expectHealthy()
            _ = try fixture.createToken("meanwhile")
            while try !take(slow, into: &copy) {}
            #expect(copy.last.digest == Digest(hashing: copy.bytes.span).bytes)
        }

        @Test func theCopyEndsWithItsTimeAndWithTheDaemon() throws {
            #expect(try backUp(fixture.operatorClient(), timeout: 1_000).status?.reason == .deadlineExceeded)
            try fill()
            let client = try fixture.operatorClient()
            try client.begin(.backup, EmptyMessage())
            var copy = Copy()
            _ = try take(client, into: &copy)
            fixture.server.drain()
            while try !take(client, into: &copy) {}
            #expect(copy.status?.reason == .storeUnavailable)
        }

        @Test func aCopyThatIsNotWantedOrCostsTooMuchIsGivenUp() throws {
            try fill()
            #expect(throws: CopyFailure.self) { try fixture.store.makeCopy { false } }
            #expect(throws: CopyFailure.self) { try fixture.store.makeCopy(logByteCountMax: 0) { true } }
            #expect(access(fixture.store.paths.directory + "/tokend.copy", F_OK) != 0)
            #expect(try backUp(fixture.operatorClient()).status == nil)
        }
    }
}
