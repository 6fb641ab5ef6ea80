import CSQLite
import Testing
import TokenCore

@testable import TokenStore

extension StoreFixture {
    @discardableResult
    func createAccount(
        _ name: String, scopes: String = "issues:read", as claim: CallerClaim, request: String? = nil
    ) throws -> ServiceAccountRecord {
        try perform(
            CreateServiceAccount(
                name: name, scopes: try #require(ScopeSet(text: scopes)),
                request: try request.map { try #require(RequestID($0)) }),
            as: claim)
    }

    @discardableResult
    func issue(
        _ name: String, of account: ServiceAccountRecord, as claim: CallerClaim, scopes: String? = nil,
        expiresAt: Instant? = nil, request: String? = nil
    ) throws -> MadeToken {
        let secret = TestSecret(.serviceAccount)
        let operation = IssueServiceAccountToken(
            accountID: account.id, name: name, scopes: try scopes.map { try #require(ScopeSet(text: $0)) },
            expiresAt: expiresAt, request: try request.map { try #require(RequestID($0)) }, secret: secret.draft)
        return MadeToken(record: try perform(operation, as: claim), secret: secret)
    }

    @discardableResult
    func roll(
        _ id: String, of account: ServiceAccountRecord, as claim: CallerClaim, overlap: Int64 = 0,
        request: String? = nil
    ) throws -> MadeToken {
        let secret = TestSecret(.serviceAccount)
        let operation = RollServiceAccountToken(
            accountID: account.id, tokenID: id, overlapSeconds: overlap,
            request: try request.map { try #require(RequestID($0)) }, secret: secret.draft)
        return MadeToken(record: try perform(operation, as: claim), secret: secret)
    }

    func update(
        _ account: ServiceAccountRecord, name: String? = nil, scopes: String? = nil, isDisabled: Bool? = nil,
        as claim: CallerClaim
    ) throws -> ServiceAccountRecord {
        try perform(
            UpdateServiceAccount(
                accountID: account.id, name: name, scopes: try scopes.map { try #require(ScopeSet(text: $0)) },
                isDisabled: isDisabled),
            as: claim)
    }

    /// Tokens by the back door, which hang on the principal with this id.
    func addTokens(_ count: Int, to principal: String) throws {
        try run(
            """
            INSERT INTO token (id, principal, name, scopes, hint, created_at, created_by)
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count))
            SELECT 'tok_' || principal.id || i, principal.number, 't' || i, 'issues:read', '', 0, 'ann'
            FROM n, principal WHERE principal.id = '\(principal)' AND principal.ended_at IS NULL;
            UPDATE principal SET live_token_count = live_token_count + \(count)
            WHERE id = '\(principal)' AND ended_at IS NULL;
            """)
    }

    /// What one operation costs: rows written, and steps of SQLite's virtual machine, which are the same on any machine.
    func cost(
        of operation: some TokenStore.Operation, as claim: CallerClaim
    ) throws -> (changedRowCount: Int, stepCount: Int) {
        try perform(
            Custom { transaction throws(ChangeFailure) in
                let handle = transaction.connection.handle
                let steps = StepCounter()
                let before = sqlite3_total_changes(handle)
                sqlite3_progress_handler(
                    handle, 1,
                    { context in
                        guard let context else { return 1 }
                        Unmanaged<StepCounter>.fromOpaque(context).takeUnretainedValue().count += 1
                        return 0
                    }, Unmanaged.passUnretained(steps).toOpaque())
                defer { sqlite3_progress_handler(handle, 0, nil, nil) }
                _ = try operation.perform(in: transaction)
                return (Int(sqlite3_total_changes(handle) - before), steps.count)
            }, as: claim)
    }

    func reading<Value>(as claim: CallerClaim, _ body: (StoreReader, Caller) throws -> Value) throws -> Value {
        let reader = try store().makeReader()
        return try body(reader, try reader.caller(claim, now: clock.now))
    }

    /// The newest event's value for a key of its metadata.
    func newestMetadata(_ key: String, of action: String? = nil) throws -> String? {
        let event = try events().last { action == nil || $0.event.action == action }?.event
        return event?.metadata.first { $0.key == key }?.value
    }
}

/// Only the writer's thread touches it.
private final class StepCounter {
    var count = 0
}
