internal import TokenWire

/// A token of another system, to be taken over as a personal token.
public struct ImportedToken: Hashable, Sendable {
    /// SHA-256 of the token's whole text, 32 bytes. The text itself stays unknown to the daemon.
    public var digest: [UInt8]
    /// 1 to 100 characters; unique among the owner's tokens that have not ended.
    public var name: String
    /// User id of the member it acts for; empty for the caller.
    public var ownerID: String
    /// 1 to 50 scopes, each held by the caller.
    public var scopes: [String]
    /// When it ends by itself; nil for never. No later than the caller's own token does.
    public var expiresAt: Timestamp?
    /// What to show of the text, to tell tokens apart: at most 16 characters, and never the whole.
    public var hint: String

    /// A token to take over.
    public init(
        digest: [UInt8], name: String, ownerID: String, scopes: [String], expiresAt: Timestamp? = nil,
        hint: String = ""
    ) {
        self.digest = digest
        self.name = name
        self.ownerID = ownerID
        self.scopes = scopes
        self.expiresAt = expiresAt
        self.hint = hint
    }
}

/// What came of an import.
public struct ImportResult: Hashable, Sendable {
    /// In the order of the request, as they are now.
    public let tokens: [Token]
    /// How many of them this call took over; the others had been taken over before, by the same import.
    public let importedCount: Int
}

extension ImportedToken {
    var wire: TokenWire.ImportedToken {
        TokenWire.ImportedToken(
            digest: digest, name: name, ownerID: ownerID, scopes: scopes, expiresAt: expiresAt?.wire, hint: hint)
    }
}

extension ImportResult: Answer {
    init?(decoding payload: Span<UInt8>) throws(WireError) {
        let view = try ImportTokensResponse.View(payload)
        tokens = view.tokens.map { Token($0) }
        importedCount = Int(view.importedCount)
    }
}
