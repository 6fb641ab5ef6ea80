internal import TokenWire

/// Moving from another system; see PROTOCOL.md ("Import").
extension TokenClient {
    /// Takes over tokens that another system has issued, by the SHA-256 of their text: all of them, or none. They
    /// become personal tokens and verify by their old text. Given again, the same import changes nothing, so one that
    /// broke off is run again. Needs `workspace:admin`, and every scope that is given. Blocks the thread until the
    /// daemon has answered.
    ///
    /// - Parameters:
    ///   - tokens: 1 to 100, in at most 256 KiB. A bearer's changes are limited to ten a second and 100 at once, each
    ///     token counted; a delegated user's are not.
    ///   - credential: For whom; ``Configuration/credential`` if nil.
    ///   - timeout: How long the call may take; ``Configuration/callTimeout`` if nil.
    /// - Returns: The tokens as they now are, in the same order, and how many of them this call took over.
    /// - Throws: `alreadyExists` for a digest or name that is taken, `notFound` for an owner who is no member,
    ///   `permissionDenied`, `invalidArgument`: each with ``TokenError/fields`` that name every token at fault, such as
    ///   `tokens[3].name`; `resourceExhausted` with the metadata `retry_after_milliseconds`; `unauthenticated`, the
    ///   codes of connection and time.
    public func importTokens(
        _ tokens: [ImportedToken], as credential: Credential? = nil, timeout: Duration? = nil
    ) throws(TokenError) -> ImportResult {
        try perform(Self.takeover(tokens), as: credential, timeout: timeout)
    }

    /// The form of `importTokens` for tasks: suspends and never blocks a thread of the pool. Throws `cancelled` too.
    public func importTokens(
        _ tokens: [ImportedToken], as credential: Credential? = nil, timeout: Duration? = nil
    ) async throws(TokenError) -> ImportResult {
        try await perform(Self.takeover(tokens), as: credential, timeout: timeout)
    }

    private static func takeover(
        _ tokens: [ImportedToken]
    ) throws(TokenError) -> Exchange<ImportTokensRequest, ImportResult> {
        guard (1...WireLimits.importedTokenCountMax).contains(tokens.count) else {
            throw .badArgument("tokens", "must be 1 to \(WireLimits.importedTokenCountMax)")
        }
        return Exchange(method: .importTokens, request: ImportTokensRequest(tokens: tokens.map(\.wire)))
    }
}
