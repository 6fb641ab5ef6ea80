import Testing
import TokenWire

@testable import TokenClient

@Suite("Lists in pages")
struct PageTests {
    /// A server with five tokens on pages of two, an empty page among them.
    private static func server(_ place: Place, _ requests: Collected<ListTokensRequest>) throws -> FakeServer {
        let pages: [String: (ids: [String], next: String)] = [
            "": (["5", "4"], "p2"), "p2": ([], "p3"), "p3": (["3", "2"], "p4"), "p4": (["1"], ""),
        ]
        return try FakeServer(path: place.socketPath) { call in
            guard let view = try? ListTokensRequest.View(call.request.payload.span) else { return }
            let request = ListTokensRequest(copying: view)
            requests.add(request)
            guard let page = pages[request.pageToken] else {
                return call.fail(Status(code: .invalidArgument, message: ""))
            }
            call.answer(
                ListTokensResponse(
                    tokens: page.ids.map { WireToken(id: $0) }, nextPageToken: page.next, totalSize: 5))
        }
    }

    @Test("a walk gives all elements of all pages once, blocking or suspending")
    func walk() async throws {
        let place = try Place()
        let requests = Collected<ListTokensRequest>()
        let server = try Self.server(place, requests)
        let client = try place.client()
        let filter = TokenFilter(state: .active, namePrefix: "l")
        var suspended: [String] = []
        do throws(TokenError) {
            for try await token in client.allTokens(matching: filter, pageSize: 2) { suspended.append(token.id) }
        } catch {
            Issue.record(error)
        }
        #expect(suspended == ["5", "4", "3", "2", "1"])
        #expect(requests.all.map(\.pageToken) == ["", "p2", "p3", "p4"])
        #expect(requests.all.allSatisfy { $0.pageSize == 2 && $0.state == .active && $0.namePrefix == "l" })
        let blocked = Collected<String>()
        await onThreads { _ in
            var tokens = client.allTokens(matching: filter).makeIterator()
            while let token = try? tokens.next() { blocked.add(token.id) }
        }
        #expect(blocked.all == suspended)
        server.stop()
    }

    @Test("a single page says how to go on and how many there are")
    func page() async throws {
        let place = try Place()
        let requests = Collected<ListTokensRequest>()
        let server = try Self.server(place, requests)
        let client = try place.client()
        let page = try await client.tokens(pageToken: "p3")
        #expect(page.elements.map(\.id) == ["3", "2"] && page.nextPageToken == "p4" && page.totalSize == 5)
        #expect(try await client.tokens(pageToken: "p4").nextPageToken == nil)
        #expect(requests.all.map(\.pageSize) == [0, 0])
        server.stop()
    }

    @Test("an error ends the walk for the moment, and the same page can be asked for again")
    func errorInWalk() async throws {
        let place = try Place()
        let failures = Collected<Void>()
        let server = try FakeServer(path: place.socketPath) { call in
            if failures.count == 0 {
                failures.add(())
                return call.fail(Status(.storeUnavailable, message: "later", traceID: "t"))
            }
            call.answer(ListTokensResponse(tokens: [WireToken(id: "1")]))
        }
        var tokens = try place.client().allTokens().makeAsyncIterator()
        await #expect(throws: TokenError.self) { _ = try await tokens.next() }
        #expect(try await tokens.next()?.id == "1")
        #expect(try await tokens.next() == nil)
        #expect(try await tokens.next() == nil)
        server.stop()
    }

    @Test("a page that names itself as the next one is no endless walk")
    func endlessPage() async throws {
        let place = try Place()
        let server = try FakeServer(path: place.socketPath) { $0.answer(ListTokensResponse(nextPageToken: "p")) }
        var tokens = try place.client().allTokens().makeAsyncIterator()
        let error = await #expect(throws: TokenError.self) { _ = try await tokens.next() }
        #expect(error?.code == .protocolViolation)
        server.stop()
    }

    @Test("a page size that can't be is refused here", arguments: [0, -1, 101, Int.max])
    func pageSize(_ size: Int) async throws {
        let client = try Place().client()
        let code = await thrownCode { () async throws(TokenError) in _ = try await client.events(pageSize: size) }
        #expect(code == .invalidArgument)
    }

    @Test("an event comes with all that the daemon tells of it")
    func events() async throws {
        let place = try Place()
        let event = WireEvent(
            seq: 7, at: WireTimestamp(seconds: 1_767_225_600, nanoseconds: 5_000), workspaceID: "ws_1", actor: "ada",
            peerUID: 0, peerPID: 42, action: "token.created", target: "tok_1",
            metadata: [KeyValue(key: "name", value: "laptop")], traceID: "trace", hash: [1, 2, 3])
        let server = try FakeServer(path: place.socketPath) { call in
            call.answer(ListEventsResponse(events: [event, WireEvent(seq: 6)], totalSize: 2))
        }
        let client = try place.client()
        let filter = EventFilter(action: "token.*", from: Timestamp(seconds: 0))
        let page = try await client.events(matching: filter)
        let first = try #require(page.elements.first)
        #expect(first.sequence == 7 && first.at.description == "2026-01-01T00:00:00.000005Z")
        #expect(first.peerUserID == 0 && first.peerProcessID == 42 && first.metadata == ["name": "laptop"])
        #expect(page.elements[1].peerUserID == nil && page.elements[1].workspaceID == nil)
        server.stop()
    }
}
