import TokenCore
import TokenStore
import TokenWire

/// For whom a request says it is made: what its metadata holds, checked against what the peer may claim.
enum CallerMetadata {
    private struct Found: ~Copyable {
        var bearer: PresentedToken?
        var hasMalformedBearer = false
        var userID: String?
        var workspaceID: String?
        var isRepeated = false
    }

    /// The claim, or `none` when nobody is named. A claim the peer may not make is refused here; whether it is true is
    /// the store's to say. `token` is what a token's text is looked up by, none for a text that is no token.
    static func claim(
        in metadata: borrowing MessageList<KeyValue.View>, from peer: Peer,
        token: (Span<UInt8>) -> PresentedToken?, mayBeCaller: (PresentedToken) throws -> Bool
    ) throws -> CallerClaim {
        let found = read(metadata, token)
        if found.isRepeated {
            throw Refusal(.validationError, "the metadata names a caller twice; send each key once")
        }
        let isDelegated = found.userID != nil || found.workspaceID != nil
        let hasBearer = found.bearer != nil || found.hasMalformedBearer
        if hasBearer && isDelegated {
            throw Refusal(
                .validationError,
                "the metadata holds both authorization and tokend-user or tokend-workspace; send one of the two")
        }
        if hasBearer {
            if !peer.holds(.act) { throw missing(.act) }
            guard let bearer = found.bearer, try mayBeCaller(bearer) else { throw Refusal.unauthorized }
            return .bearer(bearer.digest)
        }
        if !isDelegated { return .none }
        guard let userID = found.userID, let workspaceID = found.workspaceID else {
            throw Refusal(.validationError, "the metadata needs both tokend-user and tokend-workspace")
        }
        let claim = CallerClaim.delegated(userID: userID, workspaceID: workspaceID)
        try peer.check(claim)
        return claim
    }

    static func missing(_ grants: Grants) -> Refusal {
        Refusal(
            .forbidden,
            "this peer lacks the grant: \(grants.names); root and the daemon's own user have it on operator.sock"
                + (grants.contains(.delegate) ? ", others where a grant of the configuration names them" : ""),
            metadata: ["missing_grant": grants.names])
    }

    private static func read(
        _ metadata: borrowing MessageList<KeyValue.View>, _ token: (Span<UInt8>) -> PresentedToken?
    ) -> Found {
        var found = Found()
        metadata.forEach { pair in
            if pair.key.equals("authorization") {
                if found.bearer != nil || found.hasMalformedBearer { found.isRepeated = true }
                found.bearer = bearer(pair.value.span, token)
                found.hasMalformedBearer = found.bearer == nil
            } else if pair.key.equals("tokend-user") {
                if found.userID != nil { found.isRepeated = true }
                found.userID = String(copying: pair.value)
            } else if pair.key.equals("tokend-workspace") {
                if found.workspaceID != nil { found.isRepeated = true }
                found.workspaceID = String(copying: pair.value)
            }
        }
        return found
    }

    /// The token in `Bearer <token>`; the scheme's case does not matter (RFC 9110, 11.1).
    private static func bearer(
        _ value: Span<UInt8>, _ token: (Span<UInt8>) -> PresentedToken?
    ) -> PresentedToken? {
        let scheme: StaticString = "bearer"
        let separator = scheme.utf8CodeUnitCount
        guard value.count > separator, value[separator] == UInt8(ascii: " ") else { return nil }
        // Setting the bit makes a capital a small letter, and nothing else a letter.
        for index in 0..<separator where value[index] | 0x20 != scheme.utf8Start[index] { return nil }
        return token(value.extracting(droppingFirst: separator + 1))
    }
}
