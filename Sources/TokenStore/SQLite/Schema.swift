/// The store's tables, as a list of migrations: number N brings a store from `user_version` N - 1 to N.
///
/// A migration that has been released never changes. Rows are never deleted but where a comment says so: ids, names of
/// what has ended, and digests stay known.
enum Schema {
    /// "tokd": what `file` and SQLite's header call a store of tokend.
    static let applicationID: Int64 = 0x746f_6b64

    static let migrations: [Migration] = [
        Migration(statements: tokensAndEvents), Migration(statements: accountsAndMembers),
        Migration(statements: epochPage), Migration(statements: tokenUse), Migration(statements: times),
        Migration(statements: secretsByNumber), Migration(statements: usesInBlocks, conversion: UseBlock.collect),
    ]

    static var newestVersion: Int64 { Int64(migrations.count) }

    /// From which on `secret` has what a verification asks of a token.
    static let versionOfSecretsByNumber: Int64 = 6

    /// Instants are microseconds since 1970-01-01 UTC.
    private static let tokensAndEvents = """
        -- One row.
        CREATE TABLE store (
            number INTEGER PRIMARY KEY CHECK (number = 1),
            id BLOB NOT NULL CHECK (length(id) = 16),
            created_at INTEGER NOT NULL,
            -- Authenticates page tokens.
            cursor_key BLOB NOT NULL CHECK (length(cursor_key) = 32)
        ) STRICT;

        CREATE TABLE workspace (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            -- 1 active, 2 suspended, 3 ended.
            state INTEGER NOT NULL DEFAULT 1 CHECK (state BETWEEN 1 AND 3),
            created_at INTEGER NOT NULL
        ) STRICT;

        -- A member or a service account, from joining to leaving: joining again is a new row. Tokens hang on this row and
        -- live only while it does, so that ending one row ends them all.
        CREATE TABLE principal (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            workspace INTEGER NOT NULL REFERENCES workspace (number),
            -- 1 member, 2 service account.
            kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 2),
            -- The user id, or sa_ and a ULID.
            id TEXT NOT NULL,
            -- A member's.
            role TEXT CHECK ((role IS NOT NULL) = (kind = 1)),
            -- A suspended member, a disabled account.
            is_paused INTEGER NOT NULL DEFAULT 0 CHECK (is_paused BETWEEN 0 AND 1),
            started_at INTEGER NOT NULL,
            ended_at INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX principal_live ON principal (workspace, kind, id) WHERE ended_at IS NULL;

        CREATE TABLE token (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            principal INTEGER NOT NULL REFERENCES principal (number),
            name TEXT NOT NULL,
            -- Sorted, with a space between two.
            scopes TEXT NOT NULL,
            hint TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            created_by TEXT NOT NULL,
            expires_at INTEGER,
            rolled_at INTEGER,
            revoked_at INTEGER,
            -- When its name became free: at its revocation, or when a namesake followed it after it had expired.
            ended_at INTEGER,
            last_used_at INTEGER,
            CHECK (revoked_at IS NULL OR ended_at IS NOT NULL)
        ) STRICT;
        CREATE UNIQUE INDEX token_live_name ON token (principal, name) WHERE ended_at IS NULL;
        -- The lists: newest first by number, which the index ends with.
        CREATE INDEX token_of_principal ON token (principal);

        -- Every digest ever known, live or dead.
        CREATE TABLE secret (
            digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
            token INTEGER NOT NULL REFERENCES token (number),
            -- None while it is the token's current secret; then the instant from which it no longer verifies.
            dies_at INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX secret_current ON secret (token) WHERE dies_at IS NULL;
        CREATE INDEX secret_superseded ON secret (token) WHERE dies_at IS NOT NULL;

        -- Requests whose answer may have been lost. Rows older than a day are deleted.
        CREATE TABLE request (
            principal INTEGER NOT NULL REFERENCES principal (number),
            id TEXT NOT NULL,
            -- SHA-256 of what was asked: the same id with another question is no repetition.
            fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
            token INTEGER NOT NULL REFERENCES token (number),
            -- The secret it made.
            digest BLOB NOT NULL REFERENCES secret (digest),
            at INTEGER NOT NULL,
            PRIMARY KEY (principal, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX request_at ON request (at);

        -- The audit chain: hash covers the row and the hash before it.
        CREATE TABLE event (
            sequence INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            -- None for what concerns the host.
            workspace INTEGER REFERENCES workspace (number),
            actor TEXT NOT NULL,
            peer_uid INTEGER,
            peer_pid INTEGER,
            action TEXT NOT NULL,
            target TEXT NOT NULL,
            -- Pairs, as AuditChain hashes them.
            metadata BLOB NOT NULL,
            trace_id TEXT NOT NULL,
            hash BLOB NOT NULL CHECK (length(hash) = 32)
        ) STRICT;
        CREATE INDEX event_of_workspace ON event (workspace);
        """

