import Testing

@testable import TokenWire

/// Small values: times, statuses, and what is printed of secrets.
@Suite struct ValueTests {
    @Test(arguments: [
        (0, 0, 0), (1, 0, 1000), (-1, -1, 999_999_000), (1_500_000, 1, 500_000_000), (-1_500_000, -2, 500_000_000),
    ])
    func microsecondsBecomeATimestampAndComeBack(_ microseconds: Int64, _ seconds: Int64, _ nanoseconds: Int32) {
        let timestamp = Timestamp(microsecondsSince1970: microseconds)
        #expect(timestamp == Timestamp(seconds: seconds, nanoseconds: nanoseconds))
        #expect(timestamp.microsecondsSince1970 == microseconds)
    }

    @Test(arguments: [
        Timestamp(seconds: .max), Timestamp(seconds: .min), Timestamp(seconds: 253_402_300_800),
        Timestamp(seconds: -62_135_596_801), Timestamp(nanoseconds: -1), Timestamp(nanoseconds: 1_000_000_000),
    ])
    func aTimeOutsideOfTheYears1To9999HasNoMicroseconds(_ timestamp: Timestamp) {
        #expect(timestamp.microsecondsSince1970 == nil)
    }

    @Test func anyMicrosecondsMakeATimestamp() {
        for microseconds in [Int64.min, .max] { _ = Timestamp(microsecondsSince1970: microseconds) }
    }

    @Test func aLongStatusMessageIsCutAtACharacter() {
        let scalars = Status(.internal, message: "x" + String(repeating: "é", count: 4000), traceID: "t").message
        #expect(scalars.utf8.count == 4095)
        #expect(scalars.hasSuffix("é"))
        let exact = String(repeating: "y", count: WireLimits.statusMessageByteCountMax)
        #expect(Status(code: .unknown, message: exact).message == exact)
    }

    @Test(arguments: [
        ("", 0, ""), ("ab", 0, ""), ("ab", 1, "a"), ("ab", 2, "ab"), ("ab", 3, "ab"), ("é", 1, ""), ("aé", 2, "a"),
        ("aé", 3, "aé"), ("🦊🦊", 7, "🦊"), ("e\u{301}", 2, "e"),
    ])
    func theBeginningOfATextEndsWithAWholeScalar(_ text: String, _ byteCountMax: Int, _ expected: String) {
        #expect(Array(text.beginning(byteCountMax: byteCountMax).utf8) == Array(expected.utf8))
    }

    @Test(arguments: ErrorReason.allCases)
    func everyReasonGoesThroughBothDirections(_ reason: ErrorReason) throws {
        let sent = Status(
            reason, message: "what and what to do", traceID: "trace", metadata: [KeyValue(key: "a", value: "b")])
        let bytes = sent.encoded()
        let view = try Status.View(bytes.span)
        let received = Status(copying: view)
        #expect(received == sent && received.reason == reason && received.code == reason.code)
    }

    @Test func detailsThatAreUnknownOrBrokenAreLeftOut() throws {
        let broken: [UInt8] = Array("type.googleapis.com/google.rpc.ErrorInfo".utf8)
        let detail: [UInt8] = [0x0A, UInt8(broken.count)] + broken + [0x12, 1, 0xFF]
        let bytes: [UInt8] = [0x08, 13, 0x1A, UInt8(detail.count)] + detail + [0x1A, 0]
        let view = try Status.View(bytes.span)
        let status = Status(copying: view)
        let count = view.details.count
        #expect(status == Status(code: .internal, message: "") && count == 2)
    }

    @Test func secretsAreNotPrinted() {
        let secret = "clpu_secret"
        var dumped = ""
        let messages: [any WireMessage] = [
            VerifyRequest(token: secret), RevokeSelfRequest(token: secret), SecretTokenResponse(secret: secret),
            VerifyBatchRequest(requests: [VerifyRequest(token: secret)]),
            KeyValue(key: "authorization", value: secret),
            RequestEnvelope(payload: Array(secret.utf8), metadata: [KeyValue(key: "authorization", value: secret)]),
            ResponseEnvelope(payload: Array(secret.utf8)),
            ImportTokensRequest(tokens: [ImportedToken(digest: Array(secret.utf8), hint: secret)]),
        ]
        for message in messages {
            dump(message, to: &dumped)
            dumped += "\(message) \(String(reflecting: message))"
        }
        #expect(dumped.contains("VerifyRequest(…)") && dumped.contains("ImportedToken(…)"))
        #expect(!dumped.contains("secret") && !dumped.contains("\(secret.utf8.first ?? 0)"))
    }

    @Test func anUnknownEnumerationValueIsKept() throws {
        let bytes = Token(kind: TokenKind(rawValue: 77), state: TokenState(rawValue: -5)).encoded()
        let view = try Token.View(bytes.span)
        let token = Token(copying: view)
        #expect(token.kind.rawValue == 77 && token.state.rawValue == -5)
        let chain = VerifyChainResponse(fault: ChainFault(rawValue: 6)).encoded()
        let chainView = try VerifyChainResponse.View(chain.span)
        let fault = chainView.fault.rawValue
        #expect(fault == 6)
    }

    @Test func partsSplitListsAtSingleSpaces() throws {
        for (text, scopes) in [("", []), ("a:b", ["a:b"]), ("a:b c:d e:f", ["a:b", "c:d", "e:f"])] {
            let bytes = Array(text.utf8)
            var parts = VerifyResponse.Parts(outcome: .insufficientScope)
            parts.missingScopes = bytes.span
            let encoded = parts.encoded()
            #expect(encoded == VerifyResponse(outcome: .insufficientScope, missingScopes: scopes).encoded())
        }
    }
}
