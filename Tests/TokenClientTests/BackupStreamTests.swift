import Testing
import TokenCore
import TokenWire

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

@Suite("Copies that are none")
struct BrokenBackupTests {
    /// What the iterator throws three times after the first piece.
    private func codes(
        _ isSuspending: Bool, _ answer: @escaping FakeServer.Handler
    ) async throws -> [TokenError.Code?] {
        let place = try Place()
        let server = try FakeServer(path: place.socketPath, handler: answer)
        defer { server.stop() }
        let stream = try place.client().backup()
        if isSuspending {
            var pieces = stream.makeAsyncIterator()
            #expect(try await pieces.next()?.bytes == Array("a".utf8))
            var codes: [TokenError.Code?] = []
            for _ in 0..<3 {
                codes.append(await thrownCode { () async throws(TokenError) in _ = try await pieces.next() })
            }
            return codes
        }
        let codes = Collected<TokenError.Code?>()
        await onThreads { _ in
            var pieces = stream.makeIterator()
            _ = try? pieces.next()
            for _ in 0..<3 { codes.add(thrownCode { () throws(TokenError) in _ = try pieces.next() }) }
        }
        return codes.all
    }

    @Test("a copy that ended with an error is never said to be whole", arguments: [false, true])
    func error(_ isSuspending: Bool) async throws {
        let other = [UInt8](repeating: 0, count: 32)
        let wrong = try await codes(isSuspending) { $0.sendCopy(["a", "b"], digest: other) }
        #expect(wrong == [.protocolViolation, .protocolViolation, .protocolViolation])
        let cut = try await codes(isSuspending) { call in call.sendCopy(["a", "b"]) { call.connection.cut() } }
        #expect(cut == [.connectionLost, .connectionLost, .connectionLost])
        let short = try await codes(isSuspending) { call in
            call.connection.send {
                try $0.appendData(
                    stream: call.stream, payload: BackupResponse(chunk: Array("a".utf8), totalByteCount: 2))
                $0.appendDataEnd(stream: call.stream)
            }
        }
        #expect(short == [.protocolViolation, .protocolViolation, .protocolViolation])
    }

    @Test("one that was to be there long ago is late", arguments: [Duration.zero, .seconds(Int64.min)])
    func noTime(_ timeout: Duration) async throws {
        let place = try Place()
        let server = try FakeServer(path: place.socketPath) { _ in }
        let client = try place.client()
        let code = await thrownCode { () async throws(TokenError) in
            var pieces = try client.backup(timeout: timeout).makeAsyncIterator()
            _ = try await pieces.next()
        }
        #expect(code == .deadlineExceeded)
        server.stop()
    }
}
