import TokenClient

/// Ends the tokens of a text that leaked, and counts what it found.
struct LeakRevoker {
    /// A log says many words many times. Past this all of them are forgotten, and asked about once more.
    private static let askedCountMax = 16_384

    let client: TokenClient
    private(set) var endedCount = 0
    /// Of what looks like a token of tokend.
    private(set) var failedCount = 0
    /// Of all the other words that turned out to be no tokens.
    private(set) var otherCount = 0
    /// Why one of those that failed is no token of the daemon's.
    private(set) var unknown: TokenError?
    /// Hashes of the texts that the daemon was asked about, and whether that ended a token. They are of 64 bits and
    /// keyed anew in each process: that two texts have the same, and the second is left alive, can't be brought about.
    private var asked: [Int: Bool] = [:]

    init(client: TokenClient) { self.client = client }

    /// Ends the token that is one of these texts, if one is. What is no token, or none of this daemon's, keeps none of
    /// the others alive.
    mutating func end(oneOf texts: [BearerToken], areLikeTokens: Bool) throws(TokenError) {
        // A text that no token can have is not asked about.
        var isNew = texts.isEmpty
        for text in texts {
            let hash = Self.hash(text)
            if let isEnded = asked[hash] {
                if isEnded { return }
                continue
            }
            isNew = true
            let isEnded = try end(text)
            if asked.count == Self.askedCountMax { asked.removeAll(keepingCapacity: true) }
            asked[hash] = isEnded
            if isEnded {
                endedCount += 1
                return
            }
        }
        if !isNew { return }
        if areLikeTokens { failedCount += 1 } else { otherCount += 1 }
    }

    /// Whether that was a token, dead or not.
    private mutating func end(_ text: BearerToken) throws(TokenError) -> Bool {
        do throws(TokenError) {
            try client.revokeSelf(text)
            return true
        } catch {
            switch error.code {
            case .invalidArgument: return false
            case .notFound:
                unknown = error
                return false
            default: throw error
            }
        }
    }

    private static func hash(_ text: BearerToken) -> Int {
        text.withUTF8 { bytes in
            var hasher = Hasher()
            bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
            return hasher.finalize()
        }
    }
}
