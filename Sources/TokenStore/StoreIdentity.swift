/// The one row that says which store this is.
struct StoreIdentity {
    let id: StoreID
    let cursorKey: [UInt8]

    init(id: StoreID, cursorKey: [UInt8]) {
        self.id = id
        self.cursorKey = cursorKey
    }

    init(reading connection: SQLiteConnection, path: String) throws(StoreFailure) {
        let found = try translatingSQLite { () throws(SQLiteError) -> (StoreID?, [UInt8])? in
            let statement = try connection.statement("SELECT id, cursor_key FROM store")
            guard try statement.step() else { return nil }
            defer { statement.reset() }
            return (StoreID(bytes: statement.blob(0)), statement.blob(1))
        }
        guard let found, let id = found.0 else { throw .foreignFile(path: path) }
        self.init(id: id, cursorKey: found.1)
    }
}
