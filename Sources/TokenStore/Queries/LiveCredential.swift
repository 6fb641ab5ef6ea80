package import TokenCore

/// What a live secret is good for, as the statement that found it lends it: nothing is copied and no String made, for most
/// verifications that miss the cache are of such a one.
///
/// Good until the function that was given it returns.
package struct LiveCredential: ~Copyable {
    package let tokenNumber: Int64
    package let kind: TokenKind
    /// When the secret dies by itself.
    package let diesAt: Instant?
    package let tokenID: UnsafeRawBufferPointer
    package let tokenName: UnsafeRawBufferPointer
    package let workspaceID: UnsafeRawBufferPointer
    package let principalID: UnsafeRawBufferPointer
    /// Those that are effective now, with single spaces between them.
    package let scopes: UnsafeRawBufferPointer
}

/// What became of looking for a secret that lives.
package enum LiveCredentialSearch {
    /// Handed over.
    case found
    /// It is known and does not verify now: `StoreReader.credential` tells why.
    case notLive
    /// No token has or had it.
    case unknown
}

extension StoreReader {
    /// Gives `body` what the secret with this digest is good for, if it verifies at `now`.
    package func liveCredential(
        _ digest: Digest, now: Instant, _ body: (borrowing LiveCredential) -> Void
    ) throws(SQLiteError) -> LiveCredentialSearch {
        let statement = try credentialStatement
        return try digest.withUnsafeBytes { (bytes) throws(SQLiteError) in
            statement.bindBorrowed(1, bytes)
            guard try statement.step() else { return .unknown }
            // Before the digest's bytes go: they are SQLite's for so long.
            defer { statement.reset() }
            let diesAt = statement.earlierInstant(0, 5)
            if statement.isOfDeadCredential || diesAt.map({ $0 <= now }) ?? false { return .notLive }
            let kind = TokenKind(stored: statement.integer(10))
            effectiveScopes(recorded: statement.bytes(4), role: kind == .personal ? statement.bytes(12) : nil) {
                scopes in
                body(
                    LiveCredential(
                        tokenNumber: statement.integer(1), kind: kind, diesAt: diesAt,
                        tokenID: statement.bytes(2), tokenName: statement.bytes(3), workspaceID: statement.bytes(14),
                        principalID: statement.bytes(11), scopes: scopes))
            }
            return .found
        }
    }
}

extension SQLiteStatement {
    /// Whether a row of `Credential.selection` is of a secret that verifies at no time as things are: what
    /// `VerificationFacts.judge` asks before it looks at the request, but for the time.
    fileprivate var isOfDeadCredential: Bool {
        bool(6) || bool(7) || bool(8) || integer(15) != WorkspaceState.active.rawValue
    }

    /// The earlier of two instants, or the one there is.
    fileprivate func earlierInstant(_ first: Int32, _ second: Int32) -> Instant? {
        switch (optionalInstant(first), optionalInstant(second)) {
        case (let first?, let second?): min(first, second)
        case (let first, let second): first ?? second
        }
    }
}
