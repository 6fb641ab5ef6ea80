import Testing

@testable import TokenWire

/// Frames as a receiver meets them: whole, in pieces, many at once, and with any header.
@Suite struct FrameTests {
    @Test func theHeaderIsTenBytesBigEndian() {
        var buffer = WireBuffer()
        buffer.append(
            FrameHeader(
                byteCountOfBody: 0x0102_0304, streamID: 0x0506_0708, type: .data, flags: [.remoteClosed, .noData]))
        let bytes = [UInt8](copying: buffer.span)
        #expect(bytes == [1, 2, 3, 4, 5, 6, 7, 8, 3, 5])
        let header = FrameHeader(decoding: bytes.span)
        #expect(header?.byteCountOfFrame == 0x0102_0304 + 10)
    }

    @Test func nineBytesAreNoHeader() {
        for count in 0..<FrameHeader.byteCount {
            let header = FrameHeader(decoding: [UInt8](repeating: 0xFF, count: count).span)
            #expect(header == nil)
        }
    }

    @Test func unknownTypesAndFlagsAreKept() {
        let header = FrameHeader(decoding: ([255, 255, 255, 255, 0, 0, 0, 1, 0x7F, 0xF9] as [UInt8]).span)
        #expect(header?.type == FrameType(rawValue: 0x7F))
        #expect(header?.flags.contains(.remoteClosed) == true)
        #expect(header?.byteCountOfBody == .max)
    }

    /// All golden frames in one run of bytes, handed over in two parts split at every byte, give the same frames.
    @Test func framesDoNotDependOnHowTheyArrive() {
        let frames = Vector.frames.map(\.bytes)
        let stream = Array(frames.joined())
        #expect(frames.count > 10)
        for split in stride(from: 0, through: stream.count, by: 1) {
            var input = WireBuffer(capacity: 64)
            var received: [[UInt8]] = []
            for part in [stream[..<split], stream[split...]] {
                input.append(Array(part).span)
                while let frame = takeFrame(from: &input) { received.append(frame) }
            }
            #expect(received == frames)
            let isEmpty = input.isEmpty
            #expect(isEmpty)
        }
    }

    private func takeFrame(from input: inout WireBuffer) -> [UInt8]? {
        guard let header = FrameHeader(decoding: input.span), input.count >= header.byteCountOfFrame else { return nil }
        let frame = [UInt8](copying: input.span.extracting(first: header.byteCountOfFrame))
        input.consume(header.byteCountOfFrame)
        return frame
    }

    @Test func requestsAreWrittenAsTheGoldenOnes() throws {
        let token = try goldenToken()
        let create = CreateTokenRequest(
            name: "laptop", scopes: ["issues:read"], expiresAt: Timestamp(seconds: 1_893_456_000),
            requestID: "0b54cb10-5f0e-4a6c-9a8e-0d6a0f2f9b7e")
        var verify = WireBuffer()
        try verify.appendRequest(
            stream: 1, method: .verify, payload: VerifyRequest(token: token, requiredScopes: ["issues:read"]))
        expect(verify, "verify_request")
        var bearer = WireBuffer()
        try bearer.appendRequest(
            stream: 5, method: .createToken, timeoutNanoseconds: 2_000_000_000,
            metadata: [KeyValue(key: "authorization", value: "Bearer \(token)")], payload: create)
        expect(bearer, "create_token_request_by_bearer")
        var delegate = WireBuffer()
        try delegate.appendRequest(
            stream: 7, method: .createToken, timeoutNanoseconds: 2_000_000_000,
            metadata: [
                KeyValue(key: "tokend-user", value: "user_ada"), KeyValue(key: "tokend-workspace", value: "ws_acme"),
            ], payload: create)
        expect(delegate, "create_token_request_by_delegate")
        var update = WireBuffer()
        try update.appendRequest(
            stream: 19, method: .updateServiceAccount,
            metadata: [
                KeyValue(key: "tokend-user", value: "user_ada"), KeyValue(key: "tokend-workspace", value: "ws_acme"),
            ],
            payload: UpdateServiceAccountRequest(id: "sa_01JD3ZK5V8Q2W4X6Y8Z0A1B2C3", scopes: [], disabled: false))
        expect(update, "update_service_account_request")
        var health = WireBuffer()
        try health.appendRequest(stream: .max, method: .checkHealth, payload: HealthCheckRequest())
        expect(health, "health_request")
    }

    @Test func responsesAreWrittenAsTheGoldenOnes() throws {
        let scopes = Array("issues:read issues:write".utf8)
        let tokenID = Array("tok_01JD3ZK5V8Q2W4X6Y8Z0A1B2C3".utf8)
        let workspaceID = Array("ws_acme".utf8)
        let principalID = Array("user_ada".utf8)
        let tokenName = Array("laptop".utf8)
        var parts = VerifyResponse.Parts(outcome: .valid)
        parts.kind = .personal
        parts.tokenID = tokenID.span
        parts.workspaceID = workspaceID.span
        parts.principalID = principalID.span
        parts.tokenName = tokenName.span
        parts.scopes = scopes.span
        parts.expiresAt = Timestamp(seconds: 1_893_456_000)
        var valid = WireBuffer()
        try valid.appendResponse(stream: 1, payload: parts)
        expect(valid, "verify_response")
        let prebuilt = parts.encoded()
        var cached = WireBuffer()
        try cached.appendResponse(stream: 1, payloadBytes: prebuilt.span)
        expect(cached, "verify_response")
        // Whole again from what is kept of it.
        let scopesOffset = prebuilt.count - 8 - scopes.count - 2 * scopes.split(separator: UInt8(ascii: " ")).count
        guard let kept = KeptAnswer.Parts(prebuilt.span, scopesOffset: scopesOffset) else {
            Issue.record("nothing is kept of it")
            return
        }
        let text = UnsafeMutableRawBufferPointer.allocate(byteCount: kept.byteCount, alignment: 1)
        defer { text.deallocate() }
        kept.write(to: text)
        let answer = KeptAnswer(text: UnsafeRawBufferPointer(text), isOfAccount: kept.isOfAccount)
        var answered = WireBuffer()
        try answered.appendResponse(stream: 1, kept: answer)
        expect(answered, "verify_response")
        #expect(Array(answer.workspaceID) == workspaceID)
        #expect(kept.byteCount == prebuilt.count - 10)
        var malformed = WireBuffer()
        try malformed.appendResponse(stream: 3, payload: VerifyResponse(outcome: .malformed))
        expect(malformed, "verify_response_malformed")
        var empty = WireBuffer()
        try empty.appendResponse(stream: 9, payload: RevokeSelfResponse())
        expect(empty, "revoke_self_response")
    }

