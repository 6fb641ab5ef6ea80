import Glibc
import TokenClient

/// Whether the daemon answers, serves, and is of this version.
struct DaemonCheck {
    private(set) var findings: [Finding] = []
    private(set) var isReached = false
    /// What only the host's operator is told.
    private(set) var details: ServerStatus.Details?
    /// The times of this process before and after the daemon was asked.
    private(set) var asked = Timestamp.now...Timestamp.now

    private static let subject = "daemon"

    /// It answers, if only by the operator's socket.
    var isThere: Bool { isReached || details != nil }

    init(client: TokenClient, operator: TokenClient, socket: SocketCheck) {
        guard socket.isUsable else {
            let before = Timestamp.now
            details = (try? `operator`.status())?.details
            asked = before...max(before, .now)
            return
        }
        do throws(TokenError) {
            let health = try client.health()
            isReached = true
            let before = Timestamp.now
            let status = try client.status()
            var lack: [Finding] = []
            do throws(TokenError) {
                details = try `operator`.status().details
            } catch {
                // Who may not open the operator's socket does without.
                if Self.isOperator(of: socket) { lack = [Self.operatorFinding(error)] }
            }
            asked = before...max(before, .now)
            findings =
                [
                    Self.finding(
                        isServing: health == .serving && status.isReady, version: status.version,
                        reason: status.notReadyReason, processID: details?.processID)
                ] + lack + Self.findings(ofHindrance: details?.hindrance) + Self.findings(ofVersion: status.version)
        } catch {
            findings = [
                error.code == .deadlineExceeded
                    ? .problem(
                        Self.subject, "\(socket.path) takes calls, and nobody answers them",
                        remedy: "wait if it is starting; else its log says why: journalctl -u tokend")
                    : .problem(Self.subject, saying: error.message)
            ]
        }
    }

    private static func operatorFinding(_ error: TokenError) -> Finding {
        var finding = Finding.problem("operator", saying: error.message)
        finding.remedy = "systemctl start tokend-operator.socket; without systemd start tokend anew"
        return finding
    }

    /// Root, and whom the daemon runs as.
    private static func isOperator(of socket: SocketCheck) -> Bool {
        geteuid() == 0 || FileFacts(socket.path)?.userID == geteuid()
    }

    static func finding(isServing: Bool, version: String, reason: String?, processID: UInt32?) -> Finding {
        if isServing { return .ok(subject, "tokend \(version) serves" + (processID.map { ", process \($0)" } ?? "")) }
        return .problem(
            subject, "tokend \(version) answers and does not serve: \(reason ?? "it says not why")",
            remedy: "wait if it is starting or stopping; else its log says why: journalctl -u tokend")
    }

    static func findings(ofHindrance hindrance: String?) -> [Finding] {
        hindrance.map { [.problem("changes", saying: $0)] } ?? []
    }

    static func findings(ofVersion version: String, own: String = TokenClient.version) -> [Finding] {
        if version == own { return [] }
        return [
            .warning(
                "version", "the daemon is tokend \(version), and this is tokenctl \(own)",
                remedy:
                    "install both of one version; after an upgrade restart the daemon: systemctl restart tokend"
            )
        ]
    }
}
