internal import LinuxIO
internal import TokenCore

/// Where the entry of a secret is looked for, and what it is known by: the SHA-256 of the secret's text.
///
/// The bits of its first eight bytes say where. The last sixteen are compared, and no two texts that agree in them can be
/// found.
struct EntryKey: Sendable {
    /// Of the epoch page.
    let shard: Int
    /// The low bits choose the bucket, bits 44 to 46 the place in it that is tried first; the shard is the highest twelve.
    let place: UInt64
    let low: UInt64
    let high: UInt64

    /// Nil for a text that is longer than any token: it need not even be hashed.
    init?(hashing token: String) {
        guard BearerToken.mayBe(token) else { return nil }
        let digest = Digest(hashing: token.utf8Span.span)
        shard = digest.shard(of: EpochLayout.shardCount)
        place = digest.prefix
        (low, high) = digest.secondHalf
    }
}