    @Test(arguments: [
        VerifyResponse(outcome: .revoked, tokenID: "tok_01ARZ3NDEKTSV4RRFFQ69G5FAV", kind: .personal),
        VerifyResponse(outcome: .valid, tokenID: "tok_01ARZ3NDEKTSV4RRFFQ69G5FA", kind: .personal),
        VerifyResponse(outcome: .valid, tokenID: "tak_01ARZ3NDEKTSV4RRFFQ69G5FAV", kind: .personal),
        VerifyResponse(outcome: .valid, tokenID: "tok_01ARZ3NDEKTSV4RRFFQ69G5FAV"),
        VerifyResponse(outcome: .valid),
    ])
    func ofOtherAnswersNothingIsKept(_ answer: VerifyResponse) {
        let payload = answer.encoded()
        if let parts = KeptAnswer.Parts(payload.span, scopesOffset: payload.count) {
            Issue.record("\(parts.byteCount) bytes are kept")
        }
    }

    @Test func aStreamIsWrittenAsTheGoldenOne() throws {
        let message = Vector.audit("first")
        let view = try AuditEvent.View(message.span)
        let event = AuditEvent(copying: view)
        var data = WireBuffer()
        try data.appendData(stream: 15, payload: TailEventsResponse(events: [event], lastSeq: 1))
        expect(data, "tail_events_data")
        var signOfLife = WireBuffer()
        try signOfLife.appendData(stream: 15, payload: TailEventsResponse(lastSeq: 7))
        expect(signOfLife, "tail_events_data_without_events")
        var end = WireBuffer()
        end.appendDataEnd(stream: 15)
        expect(end, "tail_events_end")
    }

    @Test func errorsAreWrittenAsTheGoldenOnes() {
        var notFound = WireBuffer()
        notFound.appendResponse(
            stream: 11,
            status: Status(.notFound, message: "There is no such token.", traceID: "4bf92f3577b34da6"))
        expect(notFound, "not_found_response")
        var invalid = WireBuffer()
        invalid.appendResponse(
            stream: 13,
            status: Status(
                .validationError, message: "The request has a field that is wrong.", traceID: "4bf92f3577b34da6",
                violations: [FieldViolation(field: "name", description: "must not be empty")]))
        expect(invalid, "validation_error_response")
        var imports = WireBuffer()
        imports.appendResponse(
            stream: 17,
            status: Status(
                .conflict, message: "Nothing was imported: two of the tokens can't be.", traceID: "4bf92f3577b34da6",
                violations: [
                    FieldViolation(field: "tokens[3].name", description: "the owner has a token of this name"),
                    FieldViolation(field: "tokens[98].digest", description: "was known before, as another token"),
                ]))
        expect(imports, "import_tokens_refused_response")
    }

    @Test func aStreamingCallSaysThatTheClientSendsNoMore() throws {
        var tail = WireBuffer()
        try tail.appendRequest(
            stream: 15, method: .tailEvents,
            metadata: [KeyValue(key: "authorization", value: "Bearer \(try goldenToken())")],
            payload: TailEventsRequest(afterSeq: 0))
        expect(tail, "tail_events_request")
        let header = FrameHeader(decoding: tail.span)
        #expect(header?.flags == .remoteClosed)
    }

    @Test(arguments: [Int64.min, -1, 0, 1, .max])
    func anyTimeoutArrivesAsItWasSent(_ nanoseconds: Int64) throws {
        let bytes = RequestEnvelope(timeoutNanoseconds: nanoseconds).encoded()
        let view = try RequestEnvelope.View(bytes.span)
        let received = view.timeoutNanoseconds
        #expect(received == nanoseconds)
    }

    /// A frame without a body is an empty request, which names no method.
    @Test func anEmptyBodyIsARequestForNothing() throws {
        let view = try RequestEnvelope.View(Span())
        let method = Method(service: view.service.span, method: view.method.span)
        #expect(method == nil)
    }

    private func goldenToken() throws -> String {
        let frame = Vector.frame("verify_request")
        let view = try RequestEnvelope.View(frame.span.extracting(droppingFirst: FrameHeader.byteCount))
        let verify = try VerifyRequest.View(view.payload)
        return String(copying: verify.token)
    }

    private func expect(
        _ buffer: borrowing WireBuffer, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let bytes = [UInt8](copying: buffer.span)
        #expect(bytes == Vector.frame(name), sourceLocation: sourceLocation)
    }
}
