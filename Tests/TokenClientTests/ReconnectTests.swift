import Glibc
import LinuxIO
import Testing
import TokenWire

@testable import TokenClient

@Suite("Connections that end, and daemons that come back")
struct ReconnectTests {
    @Test("a client that did nothing while the daemon restarted calls on as if nothing was")
    func idleRestart() async throws {
        let place = try Place()
        let client = try place.client()
        for _ in 0..<3 {
            let server = try FakeServer(path: place.socketPath) { $0.echo() }
            #expect(try await client.verify("t").isValid)
            await onThreads { _ in #expect((try? client.verify("t"))?.isValid == true) }
            server.stop()
        }
    }

    @Test("restarts under load fail no call, of threads or of tasks")
    func restartUnderLoad() async throws {
        let place = try Place()
        let client = try place.client()
        let failures = Collected<TokenError>()
        let calls = (0..<8).map { _ in Collected<Void>() }
        let isOver = Collected<Void>()
        await withTaskGroup { group in
            group.addTask {
                await onThreads(4) { caller in
                    while isOver.count == 0 {
                        do throws(TokenError) { _ = try client.verify("t") } catch { failures.add(error) }
                        calls[caller].add(())
                    }
                }
            }
            for caller in 4..<8 {
                group.addTask {
                    while isOver.count == 0 {
                        do throws(TokenError) { _ = try await client.verify("t") } catch { failures.add(error) }
                        calls[caller].add(())
                    }
                }
            }
            for _ in 0..<6 {
                guard let server = try? FakeServer(path: place.socketPath, handler: { $0.echo() }) else { break }
                // No call is caught by two restarts: each caller makes one anew in between.
                let before = calls.map(\.count)
                #expect(await eventually { zip(calls, before).allSatisfy { $0.count >= $1 + 10 } })
                server.stop()
                try? await Task.sleep(for: .milliseconds(50))
            }
            isOver.add(())
            let last = try? FakeServer(path: place.socketPath) { $0.echo() }
            await group.waitForAll()
            last?.stop()
        }
        #expect(failures.all == [])
    }

    @Test("a daemon that starts after the call was made answers it")
    func lateStart() async throws {
        let place = try Place()
        let client = try place.client()
        async let verification = client.verify("t")
        try await Task.sleep(for: .milliseconds(150))
        let server = try FakeServer(path: place.socketPath) { $0.echo() }
        #expect(try await verification.isValid)
        server.stop()
    }

    @Test("without a daemon a call fails once the time to connect has passed, and says what to do")
    func nobodyThere() async throws {
        let place = try Place()
        let client = try place.client(connectTimeout: .milliseconds(100))
        do throws(TokenError) {
            _ = try await client.verify("t")
            Issue.record("there is nobody to answer")
        } catch {
            #expect(error.code == .connectionFailed)
            #expect(error.message.contains("start tokend"))
        }
    }

    @Test("a full backlog is waited out, and told if it stays")
    func fullBacklog() async throws {
        let place = try Place()
        let raw = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let listener = FileDescriptor(owning: raw)
        try #require(try UnixAddress(path: place.socketPath).withSocketAddress { bind(raw, $0, $1) } == 0)
        try #require(listen(raw, 0) == 0)
        // Nobody accepts these, and after some of them there is no room.
        var waiting: [Connection] = []
        while case .connected(let connection) = Connector.connect(
            try ChannelSettings(
                TokenClient.Configuration(socketPath: place.socketPath)))
        {
            waiting.append(connection)
        }
        let client = try place.client(connectTimeout: .milliseconds(100))
        do throws(TokenError) {
            _ = try await client.verify("t")
            Issue.record("there is nobody to answer")
        } catch {
            #expect(error.code == .connectionFailed)
            #expect(error.message.contains("backlog"))
        }
        #expect(waiting.count == 1 && listener.rawValue >= 0)
    }

    @Test("a repeatable call whose connection is lost is sent again once, and only once")
    func repeatedOnce() async throws {
        let place = try Place()
        let requests = Collected<String>()
        let server = try FakeServer(path: place.socketPath) { call in
            requests.add(call.presentedToken)
            call.connection.cut()
        }
        let client = try place.client()
        let code = await thrownCode { () async throws(TokenError) in _ = try await client.verify("t") }
        #expect(code == .connectionLost)
        #expect(requests.all == ["t", "t"])
        server.stop()
    }

    @Test("a new token that was made and lost is asked for again under the same request id")
    func requestID() async throws {
        let place = try Place()
        let requestIDs = Collected<String>()
        let server = try FakeServer(path: place.socketPath) { call in
            guard let view = try? CreateTokenRequest.View(call.request.payload.span) else { return }
            requestIDs.add(String(copying: view.requestID))
            if requestIDs.count == 1 { return call.connection.cut() }
            call.answer(SecretTokenResponse(token: WireToken(id: "tok_1"), secret: "clpu_x"))
        }
        let client = try place.client()
        let issued = try await client.createToken(name: "n", scopes: ["issues:read"])
        #expect(issued.secret.reveal() == "clpu_x")
        #expect(requestIDs.count == 2)
        #expect(requestIDs.all[0] == requestIDs.all[1] && RequestID(requestIDs.all[0]) != nil)
        server.stop()
    }

    @Test("a bootstrap whose connection is lost is not sent again")
    func bootstrapIsNotRepeated() async throws {
        let place = try Place()
        let requests = Collected<Void>()
        let server = try FakeServer(path: place.socketPath) { call in
            requests.add(())
            call.connection.cut()
        }
        let client = try place.client()
        let code = await thrownCode { () async throws(TokenError) in
            _ = try await client.bootstrap(workspaceID: "ws_1", userID: "u")
        }
        #expect(code == .connectionLost)
        #expect(requests.count == 1)
        server.stop()
    }

    @Test("a connection that ends in the middle of an answer is as good as one without the answer")
    func endInMidFrame() async throws {
        let place = try Place()
        let requests = Collected<Void>()
        let server = try FakeServer(path: place.socketPath) { call in
            requests.add(())
            if requests.count > 1 { return call.echo() }
            call.connection.send { bytes in
                bytes.appendAnswer(stream: call.stream)
                bytes.truncate(to: bytes.count - 1)
            }
            call.connection.cut()
        }
        let client = try place.client()
        #expect(try await client.verify("t").tokenName == "t")
        #expect(requests.count == 2)
        server.stop()
    }

    @Test("an answer that was sent before the connection ended counts")
    func answerThenEnd() async throws {
        let place = try Place()
        let server = try FakeServer(path: place.socketPath) { call in
            call.echo()
            call.connection.cut()
        }
        let client = try place.client()
        for number in 0..<20 { #expect(try await client.verify("\(number)").tokenName == "\(number)") }
        await onThreads { _ in
            for number in 0..<20 { #expect((try? client.verify("\(number)"))?.tokenName == "\(number)") }
        }
        server.stop()
    }

    @Test("stream ids that are used up are no more than another connection")
    func streamIDsEnd() async throws {
        let place = try Place()
        let server = try FakeServer(path: place.socketPath) { $0.echo() }
        let client = try place.client { $0.firstStreamID = .max - 4 }
        for number in 0..<10 { #expect(try await client.verify("\(number)").tokenName == "\(number)") }
        #expect(server.connectionCount == 4)
        server.stop()
    }
}
