import Testing
import TokenCore

@testable import TokenClient

@Suite("Copies of the store, over a real server", .serialized)
struct BackupStreamTests {
    private let daemon: ManagedDaemon

    init() throws {
        daemon = try ManagedDaemon()
    }

    /// The beginning of every SQLite database: sqlite.org/fileformat.html.
    private let magic = Array("SQLite format 3\0".utf8)

    @Test("a copy comes in pieces, and its last one says what it is") func blocking() throws {
        let client = try daemon.host()
        var bytes: [UInt8] = []
        var last: BackupPiece?
        var pieces = try client.backup().makeIterator()
        while let piece = try pieces.next() {
            bytes += piece.bytes
            #expect(piece.receivedByteCount == UInt64(bytes.count))
            #expect(piece.receivedByteCount < piece.totalByteCount || piece.summary != nil)
            last = piece
        }
        #expect(try pieces.next() == nil)
        #expect(bytes.starts(with: magic))
        #expect(last?.totalByteCount == UInt64(bytes.count))
        #expect(last?.summary?.digest == Digest(hashing: bytes.span).bytes)
        let details = try #require(try client.status().details)
        #expect(last?.summary?.head == ChainHead(sequence: details.headSequence, hash: details.headHash))
    }

    @Test("a task gets the same") func suspending() async throws {
        var byteCount: UInt64 = 0
        for try await piece in try daemon.host().backup(timeout: .seconds(60)) {
            byteCount += UInt64(piece.bytes.count)
            #expect((piece.summary != nil) == (byteCount == piece.totalByteCount))
        }
        #expect(byteCount > 4096)
    }

    @Test("who may not have one is told so") func refusals() throws {
        func code(_ client: TokenClient, _ timeout: Duration? = nil) -> TokenError.Code? {
            do throws(TokenError) {
                var pieces = try client.backup(timeout: timeout).makeIterator()
                _ = try pieces.next()
                return nil
            } catch {
                return error.code
            }
        }
        #expect(code(try daemon.service(.anonymous)) == .permissionDenied)
        #expect(code(try daemon.host(), .zero) == .deadlineExceeded)
        let nowhere = try TokenClient(
            .init(socketPath: daemon.operatorPath + ".none", connectTimeout: .milliseconds(1)))
        #expect(code(nowhere) == .connectionFailed)
    }
}
