import TokenServer

/// Work on a store that no daemon serves.
enum StoreCommands {
    static let commands = [initialize]

    private static let initialize = Command(
        name: "init", summary: "Make an empty store",
        details: "It never overwrites anything. The directory is made with mode 0700 if it is not there. Run as root "
            + "for a directory that is another user's, it becomes that user first.",
        options: [.setting(.store), .configuration]
    ) { options in
        let directory = try options.source().settings().storeDirectory
        try Daemon.initialize(storeDirectory: directory)
        try Daemon.printLine("created an empty store in \(directory)\nnext: tokend serve --store \(directory)")
        return ExitCode.success.rawValue
    }
}
