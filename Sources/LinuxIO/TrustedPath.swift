import Glibc

/// Whether only root and one user can change what a path names.
///
/// A secret sent to a socket, or a store opened, in a directory that somebody else may write to is theirs: they can
/// rename what is there and put their own in its place.
package enum TrustedPath {
    package struct Violation: Error, CustomStringConvertible {
        package let path: String
        package let problem: String
        package let remedy: String

        package var description: String { "\(path) \(problem); \(remedy)" }
    }

    /// Checks `directory` and every directory above it.
    ///
    /// `directory` itself has to be writable by its owner alone. One above it may be writable by others when it is
    /// sticky, as /tmp is: there only the owner of an entry can rename it.
    package static func check(directory: String, userID: UInt32 = geteuid()) throws(Violation) {
        guard let resolved = realpath(directory, nil) else {
            throw Violation(
                path: directory, problem: "can't be opened (\(SystemError.last("realpath").description))",
                remedy: "create it first, mode 0700")
        }
        defer { free(resolved) }
        var path = String(cString: resolved)
        var isInnermost = true
        while true {
            try checkOne(path, userID: userID, mayBeSticky: !isInnermost)
            if path == "/" { return }
            isInnermost = false
            path = parent(of: path)
        }
    }

    private static func checkOne(_ path: String, userID: UInt32, mayBeSticky: Bool) throws(Violation) {
        var status = stat()
        if stat(path, &status) != 0 {
            throw Violation(path: path, problem: SystemError.last("stat").description, remedy: "create it first")
        }
        if status.st_mode & S_IFMT != S_IFDIR {
            throw Violation(path: path, problem: "is not a directory", remedy: "name another place")
        }
        if status.st_uid != 0 && status.st_uid != userID {
            throw Violation(
                path: path, problem: "belongs to uid \(status.st_uid)",
                remedy: "it must belong to root or to uid \(userID): chown it")
        }
        let isWritableByOthers = status.st_mode & (S_IWGRP | S_IWOTH) != 0
        let isSticky = status.st_mode & S_ISVTX != 0
        if isWritableByOthers && !(mayBeSticky && isSticky) {
            throw Violation(path: path, problem: "is writable by others", remedy: "chmod go-w \(path)")
        }
    }

    /// The directory that holds `path`: "." for a bare name.
    package static func parent(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
