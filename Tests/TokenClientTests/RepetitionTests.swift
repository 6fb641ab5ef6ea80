import Testing
import TokenWire

@testable import TokenClient

@Suite("Calls that may have been carried out when the connection is lost")
struct RepetitionTests {
    private let place: Place
    private let requests = Collected<TokenWire.Method>()

    init() throws { place = try Place() }

    /// A server that loses the connection of the first request, and refuses every other.
    private func server(thenRefusing code: StatusCode) throws -> FakeServer {
        let requests = requests
        return try FakeServer(path: place.socketPath) { call in
            requests.add(call.method)
            if requests.count == 1 { return call.connection.cut() }
            call.fail(Status(code: code, message: "refused"))
        }
    }

    @Test("what a second attempt would find done is not sent again") func never() async throws {
        let client = try place.client()
        let requests = requests
        let server = try FakeServer(path: place.socketPath) { call in
            requests.add(call.method)
            call.connection.cut()
        }
        let removal = await thrownCode { () async throws(TokenError) in _ = try await client.removeMember(userID: "bob")
        }
        let deletion = await thrownCode { () async throws(TokenError) in
            _ = try await client.deleteServiceAccount(id: "sa_1")
        }
        let report = VerifierCore.exchange([("tok_1", UsageLedger.Usage(count: 1, second: 1))])
        let reporting = await thrownCode { () async throws(TokenError) in
            _ = try await client.perform(report, timeout: nil)
        }
        #expect([removal, deletion, reporting] == [.connectionLost, .connectionLost, .connectionLost])
        #expect(requests.all == [.removeMember, .deleteServiceAccount, .reportUsage])
        server.stop()
    }

    @Test(
        "a change that is refused when it is sent again may be why it is: its connection was lost",
        arguments: [StatusCode.unauthenticated, .permissionDenied, .notFound, .alreadyExists, .failedPrecondition])
    func refusedAgain(_ code: StatusCode) async throws {
        let client = try place.client()
        let server = try server(thenRefusing: code)
        let lost = await thrownCode { () async throws(TokenError) in _ = try await client.revokeToken(id: "tok_1") }
        #expect(lost == .connectionLost)
        let refused = await thrownCode { () async throws(TokenError) in _ = try await client.revokeToken(id: "tok_1") }
        #expect(refused == TokenError.Code(code))
        #expect(requests.all == [.revokeToken, .revokeToken, .revokeToken])
        server.stop()
    }

    @Test("any other refusal is told as it is, and one of what only reads too") func refusedOtherwise() async throws {
        let client = try place.client()
        let server = try server(thenRefusing: .unavailable)
        let change = await thrownCode { () async throws(TokenError) in _ = try await client.revokeToken(id: "tok_1") }
        #expect(change == .unavailable)
        server.stop()
        _ = requests.take()
        // A client that has no connection yet: one that ends with its server would be the first loss.
        let newcomer = try place.client()
        let another = try self.server(thenRefusing: .unauthenticated)
        let reading = await thrownCode { () async throws(TokenError) in _ = try await newcomer.whoAmI() }
        #expect(reading == .unauthenticated)
        #expect(requests.count == 2)
        another.stop()
    }

    @Test("every method has its class") func classes() {
        let never = TokenWire.Method.allCases.filter { $0.repetition == .never }
        #expect(
            Set(never) == [.removeMember, .deleteServiceAccount, .bootstrap, .reportUsage, .tailEvents, .backup])
    }
}
