import Testing

@testable import TokenWire

/// Received lists: their limits, and that they can be walked again and again.
@Suite struct ListTests {
    @Test func aListMayBeWalkedTwice() throws {
        let bytes = VerifyRequest(requiredScopes: ["a:b", "", "é:c"]).encoded()
        let view = try VerifyRequest.View(bytes.span)
        let first = view.requiredScopes.strings
        let second = view.requiredScopes.strings
        let count = view.requiredScopes.count
        #expect(first == ["a:b", "", "é:c"] && second == first && count == 3)
    }

    @Test func aListHasNoMoreThanAThousandElements() throws {
        let element: [UInt8] = [0x12, 0x00]
        let most = Array([[UInt8]](repeating: element, count: WireLimits.listElementCountMax).joined())
        let view = try VerifyRequest.View(most.span)
        let count = view.requiredScopes.count
        #expect(count == 1000)
        let million = Array([[UInt8]](repeating: element, count: 1_000_000).joined())
        let error = #expect(throws: WireError.self) { _ = try VerifyRequest.View(million.span) }
        #expect(error == WireError(.tooManyElements, at: 2000))
        #expect(error?.statusCode == .resourceExhausted)
    }

    @Test func aRequestHasNoMoreThan64PairsOfMetadata() throws {
        let pairs = [KeyValue](repeating: KeyValue(key: "k", value: "v"), count: 64)
        let most = RequestEnvelope(metadata: pairs).encoded()
        let view = try RequestEnvelope.View(most.span)
        let count = view.metadata.count
        #expect(count == 64)
        let tooMany = RequestEnvelope(metadata: pairs + pairs.prefix(1)).encoded()
        let error = #expect(throws: WireError.self) { _ = try RequestEnvelope.View(tooMany.span) }
        #expect(error?.code == .tooManyElements)
    }

    /// The limit counts elements, not bytes: a list can't grow by coming in pieces.
    @Test func thePiecesOfAMessageShareOneLimit() {
        let piece = SecretTokenResponse(token: Token(scopes: [String](repeating: "a:b", count: 501))).encoded()
        let error = #expect(throws: WireError.self) { _ = try SecretTokenResponse.View((piece + piece).span) }
        #expect(error?.code == .tooManyElements)
    }

    /// A hundred tokens with long names, owners and 50 scopes each are one request.
    @Test func anImportOfAHundredTokensFitsARequest() throws {
        let token = ImportedToken(
            digest: [UInt8](repeating: 0xFF, count: 32), name: String(repeating: "n", count: 100),
            ownerID: String(repeating: "o", count: 128),
            scopes: (0..<50).map { "workspace.compliance_\($0):write" }, expiresAt: Timestamp(seconds: 1_893_456_000),
            hint: "ghp_…abcd")
        let request = ImportTokensRequest(
            tokens: [ImportedToken](repeating: token, count: WireLimits.importedTokenCountMax))
        var buffer = WireBuffer()
        try buffer.appendRequest(stream: 1, method: .importTokens, payload: request)
        let view = try RequestEnvelope.View(buffer.span.extracting(droppingFirst: FrameHeader.byteCount))
        let received = ImportTokensRequest(copying: try ImportTokensRequest.View(view.payload))
        #expect(received == request)
    }

    @Test func aListInPiecesOfItsMessageIsOneList() throws {
        let bytes =
            WhoAmIResponse(token: Token(id: "first", scopes: ["a:1", "a:2"])).encoded()
            + WhoAmIResponse(role: "analyst").encoded()
            + WhoAmIResponse(token: Token(id: "last", scopes: ["a:3"])).encoded()
        let view = try WhoAmIResponse.View(bytes.span)
        let whole = WhoAmIResponse(copying: view)
        #expect(whole == WhoAmIResponse(role: "analyst", token: Token(id: "last", scopes: ["a:1", "a:2", "a:3"])))
    }

    @Test func elementsOfAListDoNotMerge() throws {
        let bytes = ListTokensResponse(tokens: [Token(id: "1", scopes: ["a:b"]), Token(name: "2")]).encoded()
        let view = try ListTokensResponse.View(bytes.span)
        let page = ListTokensResponse(copying: view)
        #expect(page.tokens == [Token(id: "1", scopes: ["a:b"]), Token(name: "2")])
    }

    @Test func ofEqualKeysInAMapTheLastOneCounts() throws {
        let bytes =
            ErrorInfo(metadata: [KeyValue(key: "b", value: "1")]).encoded()
            + ErrorInfo(metadata: [KeyValue(key: "b", value: "2"), KeyValue(key: "a", value: "")]).encoded()
        let view = try ErrorInfo.View(bytes.span)
        let info = ErrorInfo(copying: view)
        #expect(info.metadata == [KeyValue(key: "a", value: ""), KeyValue(key: "b", value: "2")])
    }

    /// String's own equality takes these two for one.
    @Test func keysOfAMapAreComparedByBytes() {
        let composed = KeyValue(key: "\u{E9}", value: "1")
        let decomposed = KeyValue(key: "e\u{301}", value: "2")
        #expect([composed, decomposed].sortedByKey.map(\.value) == ["2", "1"])
    }
}
