import TokenClient

/// Options that several commands have.
enum TargetOptions {
    static let socket = Command.Option(
        name: "--socket", value: "PATH",
        help:
            "socket of a running daemon (default: $TOKEND_SOCKET, else \(TokenClient.Configuration.defaultSocketPath))")
    static let daemon = Command.Option(name: "--daemon", help: "start a private daemon")
    static let tokens = Command.Option(
        name: "--tokens", value: "N", help: "create N tokens to verify (default: 10,000 with --daemon)")
    static let tokensFile = Command.Option(
        name: "--tokens-file", value: "FILE", help: "verify the tokens in this file, one a line")
    /// For the details of the commands that have these.
    static let tokensDetails = """
        A daemon that runs is asked about the tokens of --tokens-file, or about --tokens N new ones, which stay in its
        store. With --daemon a private one is started beside this program, on a store that is removed at the end.
        """
    static let owner = [
        Command.Option(
            name: "--workspace", value: "WS",
            help: "workspace for new tokens, made if it is not there (default: ws_bench)"),
        Command.Option(name: "--user", value: "USER", help: "member there whose they are (default: bench)"),
    ]
    static let privateDaemon = [
        Command.Option(
            name: "--directory", value: "DIR", help: "where a private daemon's files lie meanwhile (default: /tmp)"),
        Command.Option(name: "--config", value: "FILE", help: "a private daemon's configuration (default: none)"),
    ]
}

extension Invocation {
    /// Refuses options that don't go together of which daemon is asked about which tokens, and that there are none of
    /// them where some are needed.
    func checkTokens(areNeeded: Bool = true) throws(UsageProblem) {
        if has("--tokens") && has("--tokens-file") { throw problem("--tokens and --tokens-file exclude each other") }
        if has("--daemon") {
            for option in ["--socket", "--tokens-file"] where has(option) {
                throw problem("--daemon and \(option) exclude each other")
            }
            return
        }
        for option in ["--daemon-cores", "--directory", "--config"] where has(option) {
            throw problem("\(option) goes with --daemon")
        }
        if areNeeded && !has("--tokens") && !has("--tokens-file") {
            throw problem(
                "which tokens? --tokens-file FILE, or --tokens N to create some that stay in the daemon's store; "
                    + "or --daemon to start a private one")
        }
    }

    var owner: Owner {
        var owner = Owner()
        if let workspace = value("--workspace") { owner.workspace = workspace }
        if let user = value("--user") { owner.user = user }
        return owner
    }

    /// What a private daemon is started with.
    var privateDaemon: BenchDaemon.Settings {
        var settings = BenchDaemon.Settings()
        if let directory = value("--directory") { settings.parent = directory }
        if let configuration = value("--config") { settings.configuration = configuration }
        settings.store = value("--store")
        settings.cores = value("--daemon-cores")
        return settings
    }
}