    private static let accountsAndMembers = """
        -- The latest time that is believed: see ClockMark.
        ALTER TABLE store ADD COLUMN clock_mark INTEGER NOT NULL DEFAULT 0;
        -- A store of the first version judged by the wall clock alone.
        UPDATE store SET clock_mark = coalesce((SELECT at FROM event ORDER BY sequence DESC LIMIT 1), clock_mark);
        -- The newest event that was pruned: what the hash of the oldest kept one covers. 0 and none before the first.
        ALTER TABLE store ADD COLUMN pruned_sequence INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE store ADD COLUMN pruned_hash BLOB CHECK (pruned_hash IS NULL OR length(pruned_hash) = 32);

        ALTER TABLE workspace ADD COLUMN ended_at INTEGER CHECK ((ended_at IS NOT NULL) = (state = 3));

        -- A service account's; unique among the workspace's accounts that have not ended.
        ALTER TABLE principal ADD COLUMN name TEXT CHECK ((name IS NOT NULL) = (kind = 2));
        -- What the account's next token is issued with. Sorted, with a space between two.
        ALTER TABLE principal ADD COLUMN scopes TEXT CHECK ((scopes IS NOT NULL) = (kind = 2));
        -- All that its tokens were ever issued with: what enabling it again may bring back to life.
        ALTER TABLE principal ADD COLUMN issued_scopes TEXT NOT NULL DEFAULT '';
        -- Who made the account or let the member join: an id that may outlive its bearer. None for what came before this.
        ALTER TABLE principal ADD COLUMN created_by TEXT;
        ALTER TABLE principal ADD COLUMN updated_at INTEGER;
        -- Of tokens that have not ended, so that ending a principal tells how many end with it without reading them.
        ALTER TABLE principal ADD COLUMN live_token_count INTEGER NOT NULL DEFAULT 0;
        UPDATE principal SET live_token_count =
            (SELECT count(*) FROM token WHERE token.principal = principal.number AND token.ended_at IS NULL);
        -- Of those, the ones that have expired.
        CREATE INDEX token_expiry ON token (principal, expires_at) WHERE ended_at IS NULL AND expires_at IS NOT NULL;

        -- Of a token that another system made, known by its digest alone.
        ALTER TABLE secret ADD COLUMN is_imported INTEGER NOT NULL DEFAULT 0 CHECK (is_imported BETWEEN 0 AND 1);
        CREATE INDEX secret_imported ON secret (is_imported) WHERE is_imported = 1;

        CREATE UNIQUE INDEX account_live_name ON principal (workspace, name) WHERE kind = 2 AND ended_at IS NULL;
        -- The lists: newest first by number, which the index ends with.
        CREATE INDEX principal_of_workspace ON principal (workspace, kind) WHERE ended_at IS NULL;
        -- Whether another active tenant administrator is left.
        CREATE INDEX member_of_role ON principal (workspace, role, is_paused) WHERE kind = 1 AND ended_at IS NULL;

        -- Accounts that were asked for and whose answer may have been lost. Rows older than a day are deleted.
        CREATE TABLE account_request (
            principal INTEGER NOT NULL REFERENCES principal (number),
            id TEXT NOT NULL,
            fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
            account INTEGER NOT NULL REFERENCES principal (number),
            at INTEGER NOT NULL,
            PRIMARY KEY (principal, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX account_request_at ON account_request (at);
        """

    private static let epochPage = """
        -- The id of the epoch page that clients were told of; none before the first.
        ALTER TABLE store ADD COLUMN page_id BLOB CHECK (page_id IS NULL OR length(page_id) = 16);
        """

    private static let tokenUse = """
        -- When a token was last used; no row before its first use. Apart from the token, because it is what is written most:
        -- a page holds some three hundred of these rows, and of tokens a dozen. No REFERENCES: looking up the token, which is
        -- never deleted, would cost more than the row itself.
        CREATE TABLE token_use (
            token INTEGER PRIMARY KEY,
            last_at INTEGER NOT NULL
        ) STRICT;
        INSERT INTO token_use SELECT number, last_used_at FROM token WHERE last_used_at IS NOT NULL ORDER BY number;
        ALTER TABLE token DROP COLUMN last_used_at;
        """

