internal import Glibc
internal import LinuxIO

/// Makes connections, and only to whom they may be made.
enum Connector {
    /// One attempt, which never waits.
    static func connect(_ settings: ChannelSettings) -> ConnectResult {
        // The constants are enums in Glibc's module.
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let raw = socket(AF_UNIX, type, 0)
        if raw < 0 { return .notNow("\(SystemError.last("socket")); nothing was sent") }
        let connection = Connection(owning: FileDescriptor(owning: raw))
        if settings.address.withSocketAddress({ Glibc.connect(raw, $0, $1) }) != 0 {
            let code = errno
            return failure(code, path: settings.address.path)
        }
        if let problem = distrust(connection, settings) { return .refused(.untrustedServer(problem)) }
        return .connected(connection)
    }

    /// What connect(2) failed with, as unix(7) and connect(2) explain it.
    private static func failure(_ code: Int32, path: String) -> ConnectResult {
        switch code {
        case ENOENT:
            .notNow("\(path) does not exist; start tokend, or name another socket")
        case ECONNREFUSED:
            .notNow("nobody listens on \(path); start tokend")
        case EAGAIN:
            // A blocking connect(2) would wait here, and for as long as the daemon leaves its backlog full.
            .notNow("the backlog of \(path) is full: tokend is overloaded or hangs")
        case EINTR:
            .notNow("connect to \(path) was interrupted")
        case EACCES, EPERM:
            .refused(.connectionFailed("\(path): permission denied; \(whoMayConnect(path))"))
        case EPROTOTYPE, ENOTSOCK, ENOTDIR, ELOOP:
            .refused(.connectionFailed("\(path) is not a stream socket; name another socket"))
        default:
            .refused(.connectionFailed(SystemError("connect to \(path)", code: code).description))
        }
    }

    private static func whoMayConnect(_ path: String) -> String {
        var status = stat()
        if stat(path, &status) != 0 { return "a directory above it may not be entered" }
        if status.st_mode & 0o060 == 0 || path.hasSuffix("/operator.sock") {
            return "it is for the host's operator: be root, or the user that the daemon runs as"
        }
        if status.st_gid == 0 { return "have it belong to a group of its clients, which root's is not" }
        let group = Accounts.groupName(status.st_gid) ?? String(status.st_gid)
        return "join the socket's group, \(group), if it is for tokend's clients"
    }

    /// Why the process at the other end must not be sent a secret; nil if it may be.
    private static func distrust(_ connection: Connection, _ settings: ChannelSettings) -> String? {
        let path = settings.address.path
        // The kernel shows a uid that this user namespace doesn't have as 65534: that could be anybody.
        let trusted = settings.trustedUserIDs.subtracting([65_534])
        do throws(SystemError) {
            let userID = try PeerCredentials(ofSocket: connection.rawValue).userID
            guard trusted.contains(userID) else {
                return "uid \(userID) listens on \(path), which is none of the trusted \(trusted.sorted()); "
                    + "nothing was sent; stop that process, or set trustedServerUserIDs"
            }
        } catch {
            return "\(path): the process that listens there is not known (\(error)); nothing was sent"
        }
        return distrust(directory: TrustedPath.parent(of: path), trusted)
    }

    /// Why somebody else may have put the socket in its place; nil if nobody can have.
    private static func distrust(directory: String, _ trusted: Set<UInt32>) -> String? {
        var problem = "\(directory) has no owner that is trusted"
        for userID in trusted.sorted() {
            do throws(TrustedPath.Violation) {
                try TrustedPath.check(directory: directory, userID: userID)
                return nil
            } catch {
                problem = error.description
            }
        }
        return problem + "; nothing was sent"
    }
}
