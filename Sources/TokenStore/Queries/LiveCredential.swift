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

extension LiveCredential {
    /// The secret with what it tells of its token; what the token hangs on is read by `LivePrincipals.selection`, unless it
    /// is remembered.
    static let selection = """
        SELECT dies_at, token, principal, token_id, name, scopes, expires_at, is_imported FROM secret
        WHERE number = ?1 AND digest = ?2
        """
}

extension StoreReader {
    /// Gives `body` what the secret with this digest is good for, if it verifies at `now`. With `isForeign`, one of ours is as
    /// good as none.
    package func liveCredential(
        _ digest: Digest, isForeign: Bool = false, now: Instant, _ body: (borrowing LiveCredential) -> Void
    ) throws(SQLiteError) -> LiveCredentialSearch {
        let epoch = principals.epoch
        let row = try liveStatements.token
        return try digest.withUnsafeBytes { (bytes) throws(SQLiteError) in
            row.bind(1, digest.secretNumber)
            row.bindBorrowed(2, bytes)
            guard try row.step() else { return .unknown }
            // Before the digest's bytes go, which are SQLite's for so long, and behind the read of the principal: up to here the
            // connection is in the snapshot that the token was read from.
            defer { row.reset() }
            if isForeign && !row.bool(7) { return .unknown }
            let diesAt = row.earlierInstant(0, 6)
            if row.isNull(2) || diesAt.map({ $0 <= now }) ?? false { return .notLive }
            guard let principal = try livePrincipal(row.integer(2), epoch) else { return .notLive }
            principal.lend { principalID, workspaceID, role in
                effectiveScopes(recorded: row.bytes(5), role: role) { scopes in
                    body(
                        LiveCredential(
                            tokenNumber: row.integer(1), kind: principal.kind, diesAt: diesAt, tokenID: row.bytes(3),
                            tokenName: row.bytes(4), workspaceID: workspaceID, principalID: principalID,
                            scopes: scopes))
                }
            }
            return .found
        }
    }

    /// The principal in the snapshot that the connection is in, which was taken after the epoch was loaded; none if its tokens
    /// don't verify there.
    private func livePrincipal(_ number: Int64, _ epoch: UInt64) throws(SQLiteError) -> LivePrincipals.Principal? {
        if let principal = principals.find(number) { return principal }
        let row = try liveStatements.principal
        row.bind(1, number)
        guard try row.step() else { return nil }
        defer { row.reset() }
        return principals.remember(row, of: number, epoch: epoch)
    }
}

extension SQLiteStatement {
    /// The earlier of two instants, or the one there is.
    fileprivate func earlierInstant(_ first: Int32, _ second: Int32) -> Instant? {
        switch (optionalInstant(first), optionalInstant(second)) {
        case (let first?, let second?): min(first, second)
        case (let first, let second): first ?? second
        }
    }
}
