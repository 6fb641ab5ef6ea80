import TokenCore

/// What a client calls its request, so that it can ask again when the answer was lost.
package struct RequestID: Sendable {
    /// A UUID as the client wrote it; compared by bytes.
    package let text: String

    /// None unless it is a UUID's 36 characters: 8-4-4-4-12 hexadecimal digits (RFC 9562).
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return nil }
        for (index, byte) in bytes.enumerated() {
            let isHyphen = index == 8 || index == 13 || index == 18 || index == 23
            let isDigit =
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
            guard isHyphen ? byte == UInt8(ascii: "-") : isDigit else { return nil }
        }
        self.text = text
    }

    /// For how long a repetition is answered with a fresh secret.
    static let answeredAgainSeconds: Int64 = 10 * 60
    /// For how long it is known that the request was carried out.
    static let rememberedSeconds: Int64 = 24 * 60 * 60

    /// The digest of what was asked for, each part after its length.
    static func fingerprint(_ method: String, _ parts: [String]) -> Digest {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        for part in [method] + parts {
            bytes += "\(part.utf8.count):".utf8
            bytes += part.utf8
        }
        return Digest(hashing: bytes.span)
    }
}

extension WriteTransaction {
    /// The token that an earlier, identical request of the same caller made or rolled and whose answer may be given again.
    ///
    /// Nothing when the request is new. When it is known but too old, asked for something else, or its secret has been
    /// replaced since, it is refused: a repetition never revives anything.
    func repetition(
        of request: RequestID, fingerprint: Digest, by caller: Caller
    ) throws(ChangeFailure) -> TokenRecord? {
        if !(try isKnown(request, by: caller)) { return nil }
        let found = try sqlite {
            () throws(SQLiteError) -> (token: Int64, isSame: Bool, at: Instant, isCurrent: Bool)? in
            let statement = try connection.statement(
                """
                SELECT request.token, request.fingerprint, request.at, secret.dies_at IS NULL
                FROM request JOIN secret ON secret.number = request.secret
                WHERE request.principal = ?1 AND request.id = ?2 AND request.at > ?3
                """)
            statement.bind(1, caller.principal.number)
            statement.bind(2, request.text)
            statement.bind(3, now.adding(seconds: -RequestID.rememberedSeconds))
            guard try statement.step() else { return nil }
            defer { statement.reset() }
            return (
                statement.integer(0), statement.digest(1) == fingerprint, statement.instant(2), statement.bool(3)
            )
        }
        guard let found else { return nil }
        let token = try writtenToken(found.token)
        let isRecent = found.at.adding(seconds: RequestID.answeredAgainSeconds) > now
        guard found.isSame, found.isCurrent, isRecent, token.revokedAt == nil, !token.isExpired(at: now) else {
            throw .refused(
                Refusal(
                    .conflict, "this request_id was already used for the token \(token.id); make a new one",
                    metadata: ["token_id": token.id]))
        }
        return token
    }

    /// Nearly every request is new, and to see that takes one look at one table.
    private func isKnown(_ request: RequestID, by caller: Caller) throws(ChangeFailure) -> Bool {
        try sqlite { () throws(SQLiteError) in
            let statement = try connection.statement("SELECT 1 FROM request WHERE principal = ?1 AND id = ?2")
            statement.bind(1, caller.principal.number)
            statement.bind(2, request.text)
            defer { statement.reset() }
            return try statement.step()
        }
    }

    /// Replaces the secret that may never have arrived by a fresh one; changes neither expiry nor an overlap.
    func answerAgain(
        _ token: TokenRecord, with secret: SecretDraft, _ request: RequestID, by caller: Caller
    ) throws(ChangeFailure) -> TokenRecord {
        try supersedeCurrentSecret(ofToken: token.number, at: .deadAtOnce)
        try insertCurrentSecret(secret.digest, of: TokenOfSecret(token))
        try run("UPDATE token SET hint = ?2 WHERE number = ?1") { statement in
            statement.bind(1, token.number)
            statement.bind(2, secret.hint)
        }
        try run("UPDATE request SET secret = ?3 WHERE principal = ?1 AND id = ?2") { statement in
            statement.bind(1, caller.principal.number)
            statement.bind(2, request.text)
            statement.bind(3, secret.digest.secretNumber)
        }
        try record(
            TokenAction.rolled.name(token.kind), target: token.id, by: caller,
            token.ownerMetadata + [.init("name", token.name), .init("repeated_request", request.text)])
        return try writtenToken(token.number)
    }

    func remember(
        _ request: RequestID, fingerprint: Digest, token: Int64, digest: Digest, by caller: Caller
    ) throws(ChangeFailure) {
        try forgetOldRequests()
        // A row of the same id that is here is older than a request is remembered.
        try run(
            """
            INSERT INTO request (principal, id, fingerprint, token, secret, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT DO UPDATE SET fingerprint = ?3, token = ?4, secret = ?5, at = ?6
            """
        ) { statement in
            statement.bind(1, caller.principal.number)
            statement.bind(2, request.text)
            statement.bind(3, fingerprint)
            statement.bind(4, token)
            statement.bind(5, digest.secretNumber)
            statement.bind(6, now)
        }
    }

    /// A few rows at each request, so that the table never needs a sweep. When the oldest is due is kept in mind: as long as
    /// it is not, which is nearly always, there is nothing to ask.
    private func forgetOldRequests() throws(ChangeFailure) {
        let oldest = now.adding(seconds: -RequestID.rememberedSeconds)
        if let oldestRequestAt, oldest < oldestRequestAt { return }
        let found = try sqlite { () throws(SQLiteError) in
            let statement = try connection.statement("SELECT min(at) FROM request")
            defer { statement.reset() }
            return try statement.step() ? statement.optionalInstant(0) : nil
        }
        oldestRequestAt = found ?? now
        guard let found, found <= oldest else { return }
        // What comes next is found out next time.
        oldestRequestAt = nil
        try run(
            """
            DELETE FROM request WHERE (principal, id) IN
                (SELECT principal, id FROM request WHERE at <= ?1 ORDER BY at LIMIT 16)
            """
        ) { $0.bind(1, oldest) }
    }
}
