import Glibc

/// Whether this process may connect, and else what its user lacks.
enum AccessCheck {
    private static let subject = "access"
    /// The group to which the socket belongs where all is as the package makes it.
    private static let clients = "tokend-clients"

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
                remedy: "chmod 0660 \(path), and let it belong to group \(clients)")
        }
        if AccountNames.groupsOfNextLogin.contains(status.st_gid) {
            return .problem(
                subject, "\(user) is in group \(group), but was not when this session or service began",
                remedy: "log in again, or restart the service; newgrp \(group) does for one shell")
        }
        return .problem(
            subject, "\(user) is not in group \(group), whose members may connect",
            remedy: remedy(
                path, groupID: status.st_gid, group: AccountNames.name(ofGroup: status.st_gid),
                user: AccountNames.name(ofUser: geteuid())))
    }

    /// How the user comes to the right. Nobody is told to join a group that may be for something else, as root's is, and no
    /// command is told that names somebody who has no name.
    static func remedy(_ path: String, groupID: UInt32, group: String?, user: String?) -> String {
        let byNumber = "start a container with --group-add \(groupID), a unit with SupplementaryGroups=\(groupID)"
        guard let group, groupID != 0 else {
            return groupID == 0
                ? "let the socket belong to its clients' group: chgrp \(clients) \(path)"
                : "\(byNumber); if the group is nobody's: chgrp \(clients) \(path)"
        }
        if group != clients {
            return "have \(user ?? "yourself") let into group \(group) if it is for tokend's clients; "
                + "if not, SocketGroup= of tokend.socket names the one that is"
        }
        guard let user else { return byNumber }
        return "usermod --append --groups \(group) \(user), then log in again or restart the service"
    }
}
