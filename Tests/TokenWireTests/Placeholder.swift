import Testing
import TokenWire

@Test func aVerifyCallGoesThroughBothDirections() throws {
    var buffer = WireBuffer()
    let request = VerifyRequest(token: "clpu_abc", requiredScopes: ["issues:read", "é:write"], workspaceID: "ws_1")
    try buffer.appendRequest(
        stream: 1, method: .verify, timeoutNanoseconds: 5, metadata: [KeyValue(key: "a", value: "b")], payload: request)
    let decoded = FrameHeader(decoding: buffer.span)
    let header = try #require(decoded)
    #expect(header.byteCountOfFrame == buffer.count)
    buffer.consume(10)
    let envelope = try RequestEnvelope.View(buffer.span)
    let method = Method(service: envelope.service.span, method: envelope.method.span)
    #expect(method == .verify)
    let view = try VerifyRequest.View(envelope.payload)
    let copy = VerifyRequest(copying: view)
    #expect(copy == request)
    envelope.metadata.forEach { pair in
        let same = pair.key.equals("a")
        #expect(same)
    }

    var out = WireBuffer()
    let token = Array("tok_1".utf8)
    var parts = VerifyResponse.Parts(outcome: .valid)
    parts.tokenID = token.span
    let scopes = Array("a:b c:d".utf8)
    parts.scopes = scopes.span
    parts.expiresAt = Timestamp(seconds: 5)
    try out.appendResponse(stream: 1, payload: parts)
    out.consume(10)
    let response = try ResponseEnvelope.View(out.span)
    let verified = try VerifyResponse.View(response.payload)
    let answer = VerifyResponse(copying: verified)
    #expect(
        answer
            == VerifyResponse(
                outcome: .valid, tokenID: "tok_1", scopes: ["a:b", "c:d"], expiresAt: Timestamp(seconds: 5)))
}

@Test func anErrorGoesThroughBothDirections() throws {
    var out = WireBuffer()
    let status = Status(
        .notFound, message: "no such token", traceID: "t", violations: [FieldViolation(field: "id", description: "x")])
    out.appendResponse(stream: 3, status: status)
    out.consume(10)
    let failed = try ResponseEnvelope.View(out.span)
    let failure = Status(copying: failed.status)
    #expect(failure == status)
    #expect(failure.reason == .notFound)
}
