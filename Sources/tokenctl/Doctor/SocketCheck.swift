import Glibc
import TokenClient

/// The socket's file, and whether this process may open it.
struct SocketCheck {
    let path: String
    let findings: [Finding]
    /// Whether it makes sense to connect.
    let isUsable: Bool

    private static let subject = "socket"
    private static let expectedMode: UInt32 = 0o660

    init(path: String, trusted: Set<UInt32>) {
        self.path = path
        guard let file = FileFacts(path) else {
            findings = [Self.missing(path, errno)]
            isUsable = false
            return
        }
        let access = file.kind == .socket || file.kind == .link ? AccessCheck.finding(path) : nil
        findings = Self.findings(path, file, trusted) + (access.map { [$0] } ?? [])
        isUsable = access?.level == .ok
    }

    private static func missing(_ path: String, _ code: Int32) -> Finding {
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
        default:
            return .problem(
                subject, "\(path) does not exist",
                remedy:
                    "start tokend (systemctl start tokend), or \(anotherPath); a container needs its directory mounted"
            )
        }
    }

    private static let anotherPath = "name the daemon's socket with --socket or TOKEND_SOCKET"

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
                        "remove it and start tokend; a container runtime makes it where a socket to mount was missing: "
                        + "mount the socket's directory instead")
            ]
        case .regular, .other:
            [
                .problem(
                    subject, "\(path) is not a socket",
                    remedy: "remove it and start tokend, or \(anotherPath)")
            ]
        }
    }

    private static func link(_ path: String) -> Finding {
        guard let target = realpath(path, nil) else {
            return .problem(
                subject, "\(path) is a link that leads nowhere", remedy: "remove it, or \(anotherPath)")
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
                    "it should be root's, yours or the user tokend's: find out who made it before you send it a token"
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

/// Whether this process may connect, and else what its user lacks.
enum AccessCheck {
    private static let subject = "access"

    static func finding(_ path: String) -> Finding? {
        var status = stat()
        // What a link leads to is what counts.
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
        let user = AccountNames.user(geteuid())
        if access(path, R_OK | W_OK) == 0 { return .ok(subject, "\(user) may connect") }
        let group = AccountNames.group(status.st_gid)
        if status.st_mode & (S_IRGRP | S_IWGRP) != S_IRGRP | S_IWGRP
            || AccountNames.ownGroups.contains(status.st_gid)
        {
            return .problem(
                subject, "\(user) may not connect: the socket's mode lets its owner alone",
                remedy: "chmod 0660 \(path), and let it belong to group tokend-clients")
        }
        if AccountNames.groupsOfNextLogin.contains(status.st_gid) {
            return .problem(
                subject, "\(user) is in group \(group), but was not when this session or service began",
                remedy: "log in again, or restart the service; newgrp \(group) does for one shell")
        }
        return .problem(
            subject, "\(user) is not in group \(group), whose members may connect",
            remedy: "usermod --append --groups \(group) \(user), then log in again or restart the service"
        )
    }
}
