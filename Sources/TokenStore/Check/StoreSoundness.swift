import TokenCore

/// Whether what a database holds can be what a daemon wrote. For a store at rest.
enum StoreSoundness {
    /// What SQLite finds wrong with it; none for nothing.
    static func problem(of connection: SQLiteConnection) throws(StoreFailure) -> String? {
        if let problem = try integrityProblem(of: connection) { return problem }
        return try foreignKeyProblem(of: connection)
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
