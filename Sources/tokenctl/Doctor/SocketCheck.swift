import Glibc
import TokenClient

/// The socket's file, and whether this process may open it.
struct SocketCheck {
    let path: String
    let findings: [Finding]
    /// Whether it makes sense to connect.
    let isUsable: Bool
    /// Whether there is nothing at the place where a daemon of this host has its socket unless told otherwise.
    let isMissingByDefault: Bool

    private static let subject = "socket"
    private static let expectedMode: UInt32 = 0o660

    /// `operator` is the client of the operator's socket: it tells whether there is a daemon where there is no socket.
    init(path: String, operator: TokenClient, trusted: Set<UInt32>) {
        self.path = path
        isMissingByDefault = path == Command.defaultSocket && access(path, F_OK) != 0 && errno == ENOENT
        guard let file = FileFacts(path) else {
            findings = [Self.missing(path, errno, `operator`)]
            isUsable = false
            return
        }
        let access = file.kind == .socket || file.kind == .link ? AccessCheck.finding(path) : nil
        findings = Self.findings(path, file, trusted) + (access.map { [$0] } ?? [])
        isUsable = access?.level == .ok
    }

    private static func missing(_ path: String, _ code: Int32, _ operator: TokenClient) -> Finding {
        switch code {
        case EACCES:
            return .problem(
                subject, "\(path) is in a directory that you may not enter",
                remedy:
                    "let everybody pass, the socket's mode says who connects: chmod o+x on the directories above it"
            )
        case ENOTDIR:
            return .problem(
                subject, "\(path) is below something that is no directory", remedy: anotherPath)
        case ENOENT where (try? `operator`.health()) != nil:
            return .problem(
                subject, "\(path) does not exist, and tokend runs",
                remedy:
                    "restart tokend: its socket is gone. With systemd: "
                    + "systemctl restart tokend.socket tokend-operator.socket tokend.service"
            )
        default:
            return .problem(
                subject, "\(path) does not exist",
                remedy:
                    "start tokend (systemctl start tokend), or \(anotherPath); a container needs its directory mounted"
            )
        }
    }

    private static let anotherPath = "name the daemon's socket with --socket or TOKEND_SOCKET"

    /// What is in a socket's place may go. Any other file is likely to be somebody's, and the name a slip.
    private static func removal(of path: String) -> String {
        path == Command.defaultSocket || path.hasSuffix(".sock") ? ", or remove it and start tokend" : ""
    }

    private static func findings(_ path: String, _ file: FileFacts, _ trusted: Set<UInt32>)
        -> [Finding]
    {
        switch file.kind {
        case .socket: [found(path, file, trusted)]
        case .link: [link(path)]
        case .directory:
            [
                .problem(
                    subject, "\(path) is a directory",
                    remedy:
                        "\(anotherPath)\(removal(of: path)). A container runtime makes a directory where a socket to "
                        + "mount was missing: mount the socket's directory instead")
            ]
        case .regular, .other:
            [
                .problem(
                    subject, "\(path) is not a socket",
                    remedy: anotherPath + removal(of: path))
            ]
        }
    }

    private static func link(_ path: String) -> Finding {
        guard let target = realpath(path, nil) else {
            return .problem(
                subject, "\(path) is a link that leads nowhere", remedy: anotherPath + removal(of: path))
        }
        defer { free(target) }
        return .warning(
            subject, "\(path) is a link, beside which there is no page of the epochs",
            remedy: "name what it leads to: \(String(cString: target))")
    }

    private static func found(_ path: String, _ file: FileFacts, _ trusted: Set<UInt32>) -> Finding {
        let description =
            "\(path) belongs to \(AccountNames.user(file.userID)) and group "
            + "\(AccountNames.group(file.groupID)), mode \(file.mode)"
        if !trusted.contains(file.userID) {
            return .problem(
                subject, description,
                remedy:
                    "it should be root's, yours or the user tokend's: find out who made it before you send it a token; "
                    + "if the daemon runs as that user, name it by --server-user"
            )
        }
        if file.permissions & 0o006 != 0 {
            return .warning(
                subject, "\(description): everybody on this host may connect", remedy: "chmod 0660 \(path)")
        }
        if file.permissions & expectedMode != expectedMode {
            return .warning(
                subject, "\(description): its group may not connect", remedy: "chmod 0660 \(path)")
        }
        return .ok(subject, description)
    }
}

/// The operator's socket: whoever can open it may do everything.
enum OperatorSocketCheck {
    static func findings(_ path: String) -> [Finding] {
        guard let file = FileFacts(path), file.kind == .socket, file.permissions & 0o077 != 0 else { return [] }
        return [
            .problem(
                "operator", "\(path) has mode \(file.mode): others than root and the daemon's user can open it",
                remedy: "chmod 0600 \(path), and restart tokend, so that whoever is connected is not any more")
        ]
    }
}
