import TokenClient

/// `tokenctl doctor`: looks at whatever could keep a service from using tokend, and says what to do.
enum DoctorCommand {
    static let commands = [command]

    private static let command = Command(
        path: ["doctor"], caller: .nobody,
        summary: "Find out what keeps tokend from working here, and what to do about it",
        details: """
            It looks at the socket, your right to open it, the daemon, its unit, its store, the page by which services \
            learn of revocations, the clocks and your login, and changes nothing. Run it as the user who has the trouble; \
            root sees more of the daemon, and nothing of another user's rights. It ends with 1 when there is a problem.
            """,
        options: [
            .tokenFile,
            .init(
                name: "--store", value: "DIR",
                help: "the daemon's store (default: the daemon's, else the configuration's)",
                completion: .file),
        ],
        examples: ["tokenctl doctor", "sudo -u www-data tokenctl doctor --json"]
    ) { invocation in
        let findings = try findings(invocation)
        invocation.report(json(findings), text(findings))
        return findings.contains { $0.level == .problem } ? .negative : .success
    }

    private static func findings(_ invocation: Invocation) throws -> [Finding] {
        let (client, host) = (try impatient(invocation.anonymousClient()), try impatient(invocation.operatorClient()))
        let socket = SocketCheck(
            path: client.configuration.socketPath, operator: host,
            trusted: client.configuration.trustedServerUserIDs)
        let daemon = DaemonCheck(client: client, operator: host, socket: socket)
        let login = LoginCheck(
            file: invocation.tokenFile, isNamed: invocation.has("--token-file"),
            client: daemon.isReached ? client : nil)
        return socket.findings + OperatorSocketCheck.findings(host.configuration.socketPath) + daemon.findings
            + UnitCheck.findings(isReached: daemon.isThere)
            + StoreCheck(named: invocation.value("--store"), daemon: daemon, socket: socket).findings
            + (daemon.isReached ? PageCheck.findings(client) : [])
            + (daemon.details.map { ClockCheck($0, around: daemon.asked).findings } ?? []) + login.findings
    }

    /// A client that tries once: a daemon that is not there is what doctor is asked about, and not to be waited for.
    private static func impatient(_ client: TokenClient) throws -> TokenClient {
        var configuration = client.configuration
        configuration.connectTimeout = .zero
        return try TokenClient(configuration)
    }

    private static func count(_ level: Finding.Level, in findings: [Finding]) -> Int {
        findings.filter { $0.level == level }.count
    }

    private static func json(_ findings: [Finding]) -> JSON {
        .object([
            ("findings", .array(findings.map(\.json))),
            ("problems", .count(count(.problem, in: findings))),
            ("warnings", .count(count(.warning, in: findings))),
        ])
    }

    private static func text(_ findings: [Finding]) -> String {
        let width = findings.map(\.subject.count).max() ?? 0
        let counts = [
            (count(.problem, in: findings), "problem"), (count(.warning, in: findings), "warning"),
        ]
        let summary = counts.filter { $0.0 > 0 }.map { counted($0.0, $0.1) }
        let lines = findings.flatMap { $0.lines(subjectWidth: width) }
        return (lines + ["", summary.isEmpty ? "nothing is wrong" : summary.joined(separator: ", ")])
            .joined(separator: "\n")
    }
}