    private static let times = """
        -- However often a token was rolled, those of its secrets that live are found at once.
        DROP INDEX secret_superseded;
        CREATE INDEX secret_superseded ON secret (token, dies_at) WHERE dies_at IS NOT NULL;
        -- Overlaps that run, whosever they are. What was killed at once died at 0.
        CREATE INDEX secret_overlap ON secret (dies_at) WHERE dies_at > 0;
        -- The events that tell of a pruning, of which the newest is asked for.
        CREATE INDEX event_of_pruning ON event (sequence) WHERE action = 'audit.pruned';
        """

    /// The number of a secret's row, in SQL: `Digest.secretNumber`.
    static func secretNumber(ofDigest column: String) -> String {
        // Where a byte stands among all of them is its value.
        let bytes = (0...255).map { String($0 + 256, radix: 16).dropFirst() }.joined()
        let terms = (1...8).map { place in
            let byte = "(instr(x'\(bytes)', substr(\(column), \(place), 1)) - 1)"
            // The last of the 64 bits is left out.
            return place == 8 ? "(\(byte) >> 1)" : "(\(byte) << \(63 - 8 * place))"
        }
        return terms.joined(separator: " | ")
    }

    private static let secretsByNumber = """
        -- Every digest ever known, live or dead, and with it what a verification asks of the token: one row is read for it.
        CREATE TABLE secret_by_number (
            -- The digest's first 63 bits. To find a row by a number takes half as long as by the digest, and a third of the
            -- pages above it. One digest in 10^10 begins like another one of 10^9: it is refused.
            number INTEGER PRIMARY KEY,
            digest BLOB NOT NULL CHECK (length(digest) = 32),
            token INTEGER NOT NULL REFERENCES token (number),
            -- None while it is the token's current secret; then the instant from which it no longer verifies, and 0 for one
            -- that was killed. No token has more than one above 0 that another roll has seen.
            dies_at INTEGER,
            is_imported INTEGER NOT NULL DEFAULT 0 CHECK (is_imported BETWEEN 0 AND 1),
            -- As in the token's row; none once the token has ended or the secret was killed.
            principal INTEGER CHECK (dies_at IS NOT 0 OR principal IS NULL),
            token_id TEXT,
            name TEXT,
            scopes TEXT,
            expires_at INTEGER
        ) STRICT;
        INSERT INTO secret_by_number
        SELECT \(secretNumber(ofDigest: "secret.digest")), secret.digest, secret.token, secret.dies_at,
            secret.is_imported, token.principal, token.id, token.name, token.scopes, token.expires_at
        FROM secret LEFT JOIN token
            ON token.number = secret.token AND token.ended_at IS NULL AND secret.dies_at IS NOT 0
        ORDER BY secret.digest;

        CREATE TABLE request_by_number (
            principal INTEGER NOT NULL REFERENCES principal (number),
            id TEXT NOT NULL,
            -- SHA-256 of what was asked: the same id with another question is no repetition.
            fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
            token INTEGER NOT NULL REFERENCES token (number),
            -- The secret it made.
            secret INTEGER NOT NULL REFERENCES secret_by_number (number),
            at INTEGER NOT NULL,
            PRIMARY KEY (principal, id)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO request_by_number
        SELECT principal, id, fingerprint, token, \(secretNumber(ofDigest: "digest")), at FROM request;

        DROP TABLE request;
        DROP TABLE secret;
        -- The reference to it goes with it (sqlite.org/lang_altertable.html#alter_table_rename).
        ALTER TABLE secret_by_number RENAME TO secret;
        ALTER TABLE request_by_number RENAME TO request;
        CREATE UNIQUE INDEX secret_current ON secret (token) WHERE dies_at IS NULL;
        CREATE INDEX secret_superseded ON secret (token, dies_at) WHERE dies_at > 0;
        -- Overlaps that run, whosever they are.
        CREATE INDEX secret_overlap ON secret (dies_at) WHERE dies_at > 0;
        CREATE INDEX secret_imported ON secret (is_imported) WHERE is_imported = 1;
        CREATE INDEX request_at ON request (at);
        """

    private static let usesInBlocks = """
        -- When each of 128 tokens with successive numbers was last used, in a row: see UseBlock. A minute's uses of many tokens
        -- are so written a hundred at a time.
        ALTER TABLE token_use RENAME TO token_use_of_each;
        CREATE TABLE token_use (
            block INTEGER PRIMARY KEY,
            last_at BLOB NOT NULL CHECK (length(last_at) = 1024)
        ) STRICT;
        """
}

/// What brings a store from one version to the next.
struct Migration: Sendable {
    let statements: String
    /// What SQL can't do, behind them.
    var conversion: (@Sendable (SQLiteConnection) throws(SQLiteError) -> Void)?

    func apply(to connection: SQLiteConnection) throws(SQLiteError) {
        try connection.execute(statements)
        try conversion?(connection)
    }
}
