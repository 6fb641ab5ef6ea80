import TokenCore

/// Whether what a database holds can be what a daemon wrote. For a store at rest.
enum StoreSoundness {
    /// What SQLite finds wrong with it; none for nothing.
    static func problem(of connection: SQLiteConnection) throws(StoreFailure) -> String? {
        if let problem = try integrityProblem(of: connection) { return problem }
        if let problem = try foreignKeyProblem(of: connection) { return problem }
        return try secretProblem(of: connection)
    }

    /// How its tables and indexes differ from those that the migrations make; none for not at all. Another program may keep
    /// tables of its own beside them. A trigger or a view is never ours.
    static func schemaProblem(of connection: SQLiteConnection) throws(StoreFailure) -> String? {
        let version = try Migrator.version(connection)
        return try translatingSQLite { () throws(SQLiteError) in
            let pattern = try SQLiteConnection(path: ":memory:", access: .readWrite)
            for migration in Schema.migrations.prefix(Int(version)) { try migration.apply(to: pattern) }
            let (expected, found) = (try objects(of: pattern), try objects(of: connection))
            for name in Set(expected.keys).union(found.keys).sorted() where found[name]?.form != expected[name]?.form {
                guard let object = found[name] else { return "the \(name) is missing" }
                if expected[name] == nil {
                    if object.canChangeNothing && expected["table \(object.table)"] == nil { continue }
                    return "the \(name) is none of tokend's"
                }
                return "the \(name) is not as tokend makes it"
            }
            return nil
        }
    }

    /// What in the schema makes a daemon do what it is not told, or lets two have what only one may: all that there is time to
    /// look at whenever a store is opened. None for nothing.
    static func actingProblem(of connection: SQLiteConnection) throws(StoreFailure) -> String? {
        // A migration may yet make what an older one lacks.
        let isNewest = try Migrator.version(connection) == Schema.newestVersion
        return try translatingSQLite { () throws(SQLiteError) in
            let statement = try connection.prepare(
                "SELECT type, name, coalesce(sql, '') FROM sqlite_schema WHERE type <> 'table'")
            defer { statement.finalize() }
            var texts: Set<String> = []
            while try statement.step() {
                let (type, name) = (statement.text(0), statement.text(1))
                if type != "index" { return "the \(type) \(name) is none of tokend's" }
                texts.insert(statement.text(2))
            }
            for (name, definition) in isNewest ? uniqueIndexes : []
            where !texts.contains("CREATE UNIQUE INDEX \(name) ON \(definition)") {
                return "the index \(name) is missing, or not as tokend makes it"
            }
            return nil
        }
    }

    /// As the migrations make them.
    static let uniqueIndexes = [
        ("account_live_name", "principal (workspace, name) WHERE kind = 2 AND ended_at IS NULL"),
        ("principal_live", "principal (workspace, kind, id) WHERE ended_at IS NULL"),
        ("secret_current", "secret (token) WHERE dies_at IS NULL"),
        ("token_live_name", "token (principal, name) WHERE ended_at IS NULL"),
    ]

    private struct Object {
        /// The columns of a table, the text of anything else.
        let form: String
        /// That it is, or is of.
        let table: String
        /// It does nothing by itself when another table is written to or read.
        let canChangeNothing: Bool
    }

    /// By type and name. What ANALYZE leaves is left out.
    private static func objects(of connection: SQLiteConnection) throws(SQLiteError) -> [String: Object] {
        let statement = try connection.prepare(
            """
            SELECT type || ' ' || name, tbl_name, type IN ('table', 'index'), coalesce(CASE type
                WHEN 'table' THEN (
                    SELECT group_concat(concerned.name || ' ' || concerned.type || concerned."notnull" || concerned.pk)
                    FROM pragma_table_info(object.name) AS concerned)
                ELSE sql END, '')
            FROM sqlite_schema AS object WHERE name NOT GLOB 'sqlite_stat*'
            """)
        defer { statement.finalize() }
        var objects: [String: Object] = [:]
        while try statement.step() {
            objects[statement.text(0)] = Object(
                form: statement.text(3), table: statement.text(1), canChangeNothing: statement.bool(2))
        }
        return objects
    }

    static func integrityProblem(of connection: SQLiteConnection) throws(StoreFailure) -> String? {
        try translatingSQLite { () throws(SQLiteError) in
            // Every page and every index: sqlite.org/pragma.html#pragma_integrity_check. It ends at the first problem.
            let result = try connection.singleText("PRAGMA integrity_check(1)") ?? "integrity_check says nothing"
            return result == "ok" ? nil : result
        }
    }

    static func foreignKeyProblem(of connection: SQLiteConnection) throws(StoreFailure) -> String? {
        let table = try translatingSQLite { () throws(SQLiteError) in
            try connection.singleText("PRAGMA foreign_key_check")
        }
        return table.map { "a row of \($0) refers to one that is not there" }
    }

    /// Which secret would be judged by something else than its token's row, or would not be found; none for none.
    static func secretProblem(of connection: SQLiteConnection) throws(StoreFailure) -> String? {
        if try Migrator.version(connection) < Schema.versionOfSecretsByNumber { return nil }
        let tokenID = try translatingSQLite { () throws(SQLiteError) in
            try connection.singleText(
                """
                SELECT token.id FROM secret JOIN token ON token.number = secret.token
                LEFT JOIN token AS live
                    ON live.number = secret.token AND live.ended_at IS NULL AND secret.dies_at IS NOT 0
                WHERE secret.number <> \(Schema.secretNumber(ofDigest: "secret.digest"))
                    OR (secret.principal, secret.token_id, secret.name, secret.scopes, secret.expires_at)
                        IS NOT (live.principal, live.id, live.name, live.scopes, live.expires_at)
                LIMIT 1
                """)
        }
        return tokenID.map { "a secret of the token \($0) says something else of it than the token does" }
    }

    /// What is wrong with the whole audit; none for nothing.
    static func chainProblem(of connection: SQLiteConnection) throws(StoreFailure) -> String? {
        guard let finding = try chain(of: connection).finding else { return nil }
        return "event \(finding.sequence) \(finding.fault.meaning)"
    }

    static func chain(of connection: SQLiteConnection) throws(StoreFailure) -> ChainCheck {
        let reader = StoreReader(ofStoreAtRest: connection)
        return try translatingSQLite { () throws(SQLiteError) in
            let ledger = try Ledger(reading: connection)
            var check = ChainCheck(
                mark: StoreState.Snapshot(sequence: ledger.sequence, head: ledger.head))
            while !check.isFinished { try reader.advance(&check) }
            return check
        }
    }
}

extension ChainCheck.Fault {
    /// What befell the event, behind its number.
    var meaning: String {
        switch self {
        case .edited: "was edited: its hash is not that of what it says"
        case .deleted: "is missing, and neither pruning nor an accepted recovery explains it"
        case .reordered: "had another number"
        case .cut: "is gone: the chain ends before it"
        case .rewritten: "has another hash than is known from elsewhere: the chain was computed anew"
        }
    }
}
