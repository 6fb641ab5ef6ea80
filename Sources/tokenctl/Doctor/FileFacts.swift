import Glibc

/// What lstat(2) says of a path.
struct FileFacts {
    private let status: stat

    /// Nil when it can't be looked at: errno says why.
    init?(_ path: String) {
        var status = stat()
        if lstat(path, &status) != 0 { return nil }
        self.status = status
    }

    enum Kind { case socket, directory, link, regular, other }

    var kind: Kind {
        switch status.st_mode & S_IFMT {
        case S_IFSOCK: .socket
        case S_IFDIR: .directory
        case S_IFLNK: .link
        case S_IFREG: .regular
        default: .other
        }
    }

    var permissions: UInt32 { status.st_mode & 0o7777 }
    var userID: UInt32 { status.st_uid }
    var groupID: UInt32 { status.st_gid }
    var inode: UInt64 { UInt64(status.st_ino) }

    /// `0660`, as chmod has it.
    var mode: String { String(permissions, radix: 8).zeroPadded(to: 4) }
}
