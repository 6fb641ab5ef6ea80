import Glibc
import TokenClient

extension Command {
    static let defaultSocket = TokenClient.Configuration.defaultSocketPath
}

extension Invocation {
    /// A client of the daemon that the options name, without a credential.
    func anonymousClient() throws -> TokenClient {
        try TokenClient(configuration())
    }

    /// A client that acts for whom the options name, else for the token of the login.
    func client() throws -> TokenClient {
        var configuration = try configuration()
        configuration.credential = try credential()
        // Naming a user is the operator's right, on the operator's socket; elsewhere a service's that was given it.
        let operatorPath = configuration.operatorSocketPath
        if has("--as") && !has("--socket") && access(operatorPath, R_OK | W_OK) == 0 {
            configuration.socketPath = operatorPath
        }
        return try TokenClient(configuration)
    }

    /// The same, for a question that is answered without a caller too, if less fully: so where nobody is logged in, and
    /// where the login's token has ended.
    func askWithOptionalCredential<Answer>(_ ask: (TokenClient) throws -> Answer) throws -> Answer {
        if callsByLogin && !has("--workspace") && !TokenFile.standard.exists { return try ask(anonymousClient()) }
        do {
            return try ask(client())
        } catch let error as TokenError where error.code == .unauthenticated && callsByLogin {
            Terminal.remark("tokenctl: your login does not verify any more; this is what everybody is told")
            return try ask(anonymousClient())
        }
    }

    /// A client on the operator's socket, which lies beside the daemon's.
    func operatorClient() throws -> TokenClient {
        var configuration = try configuration()
        configuration.socketPath = configuration.operatorSocketPath
        return try TokenClient(configuration)
    }

    /// The file of the caller's own token: what `--token-file` names, else that of the login.
    var tokenFile: TokenFile { value("--token-file").map(TokenFile.init(path:)) ?? .standard }

    /// Whether it is the login's token that the daemon refuses when it refuses one.
    var callsByLogin: Bool {
        command.caller == .principal && !["--as", "--token-file", "--leaked", "--host"].contains(where: has)
    }

    /// The socket that the options name for the command.
    var socketPath: String {
        var configuration = TokenClient.Configuration.fromEnvironment()
        if let socket = value("--socket") { configuration.socketPath = socket }
        return command.caller == .operator ? configuration.operatorSocketPath : configuration.socketPath
    }

    private func configuration() throws(UsageProblem) -> TokenClient.Configuration {
        var configuration = TokenClient.Configuration.fromEnvironment()
        if let socket = value("--socket") { configuration.socketPath = socket }
        if let userID = try serverUserID() { configuration.trustedServerUserIDs.insert(userID) }
        if let timeout = try duration("--timeout") { configuration.callTimeout = timeout }
        // A person waits in front of it: a daemon that is down should be named soon.
        configuration.connectTimeout = .seconds(1)
        return configuration
    }

    /// Whom `--server-user` or the environment names. That widens whom secrets are sent to, so that the variable counts
    /// no more than `TOKEND_SOCKET` does in a process with more rights than whoever started it.
    private func serverUserID() throws(UsageProblem) -> UInt32? {
        let variable = "TOKEND_SERVER_USER"
        let given = value("--server-user").map { ("--server-user", $0) }
        guard let (source, name) = given ?? secureEnvironment(variable).map({ (variable, $0) }), !name.isEmpty
        else { return nil }
        guard let userID = UInt32(name) ?? AccountNames.userID(named: name) else {
            throw problem("\(source) “\(name)” is no user of this host")
        }
        return userID
    }

    private func credential() throws -> Credential {
        if let user = value("--as") {
            guard let workspace = value("--workspace") else {
                throw problem("--as needs --workspace, the workspace in which the user is a member")
            }
            try checkExclusive("--as", "--token-file")
            return .delegate(user: user, workspace: workspace)
        }
        if has("--workspace") { throw problem("--workspace goes with --as") }
        return .bearer(try login().read())
    }

    /// The file of the caller's own token, which there has to be.
    func login() throws(Problem) -> TokenFile {
        if tokenFile.exists { return tokenFile }
        throw has("--token-file")
            ? .system(tokenFile.path, .notPermitted)
            : Problem(
                message: "not logged in: run tokenctl login, or name a token with --token-file, "
                    + "or a user with --as and --workspace",
                exitCode: .notPermitted)
    }
}

extension TokenClient.Configuration {
    /// The operator's socket, which lies beside the daemon's.
    fileprivate var operatorSocketPath: String {
        guard let slash = socketPath.lastIndex(of: "/") else { return "operator.sock" }
        return socketPath[...slash] + "operator.sock"
    }
}
