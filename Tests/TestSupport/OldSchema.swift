/// Makes an older store of a newer one.
package enum OldSchema {
    /// For SQLite, on a store of the newest schema: what version 3 had. Requests whose answer may have been lost are forgotten.
    package static let version3 = """
        DROP TABLE request;
        CREATE TABLE request (
            principal INTEGER NOT NULL REFERENCES principal (number), id TEXT NOT NULL, fingerprint BLOB NOT NULL,
            token INTEGER NOT NULL REFERENCES token (number), digest BLOB NOT NULL REFERENCES secret (digest),
            at INTEGER NOT NULL, PRIMARY KEY (principal, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX request_at ON request (at);

        ALTER TABLE secret RENAME TO newer;
        CREATE TABLE secret (
            digest BLOB PRIMARY KEY, token INTEGER NOT NULL REFERENCES token (number), dies_at INTEGER,
            is_imported INTEGER NOT NULL DEFAULT 0
        ) STRICT, WITHOUT ROWID;
        INSERT INTO secret SELECT digest, token, dies_at, is_imported FROM newer;
        DROP TABLE newer;
        CREATE UNIQUE INDEX secret_current ON secret (token) WHERE dies_at IS NULL;
        CREATE INDEX secret_superseded ON secret (token) WHERE dies_at IS NOT NULL;
        CREATE INDEX secret_imported ON secret (is_imported) WHERE is_imported = 1;

        DROP INDEX event_of_pruning;
        ALTER TABLE token ADD COLUMN last_used_at INTEGER;
        DROP TABLE token_use;
        PRAGMA user_version = 3;
        """
}
