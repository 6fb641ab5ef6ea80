import TokenCore

extension Digest {
    /// The number of its row among the secrets: its first 63 bits, so that no number is negative. `Schema.secretNumber` is the
    /// same in SQL.
    var secretNumber: Int64 { Int64(prefix >> 1) }

    /// The shard of the digest with this number. It is chosen by the leading bits, which the number has.
    static func shard(ofSecretNumber number: Int64, of count: Int) -> Int {
        shard(ofPrefix: UInt64(bitPattern: number) << 1, of: count)
    }
}
