import Glibc

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
