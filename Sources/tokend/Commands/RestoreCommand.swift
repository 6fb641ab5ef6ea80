import TokenServer

/// `tokend restore`: a store of a copy.
enum RestoreCommand {
    static let command = Command(
        name: "restore", summary: "Make a store of a copy that tokenctl backup made",
        details: """
            It works when no daemon has the store: in an empty place, or in place of the store that is there, whose \
            database is kept beside the new one. A store that was made and never used gives way to a copy of any \
            other. The copy is checked first, whole. One that lacks events which had been committed here would bring \
            back to life what was revoked since: it is refused until you say what shall become of the tokens. Cut short \
            at any moment, it leaves the old store or the new one, whole.

            The database that was replaced, tokend.db.replaced- and the time, stays until you remove it: do so when \
            tokens verify as they should. tokend check names those that are there.

            Under systemd stop the sockets too, or the next connection starts the daemon: systemctl stop tokend.socket \
            tokend-operator.socket tokend.service.

            It may wait ten seconds, for as long as clients may believe an epoch page that is lost. Run as root for a \
            directory that is another user's, it becomes that user first.
            """,
        operands: [.init(name: "FILE", help: "the copy")],
        options: [.setting(.store), .acceptRollback, .revokeAll, .keepTokens, .pageSocket, .configuration],
        examples: [
            "tokend restore copy.db --store /var/lib/tokend",
            "tokend restore copy.db --store /var/lib/tokend --accept-rollback 1234 --revoke-all",
        ]
    ) { options in
        let sequence = try options.acceptedSequence()
        let revokesTokens = try options.revokesTokens(isRequired: sequence != nil)
        let report = try Daemon.restore(
            options.operands[0], try options.source().load(), acceptingRollbackTo: sequence,
            revokesTokens: revokesTokens, note: Main.remark)
        try Daemon.printLine(report.text)
        return ExitCode.success.rawValue
    }
}

extension Command.Option {
    static let acceptRollback = Self(
        name: "--accept-rollback", value: "SEQ",
        help: "go on with what ends at event SEQ, though later ones had been committed")
    static let revokeAll = Self(name: "--revoke-all", help: "revoke every token that is live in it")
    static let keepTokens = Self(
        name: "--keep-tokens", help: "keep its tokens, those too that had been revoked by the events that are missing")
}

extension Options {
    func acceptedSequence() throws(UsageProblem) -> Int64? {
        guard let text = value(.acceptRollback) else { return nil }
        if let sequence = Int64(text), sequence > 0 { return sequence }
        throw problem("--accept-rollback takes the number of an event, from 1, not “\(text)”")
    }

    /// What is to become of tokens that may be alive though they were revoked: nobody but the operator can say.
    func revokesTokens(isRequired: Bool) throws(UsageProblem) -> Bool {
        let (revokes, keeps) = (isGiven(.revokeAll), isGiven(.keepTokens))
        if revokes && keeps { throw problem("--revoke-all and --keep-tokens exclude each other") }
        if isRequired && !revokes && !keeps {
            throw problem(
                "--accept-rollback needs --revoke-all, to end every token, or --keep-tokens, to keep those too that were "
                    + "revoked")
        }
        return revokes
    }
}
