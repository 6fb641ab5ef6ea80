import Testing
import TokenWire

@testable import TokenClient

@Suite("Values and errors")
struct ValueTests {
    @Test("a secret isn't shown by anything that prints")
    func secretIsNotShown() throws {
        let token = try BearerToken("clpu_verysecret")
        var dumped = ""
        dump(token, to: &dumped)
        dump(Credential.bearer(token), to: &dumped)
        let query = VerificationQuery(token: "clpu_verysecret", requiredScopes: ["issues:read"], workspaceID: "ws_1")
        dump([query], to: &dumped)
        let texts = [
            "\(token)", String(describing: token), String(reflecting: token), dumped, "\(Credential.bearer(token))",
            "\(TokenClient.Configuration(credential: .bearer(token)))", "\(query)", "\([query])",
            String(reflecting: query), String(reflecting: [query]),
        ]
        for text in texts { #expect(!text.contains("verysecret"), "\(text)") }
        // The rest of a question helps whoever looks for a fault.
        #expect("\(query)".contains("issues:read") && "\(query)".contains("ws_1") && dumped.contains("issues:read"))
        #expect(token.reveal() == "clpu_verysecret")
        #expect(token.withUTF8 { $0.count } == 15)
    }

    @Test("a text that no token can be is refused", arguments: ["", "clpu_x\n", "a b", "ümlaut", "\0"])
    func noToken(_ text: String) {
        let code = thrownCode { () throws(TokenError) in _ = try BearerToken(text) }
        #expect(code == .invalidArgument)
    }

    @Test("a token has at most 255 bytes")
    func longToken() throws {
        _ = try BearerToken(String(repeating: "x", count: 255))
        let code = thrownCode { () throws(TokenError) in _ = try BearerToken(String(repeating: "x", count: 256)) }
        #expect(code == .invalidArgument)
    }

    @Test(
        "times are said and read as RFC 3339",
        arguments: [
            ("2026-11-23T18:10:00Z", "2026-11-23T18:10:00Z"),
            ("2026-11-23T18:10:00.250+02:00", "2026-11-23T16:10:00.25Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999Z"),
        ])
    func timestamp(_ text: String, _ said: String) throws {
        let time = try #require(Timestamp(text))
        #expect(time.description == said)
        #expect(Timestamp(seconds: time.seconds, nanoseconds: time.nanoseconds) == time)
        #expect(Timestamp(time.wire) == time)
    }

    @Test("a received time that can't be is the nearest that can, and never none")
    func impossibleTime() {
        #expect(Timestamp(WireTimestamp(seconds: .max)).description == "9999-12-31T23:59:59.999999Z")
        #expect(Timestamp(WireTimestamp(seconds: .min)).description == "0001-01-01T00:00:00Z")
        #expect(Timestamp(WireTimestamp(seconds: 0, nanoseconds: -5)).description == "1970-01-01T00:00:00Z")
        #expect(Timestamp(WireTimestamp(seconds: 0, nanoseconds: .max)).description == "1970-01-01T00:00:00.999999Z")
    }

    @Test("times can be reckoned with, up to the ends of what can be said")
    func reckoning() throws {
        let time = try #require(Timestamp("2026-01-01T00:00:00Z"))
        let later = time.adding(.milliseconds(1500))
        #expect(later.description == "2026-01-01T00:00:01.5Z" && later > time)
        #expect(later.duration(since: time) == .milliseconds(1500))
        #expect(time.adding(.seconds(Int64.max)).description == "9999-12-31T23:59:59.999999Z")
        #expect(time.adding(.seconds(-Int64.max)).description == "0001-01-01T00:00:00Z")
    }

    @Test("request ids are UUIDs of version 7")
    func requestID() throws {
        let text = RequestID().description
        #expect(text.utf8.count == 36 && RequestID(text)?.description == text)
        #expect(RequestID() != RequestID())
        #expect(
            RequestID.text(milliseconds: 1 << 48 - 1, high: .max, low: .max)
                == "ffffffff-ffff-7fff-bfff-ffffffffffff")
        #expect(
            RequestID.text(milliseconds: 0x0123_4567_89ab, high: 0, low: 0) == "01234567-89ab-7000-8000-000000000000")
        #expect(RequestID(text.uppercased())?.description == text)
        for wrong in ["", "x", text + "0", text.replacing("-", with: "_"), String(text.dropLast()) + "g"] {
            #expect(RequestID(wrong) == nil)
        }
    }

    @Test("a status becomes an error with everything in it")
    func statusWithDetails() {
        let status = Status(
            .validationError, message: "Two fields are wrong.", traceID: "4bf9",
            metadata: [KeyValue(key: "token_id", value: "tok_1")],
            violations: [FieldViolation(field: "scopes[2]", description: "is not in the catalogue")])
        let error = TokenError(status)
        #expect(error.code == .invalidArgument && error.reason == "validation_error" && error.traceID == "4bf9")
        #expect(error.metadata == ["token_id": "tok_1"])
        #expect(error.fields == [TokenError.Field(name: "scopes[2]", problem: "is not in the catalogue")])
        #expect(
            error.description == "invalid_argument (validation_error): Two fields are wrong.; "
                + "scopes[2]: is not in the catalogue [trace 4bf9]")
    }

    @Test(
        "each code of the daemon has one here",
        arguments: [
            (.invalidArgument, .invalidArgument), (.unauthenticated, .unauthenticated),
            (.permissionDenied, .permissionDenied), (.notFound, .notFound), (.alreadyExists, .alreadyExists),
            (.failedPrecondition, .failedPrecondition), (.resourceExhausted, .resourceExhausted),
            (.deadlineExceeded, .deadlineExceeded), (.unavailable, .unavailable), (.unimplemented, .unimplemented),
            (.internal, .internal), (.aborted, .unknown), (StatusCode(rawValue: 99), .unknown),
        ] as [(StatusCode, TokenError.Code)])
    func codes(_ wire: StatusCode, _ code: TokenError.Code) {
        #expect(TokenError(Status(code: wire, message: "")).code == code)
    }

    @Test(
        "what is left of a wait is rounded up to the milliseconds that poll(2) takes",
        arguments: [
            (0, 0), (1, 1), (999_999, 1), (1_000_000, 1), (1_000_001, 2), (-5, 0), (.max - 1, Int32.max), (.min, 0),
        ] as [(Int64, Int32)])
    func pollMilliseconds(_ nanoseconds: Int64, _ milliseconds: Int32) {
        #expect(Moment(nanoseconds: nanoseconds).pollMilliseconds(from: Moment(nanoseconds: 0)) == milliseconds)
        #expect(Moment(nanoseconds: .min).pollMilliseconds(from: Moment(nanoseconds: 1)) == 0)
        #expect(Moment.distantFuture.pollMilliseconds(from: Moment(nanoseconds: 0)) == -1)
    }
}
