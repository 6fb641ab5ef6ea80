import Testing
import TokenWire

@testable import TokenClient

@Suite("Cancelled calls, and clients that go")
struct LifetimeTests {
    @Test("a task that is cancelled gets its call back at once, and the connection goes on")
    func cancelled() async throws {
        let place = try Place()
        let held = Collected<FakeCall>()
        let server = try FakeServer(path: place.socketPath) { call in
            if call.presentedToken == "held" { held.add(call) } else { call.echo() }
        }
        let client = try place.client()
        let task = Task { await thrownCode { () async throws(TokenError) in _ = try await client.verify("held") } }
        #expect(await eventually { held.count == 1 })
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(try await client.verify("next").tokenName == "next")
        for call in held.take() { call.echo() }
        #expect(try await client.verify("last").tokenName == "last")
        #expect(server.connectionCount == 1)
        server.stop()
    }

    @Test("a task that was cancelled before doesn't call")
    func cancelledBefore() async throws {
        let place = try Place()
        let requests = Collected<Void>()
        let server = try FakeServer(path: place.socketPath) { _ in requests.add(()) }
        let client = try place.client()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await thrownCode { () async throws(TokenError) in _ = try await client.verify("t") }
        }
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(requests.count == 0)
        server.stop()
    }

    @Test("a hundred calls cancelled while they wait for their turn leave the rest alone")
    func cancelledInQueue() async throws {
        let place = try Place()
        let held = Collected<FakeCall>()
        let server = try FakeServer(path: place.socketPath) { held.add($0) }
        let client = try place.client { $0.streamCountMax = 4 }
        let kept = (0..<4).map { number in Task { try? await client.verify("\(number)").tokenName } }
        #expect(await eventually { held.count == 4 })
        let cancelled = (0..<100).map { _ in
            Task { await thrownCode { () async throws(TokenError) in _ = try await client.verify("t") } }
        }
        for task in cancelled { task.cancel() }
        for task in cancelled { #expect(await task.value == .cancelled) }
        for call in held.take() { call.echo() }
        for (number, task) in kept.enumerated() { #expect(await task.value == "\(number)") }
        server.stop()
    }

    @Test("the connection closes when the client goes", arguments: [false, true])
    func connectionCloses(_ isSuspending: Bool) async throws {
        let place = try Place()
        let server = try FakeServer(path: place.socketPath) { $0.echo() }
        do {
            let client = try place.client()
            if isSuspending {
                _ = try await client.verify("t")
            } else {
                await onThreads { _ in _ = try? client.verify("t") }
            }
            #expect(server.openConnectionCount == 1)
        }
        #expect(await eventually { server.openConnectionCount == 0 })
        server.stop()
    }

    @Test(
        "calls in flight when the last reference to the client goes get their answers, and then the connection closes")
    func goneInFlight() async throws {
        let place = try Place()
        let held = Collected<FakeCall>()
        let server = try FakeServer(path: place.socketPath) { held.add($0) }
        var client: TokenClient? = try place.client()
        weak let observed = client
        let tasks = (0..<8).map { [client] number in
            Task { try? await client?.verify("\(number)").tokenName }
        }
        #expect(await eventually { held.count == 8 })
        client = nil
        for call in held.take() { call.echo() }
        for (number, task) in tasks.enumerated() { #expect(await task.value == "\(number)") }
        #expect(await eventually { observed == nil && server.openConnectionCount == 0 })
        server.stop()
    }

    @Test("a channel that was retired serves a call that comes all the same")
    func lateCall() async throws {
        let place = try Place()
        let server = try FakeServer(path: place.socketPath) { $0.echo() }
        let channel = try Channel(ChannelSettings(TokenClient.Configuration(socketPath: place.socketPath)))
        channel.retire()
        let exchange = Exchange<HealthCheckRequest, Health>(method: .checkHealth, request: HealthCheckRequest())
        let outcome = await channel.callSuspending(isRepeatable: true, deadline: .now.adding(.seconds(5))) {
            (buffer, stream, timeout) throws(WireError) in
            try buffer.appendCall(exchange, as: .anonymous, stream: stream, timeoutNanoseconds: timeout)
        }
        guard case .answered = outcome else {
            Issue.record("\(outcome)")
            return
        }
        server.stop()
    }
}
