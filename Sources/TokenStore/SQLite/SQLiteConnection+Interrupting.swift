import CSQLite

extension SQLiteConnection {
    /// Some hundred rows.
    private static let instructionCountBetweenQuestions: Int32 = 1_000

    /// Runs a statement that takes long, and ends it with SQLITE_INTERRUPT once `mayGoOn` says no.
    func interrupting(
        unless mayGoOn: @escaping () -> Bool, _ body: () throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        let question = Question(mayGoOn)
        // SQLite calls it on this thread, inside the statement (sqlite.org/c3ref/progress_handler.html), so that the
        // question outlives every call.
        sqlite3_progress_handler(
            handle, Self.instructionCountBetweenQuestions,
            { context in
                guard let context else { return 0 }
                return Unmanaged<Question>.fromOpaque(context).takeUnretainedValue().mayGoOn() ? 0 : 1
            }, Unmanaged.passUnretained(question).toOpaque())
        defer {
            sqlite3_progress_handler(handle, 0, nil, nil)
            withExtendedLifetime(question) {}
        }
        try body()
    }

    private final class Question {
        let mayGoOn: () -> Bool

        init(_ mayGoOn: @escaping () -> Bool) {
            self.mayGoOn = mayGoOn
        }
    }
}

extension SQLiteError {
    /// `interrupting` has ended the statement.
    var isInterruption: Bool { code == SQLITE_INTERRUPT }
}
