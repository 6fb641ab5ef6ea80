import Glibc

/// What systemd says of the daemon's unit.
enum UnitCheck {
    private static let subject = "unit"

    /// The same words whoever asks: nothing of them comes from outside.
    private static let command = """
        command -v systemctl >/dev/null && exec systemctl show tokend.service tokend.socket \
        --property=LoadState,ActiveState,UnitFileState,Result,ExecMainStatus 2>/dev/null
        """

    static func findings(isReached: Bool) -> [Finding] {
        guard let units = answer(), let service = units.first else { return [] }
        return findings(service, socket: units.dropFirst().first ?? [:], isReached: isReached)
    }

    /// The properties of both units; nil without systemd, or when it does not answer.
    private static func answer() -> [[String: String]]? {
        guard let stream = popen(command, "re") else { return nil }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while text.count < 1 << 16, case let count = fread(&buffer, 1, buffer.count, stream), count > 0 {
            text += buffer.prefix(count)
        }
        if pclose(stream) != 0 { return nil }
        return String(decoding: text, as: UTF8.self).split(separator: "\n\n").map(properties)
    }

    private static func properties(_ lines: Substring) -> [String: String] {
        let pairs = lines.split(separator: "\n").map {
            $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        }
        return Dictionary(
            pairs.filter { $0.count == 2 }.map { (String($0[0]), String($0[1])) }, uniquingKeysWith: { $1 })
    }

    private static func findings(
        _ unit: [String: String], socket: [String: String], isReached: Bool
    ) -> [Finding] {
        guard unit["LoadState"] != "not-found" else {
            return isReached
                ? [.ok(subject, "tokend.service is not installed: somebody else looks after the daemon")]
                : [
                    .problem(
                        subject, "tokend.service is not installed",
                        remedy: "install the package tokend, or start the daemon yourself: tokend serve")
                ]
        }
        return [state(unit, isReached: isReached)] + enabled(unit, socket)
    }

    private static func state(_ unit: [String: String], isReached: Bool) -> Finding {
        let active = unit["ActiveState"] ?? "unknown"
        switch active {
        case "active", "reloading":
            return .ok(subject, "tokend.service is \(active)")
        case "failed":
            let end = DaemonExit(unit)
            return .problem(subject, "tokend.service has failed: \(end.meaning)", remedy: end.remedy)
        case "activating":
            let end = DaemonExit(unit)
            let reason = end.code == 0 ? "" : "; last it ended with \(end.meaning)"
            return .warning(
                subject, "tokend.service is starting\(reason)",
                remedy: end.code == 0 ? "wait, and look again" : end.remedy)
        default:
            if isReached { return .ok(subject, "tokend.service is \(active): another daemon answers") }
            return .problem(subject, "tokend.service is \(active)", remedy: "systemctl start tokend")
        }
    }

    /// Either of the two is enough: the socket starts the service at the first connection.
    private static func enabled(_ unit: [String: String], _ socket: [String: String]) -> [Finding] {
        let isOff = unit["UnitFileState"] == "disabled" && socket["UnitFileState"] != "enabled"
        guard unit["ActiveState"] == "active", isOff else { return [] }
        return [
            .warning(
                subject, "neither tokend.service nor tokend.socket is enabled: after a boot the daemon is not there",
                remedy: "systemctl enable tokend.socket tokend.service")
        ]
    }
}

/// How the daemon last ended, after sysexits(3): tokend(8) has the same list.
struct DaemonExit {
    let code: Int
    private let result: String

    init(_ unit: [String: String]) {
        code = unit["ExecMainStatus"].flatMap { Int($0) } ?? 0
        result = unit["Result"] ?? "unknown"
    }

    private var known: (meaning: String, remedy: String)? {
        switch code {
        case 64: ("its command line is wrong", "correct ExecStart: systemctl cat tokend")
        case 70: ("a fault of tokend", "report it with its log: journalctl -u tokend")
        case 71: ("the system refused something", "look at limits and memory: journalctl -u tokend")
        case 74:
            (
                "the store's disk failed",
                "look at the disk: journalctl -k, df; then systemctl restart tokend"
            )
        case 75:
            (
                "another process has the store",
                "stop that one; its pid is in the log: journalctl -u tokend"
            )
        case 77: ("not permitted", "look at the owner of the store: journalctl -u tokend")
        case 78:
            (
                "store, socket or configuration is wrong",
                "journalctl -u tokend says which; tokend serve --check-config, then systemctl restart tokend"
            )
        default: nil
        }
    }

    var meaning: String {
        switch result {
        case "signal", "core-dump": "signal \(code)"
        case "watchdog", "timeout", "oom-kill", "resources", "start-limit-hit", "protocol": result
        default: "exit code \(code)" + (known.map { ", \($0.meaning)" } ?? "")
        }
    }

    var remedy: String {
        let isCode = meaning.hasPrefix("exit code")
        return (isCode ? known?.remedy : nil) ?? "its log says why: journalctl -u tokend"
    }
}
