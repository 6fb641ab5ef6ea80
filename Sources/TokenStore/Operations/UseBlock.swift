import TokenCore

/// When each of 128 tokens with successive numbers was last used: a row of `token_use`.
///
/// Most tokens of a busy store are used between two notes, and what a note costs is rows, not bytes: so many of them share
/// one. It holds 128 times 8 bytes, microseconds since 1970-01-01 UTC with the highest byte first, 0 for never.
struct UseBlock {
    private static let tokenBitCount: Int64 = 7
    private static let tokenCount = 1 << tokenBitCount
    private static let timeByteCount = 8

    let number: Int64
    private var bytes: [UInt8]

    /// Of tokens that were never used.
    init(number: Int64) {
        self.number = number
        bytes = Array(repeating: 0, count: Self.tokenCount * Self.timeByteCount)
    }

    static func number(ofToken token: Int64) -> Int64 { token >> tokenBitCount }

    /// Of a token of this block.
    subscript(token: Int64) -> Instant? {
        get { bytes.withUnsafeBytes { Self.instant(UnsafeRawBufferPointer(rebasing: $0[Self.place(of: token)])) } }
        set {
            let place = Self.place(of: token)
            withUnsafeBytes(of: (newValue?.microseconds ?? 0).bigEndian) { time in
                for (index, byte) in zip(place, time) { bytes[index] = byte }
            }
        }
    }

    private static func place(of token: Int64) -> Range<Int> {
        let start = Int(token & (1 << tokenBitCount - 1)) * timeByteCount
        return start..<start + timeByteCount
    }

    private static func instant(_ time: UnsafeRawBufferPointer) -> Instant? {
        let microseconds = time.reduce(0 as Int64) { $0 << 8 | Int64($1) }
        return microseconds == 0 ? nil : Instant(microseconds: microseconds)
    }
}

// MARK: - In the store

extension UseBlock {
    /// The bytes of `token.number` in the row of its block, in SQL; NULL where there is no row.
    static let timeOfToken =
        "substr(token_use.last_at, (token.number & \(tokenCount - 1)) * \(timeByteCount) + 1, \(timeByteCount))"
    /// How `token` is joined with the row of its block.
    static let join = "LEFT JOIN token_use ON token_use.block = token.number >> \(tokenBitCount)"

    /// The instant in a column of `timeOfToken`.
    static func instant(_ row: SQLiteStatement, _ column: Int32) -> Instant? { instant(row.blobBytes(column)) }

    /// The row as it is; an empty block if there is none.
    init(number: Int64, reading connection: SQLiteConnection) throws(SQLiteError) {
        self.init(number: number)
        let statement = try connection.statement("SELECT last_at FROM token_use WHERE block = ?1")
        statement.bind(1, number)
        guard try statement.step() else { return }
        defer { statement.reset() }
        let kept = statement.blobBytes(0)
        // The table's CHECK holds it to this.
        if kept.count == bytes.count { bytes.withUnsafeMutableBytes { $0.copyMemory(from: kept) } }
    }

    func write(to connection: SQLiteConnection) throws(SQLiteError) {
        let statement = try connection.statement(
            "INSERT INTO token_use (block, last_at) VALUES (?1, ?2) ON CONFLICT (block) DO UPDATE SET last_at = ?2")
        statement.bind(1, number)
        statement.bind(2, bytes)
        try statement.run()
    }

    /// The rows of an older schema, which had one for each token.
    @Sendable static func collect(_ connection: SQLiteConnection) throws(SQLiteError) {
        try collectUses(connection)
        try connection.execute("DROP TABLE token_use_of_each")
    }

    private static func collectUses(_ connection: SQLiteConnection) throws(SQLiteError) {
        let uses = try connection.prepare("SELECT token, last_at FROM token_use_of_each ORDER BY token")
        defer { uses.finalize() }
        var block: UseBlock?
        while try uses.step() {
            let token = uses.integer(0)
            if block?.number != number(ofToken: token) {
                try block?.write(to: connection)
                block = UseBlock(number: number(ofToken: token))
            }
            block?[token] = uses.instant(1)
        }
        try block?.write(to: connection)
    }
}
