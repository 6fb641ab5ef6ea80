import TokenClient

/// Options that several commands have.
enum TargetOptions {
    static let socket = Command.Option(
        name: "--socket", value: "PATH",
        help:
            "socket of a running daemon (default: $TOKEND_SOCKET, else \(TokenClient.Configuration.defaultSocketPath))")
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
    var owner: Owner {
        var owner = Owner()
        if let workspace = value("--workspace") { owner.workspace = workspace }
        if let user = value("--user") { owner.user = user }
        return owner
    }

    /// What a private daemon is started with.
    var privateDaemon: PrivateDaemon.Settings {
        var settings = PrivateDaemon.Settings()
        if let directory = value("--directory") { settings.parent = directory }
        if let configuration = value("--config") { settings.configuration = configuration }
        settings.store = value("--store")
        settings.cores = value("--daemon-cores")
        return settings
    }
}
