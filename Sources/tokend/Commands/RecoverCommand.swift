import TokenServer

/// `tokend recover`: what takes the host's hand.
enum RecoverCommand {
    static let command = Command(
        name: "recover", summary: "Mend a store that is not served: a lost admin, a rollback, a wrong clock",
        details: """
            It mends what a daemon can't, in a store that none has, one thing at a time: give --admin, --accept-rollback \
            or --clock. What it does is in the audit.

            With --admin it makes a new token for the user, an active tenant administrator of the workspace, and revokes \
            all others that the user has there, because the lost one is among them. Where the workspace has no \
            active administrator left, the user becomes one. The secret is printed once.

            With --accept-rollback it goes on with a store that lacks its newest changes, because it is an older copy or \
            has lost its -wal file. With --clock it lets go of a time that a wrong clock has had for so long that it \
            was believed; the clock has to be right now.

            Under systemd stop the sockets too, or the next connection starts the daemon: systemctl stop tokend.socket \
            tokend-operator.socket tokend.service.

            It may wait ten seconds, for as long as clients may believe an epoch page that is lost. Run as root for a \
            directory that is another user's, it becomes that user first.
            """,
        options: [
            admin, workspace, outputFile, .acceptRollback, .revokeAll, .keepTokens, clock, .setting(.store),
            .pageSocket,
            .configuration,
        ],
        examples: [
            "tokend recover --admin ann --workspace ws_example --output-file ann.token",
            "tokend recover --accept-rollback 1234 --revoke-all", "tokend recover --clock",
        ]
    ) { options in
        let recovery = try recovery(options)
        let configuration = try options.source().load()
        Main.remark(
            try Daemon.recover(recovery, configuration, secretFile: options.value(outputFile), note: Main.remark))
        return ExitCode.success.rawValue
    }

    private static let admin = Command.Option(
        name: "--admin", value: "USER", help: "make a new token for this administrator")
    private static let workspace = Command.Option(
        name: "--workspace", value: "WS", help: "the workspace whose administrator it is")
    private static let outputFile = Command.Option(
        name: "--output-file", value: "FILE", help: "a new file for the secret, which is else printed")
    private static let clock = Command.Option(name: "--clock", help: "believe the clock, whatever it was before")

    private static func recovery(_ options: Options) throws(UsageProblem) -> Recovery {
        let sequence = try options.acceptedSequence()
        let asked = [options.value(admin) != nil, sequence != nil, options.isGiven(clock)].count { $0 }
        if asked != 1 { throw options.problem("give one of --admin, --accept-rollback and --clock") }
        let revokesTokens = try options.revokesTokens(isRequired: sequence != nil)
        if sequence == nil && (revokesTokens || options.isGiven(.keepTokens)) {
            throw options.problem("--revoke-all and --keep-tokens go with --accept-rollback")
        }
        guard let user = options.value(admin) else {
            if options.value(workspace) != nil || options.value(outputFile) != nil {
                throw options.problem("--workspace and --output-file go with --admin")
            }
            return sequence.map { .rollback(sequence: $0, revokesTokens: revokesTokens) } ?? .clock
        }
        guard let id = options.value(workspace) else {
            throw options.problem("--admin needs --workspace, the workspace whose administrator it is")
        }
        // As tokenctl has it. What other programs take for their standard output would be a file of that name.
        if options.value(outputFile) == "-" {
            throw options.problem("“-” is no name of a file here: leave out --output-file for standard output")
        }
        return .admin(userID: user, workspaceID: id)
    }
}
