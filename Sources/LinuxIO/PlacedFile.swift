import Glibc

/// A file as it was put in its place. Another one there, or none, is not it: whoever looks for it finds something else. One
/// that has got the inode of the removed one can't be told from it; where sockets are made, in /run, no number is given twice.
package struct PlacedFile: Sendable {
    package let path: String
    /// None when nothing was there.
    private let identity: Identity?

    private struct Identity: Equatable {
        let device: dev_t
        let inode: ino_t
    }

    /// What is at `path` now; a symbolic link is the file itself.
    package init(path: String) {
        self.path = path
        identity = Self.identity(of: path)
    }

    package var isInPlace: Bool { identity != nil && Self.identity(of: path) == identity }

    /// The group that what is there belongs to.
    package var groupID: UInt32? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_gid : nil
    }

    /// As far as this process may: root, or a member of the group.
    package func give(toGroup groupID: UInt32) {
        if self.groupID != groupID { lchown(path, uid_t.max, groupID) }
    }

    /// Does nothing to another file there.
    package func remove() {
        if isInPlace { unlink(path) }
    }

    private static func identity(of path: String) -> Identity? {
        var status = stat()
        return lstat(path, &status) == 0 ? Identity(device: status.st_dev, inode: status.st_ino) : nil
    }
}
