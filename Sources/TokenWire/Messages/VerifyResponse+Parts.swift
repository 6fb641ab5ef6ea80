extension VerifyResponse {
    /// A `VerifyResponse` made of borrowed bytes, so that an answer from the daemon's cache makes no String.
    ///
    /// All texts must be UTF-8. Lists of scopes are one text with a single space between two names, which holds no
    /// doubt because a scope has no space in it.
    package struct Parts: WireMessage, ~Escapable {
        package var outcome: VerifyOutcome
        package var kind: TokenKind
        package var expiresAt: Timestamp?
        package var tokenID: Span<UInt8>
        package var workspaceID: Span<UInt8>
        package var principalID: Span<UInt8>
        package var tokenName: Span<UInt8>
        /// Names with single spaces between them.
        package var scopes: Span<UInt8>
        /// Names with single spaces between them.
        package var missingScopes: Span<UInt8>

        /// An outcome and nothing else.
        @_lifetime(immortal)
        package init(outcome: VerifyOutcome) {
            self.outcome = outcome
            kind = .unspecified
            tokenID = Span()
            workspaceID = Span()
            principalID = Span()
            tokenName = Span()
            scopes = Span()
            missingScopes = Span()
        }

        package func write<Sink: FieldSink>(to sink: inout Sink) {
            sink.enumeration(1, outcome)
            sink.bytes(2, tokenID)
            sink.enumeration(3, kind)
            sink.bytes(4, workspaceID)
            sink.bytes(5, principalID)
            sink.bytes(6, tokenName)
            sink.words(7, scopes)
            sink.message(8, expiresAt)
            sink.words(9, missingScopes)
        }
    }
}

extension FieldSink {
    /// A list of texts, given as one text with single spaces between them.
    fileprivate mutating func words(_ number: UInt32, _ text: Span<UInt8>) {
        var start = 0
        var end = 0
        while start < text.count {
            while end < text.count, text[end] != UInt8(ascii: " ") { end += 1 }
            element(number, text.extracting(start..<end))
            end += 1
            start = end
        }
    }
}
