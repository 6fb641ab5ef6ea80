import TokenServer

/// One thing that tokend does.
struct Command: Sendable {
    let name: String
    /// What the list of commands says of it.
    let summary: String
    /// What `tokend NAME --help` prints.
    let help: String
    /// What stands without a dash, all of it needed.
    var operands: [String] = []
    /// Options with a value, besides `--config`.
    let options: [String]
    /// Options without a value.
    var flags: [String] = []
    /// Returns the exit code.
    let run: @Sendable (Options) throws -> Int32
}

extension Command {
    static let all = [initialize, serve]

    static func named(_ name: String) throws(UsageProblem) -> Command {
        if let command = all.first(where: { $0.name == name }) { return command }
        let names = all.map(\.name)
        let list = "\(names.dropLast().joined(separator: ", ")) and \(names.last ?? "")"
        throw UsageProblem(message: "there is no command “\(name)”; there are \(list)")
    }

    private static let initialize = Command(
        name: "init", summary: "make an empty store", help: Help.initialize, options: ["--store"]
    ) { options in
        let directory = try options.source().settings().storeDirectory
        try Daemon.initialize(storeDirectory: directory)
        print("created an empty store in \(directory)\nnext: tokend serve --store \(directory)")
        return 0
    }

    private static let serve = Command(
        name: "serve", summary: "serve a store until SIGTERM", help: Help.serve,
        options: ["--store", "--socket", "--event-loops"], flags: ["--check-config"]
    ) { options in
        let source = try options.source()
        let configuration = try source.load()
        return options.isGiven("--check-config") ? 0 : try Daemon.serve(configuration, from: source)
    }
}
