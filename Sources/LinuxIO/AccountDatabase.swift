import Glibc

/// The host's users and groups, from /etc/passwd, /etc/group and whatever else nsswitch.conf(5) names. It may wait.
package enum AccountDatabase {
    /// None when there is no such user. See getpwnam_r(3).
    package static func userID(named name: String) throws(SystemError) -> UInt32? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        try lookUp("getpwnam_r") { getpwnam_r(name, &entry, $0, $1, &found) }
        return found == nil ? nil : entry.pw_uid
    }

    /// None when there is no such group. See getgrnam_r(3).
    package static func groupID(named name: String) throws(SystemError) -> UInt32? {
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        try lookUp("getgrnam_r") { getgrnam_r(name, &entry, $0, $1, &found) }
        return found == nil ? nil : entry.gr_gid
    }

    /// A group's entry has all its members in it, so that no buffer is surely large enough.
    private static let byteCountMax = 4 << 20

    private static func lookUp(
        _ call: String, _ body: (UnsafeMutablePointer<CChar>, Int) -> Int32
    ) throws(SystemError) {
        var byteCount = 1_024
        while true {
            var buffer = [CChar](repeating: 0, count: byteCount)
            // Only numbers are taken from the entry: its texts lie in the buffer.
            let code = body(&buffer, byteCount)
            switch code {
            case 0: return
            case EINTR: continue
            case ERANGE where byteCount < byteCountMax: byteCount *= 4
            // As the manual has it, some of these too say that there is no such entry.
            case ENOENT, ESRCH: return
            default: throw SystemError(call, code: code)
            }
        }
    }
}
