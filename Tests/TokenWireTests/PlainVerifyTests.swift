import Testing

@testable import TokenWire

@Suite("The plainest form of a Verify request") struct PlainVerifyTests {
    private static let token = "clpu_7QaXyZ0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH"

    private func body(
        _ request: VerifyRequest, timeoutNanoseconds: Int64 = 0, metadata: [KeyValue] = [],
        method: String = "Verify"
    ) -> [UInt8] {
        RequestEnvelope(
            service: "tokend.v1.VerificationService", method: method, payload: request.encoded(),
            timeoutNanoseconds: timeoutNanoseconds, metadata: metadata
        ).encoded()
    }

    private static func text(_ bytes: Span<UInt8>) -> String {
        bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    /// The token as read in the short way, and whether the conditions are met where only `held` and `workspace` count.
    private func read(
        _ body: [UInt8], held: Set<String> = [], workspace: String = ""
    ) -> (token: String, isMet: Bool)? {
        guard let request = PlainVerify(body.span) else { return nil }
        let isMet = request.areMet(
            scope: { held.contains(Self.text($0)) }, workspace: { Self.text($0) == workspace })
        return (Self.text(request.token), isMet)
    }

    @Test func theRequestsOfClientsAreReadInTheShortWay() throws {
        let plain = try #require(read(body(VerifyRequest(token: Self.token))))
        #expect(plain == (Self.token, true))
        let timed = body(VerifyRequest(token: Self.token), timeoutNanoseconds: 5_000_000_000)
        #expect(try #require(read(timed)) == (Self.token, true))
        let request = VerifyRequest(token: "x", requiredScopes: ["a:read", "b:write"], workspaceID: "ws_a")
        let full = body(request, timeoutNanoseconds: .max)
        #expect(try #require(read(full, held: ["b:write", "a:read"], workspace: "ws_a")) == ("x", true))
        #expect(try #require(read(full, held: ["a:read"], workspace: "ws_a")) == ("x", false))
        #expect(try #require(read(full, held: ["b:write", "a:read"], workspace: "ws_b")) == ("x", false))
    }

    @Test func otherFormsAreLeftToTheWholeDecoder() {
        let request = VerifyRequest(token: Self.token)
        let others = [
            [], body(request, method: "VerifyBatch"), body(request, method: "verify"),
            body(request, metadata: [KeyValue(key: "a", value: "b")]), body(request, timeoutNanoseconds: 1),
            body(request, timeoutNanoseconds: 999_999), body(request, timeoutNanoseconds: -1),
            body(VerifyRequest()), body(VerifyRequest(requiredScopes: ["a:read"])),
            body(VerifyRequest(token: Self.token, requiredScopes: [String(repeating: "s", count: 90)])),
            body(request) + [0x1a, 0], body(request) + [0x20], body(request) + [0x20, 0x80],
            Array(body(request).dropLast()), [0x20, 0x80, 0x89, 0x7a] + body(request),
        ]
        for other in others { #expect(read(other) == nil, "\(other)") }
        // The last of two workspaces counts, and one without a name is none: both are judged elsewhere.
        let again = VerifyRequest(workspaceID: "ws_a").encoded()
        let twice = VerifyRequest(token: "x", workspaceID: "ws_b").encoded() + again
        let envelope = RequestEnvelope(
            service: "tokend.v1.VerificationService", method: "Verify", payload: twice
        ).encoded()
        for workspace in ["ws_a", "ws_b"] { #expect(read(envelope, workspace: workspace)?.isMet == false) }
    }

    /// What the short way reads, the whole decoder reads too, and it means the same.
    @Test(arguments: 1...4 as ClosedRange<UInt64>) func damagedRequestsHaveOneMeaning(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        let scopes = ["a:read", "b:write", "c:admin"]
        var readCount = 0
        for _ in 0..<20_000 {
            let request = VerifyRequest(
                token: Self.token, requiredScopes: Array(scopes.prefix(Int.random(in: 0...3, using: &generator))),
                workspaceID: Bool.random(using: &generator) ? "ws_a" : "")
            let timeouts: [Int64] = [0, 1_000_000, 1 << 40]
            let timeout = timeouts.randomElement(using: &generator) ?? 0
            var bytes = body(request, timeoutNanoseconds: timeout)
            for _ in 0..<Int.random(in: 0...2, using: &generator) {
                // Behind the names, where something may change.
                let position = Int.random(in: 38..<bytes.count, using: &generator)
                if Bool.random(using: &generator) {
                    bytes[position] = UInt8.random(in: 0...255, using: &generator)
                } else {
                    bytes.insert(bytes[position], at: position)
                }
            }
            guard let short = read(bytes, held: Set(scopes), workspace: "ws_a") else { continue }
            readCount += 1
            do throws(WireError) {
                let envelope = try RequestEnvelope.View(bytes.span)
                let whole = try VerifyRequest.View(envelope.payload)
                let isMet =
                    String(copying: whole.token) == short.token
                    && whole.requiredScopes.strings.allSatisfy(scopes.contains)
                    && ["", "ws_a"].contains(String(copying: whole.workspaceID))
                // False says nothing: that is judged again.
                if short.isMet { #expect(isMet, "\(bytes)") }
            } catch {
                // Bytes that are no text are no token, and no scope, that anybody has.
                #expect(!short.isMet || error.code == .invalidUTF8, "\(error) in \(bytes)")
            }
        }
        #expect(readCount > 5_000)
    }
}
