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

        fileprivate static func unopenable(_ path: String, _ code: Int32) -> Violation {
            // The mode depends on what it is for: nobody may enter a store, and clients have to enter a socket's directory.
            Violation(
                path: path, problem: "can't be opened (\(String(cString: strerror(code))))",
                remedy: "create it first, mode 0700, or 0755 for a socket that others are to reach")
        }
    }

    /// Checks `directory` and every directory above it.
    ///
    /// `directory` itself has to be writable by its owner alone. One above it may be writable by others when it is
    /// sticky, as /tmp is: there only the owner of an entry can rename it. The path is gone along as the kernel does, so
    /// that a symbolic link counts with the directories that hold it, which decide where it leads tomorrow.
    package static func check(directory: String, userID: UInt32 = geteuid()) throws(Violation) {
        let path = try walk(directory, userID: userID)
        try checkOne(path, userID: userID, mayBeSticky: false)
    }

    /// Checks a file and every directory above it, of which each may be sticky. What is no file, such as /dev/null, is there
    /// for all to write to.
    package static func check(file: String, userID: UInt32 = geteuid()) throws(Violation) {
        let path = try walk(file, userID: userID)
        var status = stat()
        if stat(path, &status) != 0 { throw .unopenable(path, errno) }
        if status.st_mode & S_IFMT != S_IFREG { return }
        try checkOwner(path, status, userID: userID)
        try checkMode(path, status)
    }

    /// Goes along a path to its end, checking what lies above, and returns where it leads.
    private static func walk(_ start: String, userID: UInt32) throws(Violation) -> String {
        var rest = components(of: try absolute(start))
        var path = "/"
        var linkCount = 0
        try checkOne(path, userID: userID, mayBeSticky: true)
        while let name = rest.popLast() {
            if name == ".." {
                path = parent(of: path)
                continue
            }
            let next = path == "/" ? "/" + name : path + "/" + name
            if let target = try target(ofLink: next, userID: userID) {
                linkCount += 1
                if linkCount > linkCountMax { throw .unopenable(next, ELOOP) }
                if target.hasPrefix("/") { path = "/" }
                rest += components(of: target)
                continue
            }
            path = next
            if !rest.isEmpty { try checkOne(path, userID: userID, mayBeSticky: true) }
        }
        return path
    }

    /// As many as the kernel follows, see path_resolution(7).
    private static let linkCountMax = 40

    /// The names of a path, the first one last.
    private static func components(of path: String) -> [String] {
        path.split(separator: "/").filter { $0 != "." }.reversed().map(String.init)
    }

    private static func absolute(_ path: String) throws(Violation) -> String {
        if path.hasPrefix("/") { return path }
        guard let current = getcwd(nil, 0) else { throw .unopenable(path, errno) }
        defer { free(current) }
        return String(cString: current) + "/" + path
    }

    /// What a symbolic link names; nil for what is none. One in a sticky directory can be replaced by its owner.
    private static func target(ofLink path: String, userID: UInt32) throws(Violation) -> String? {
        var status = stat()
        if lstat(path, &status) != 0 { throw .unopenable(path, errno) }
        if status.st_mode & S_IFMT != S_IFLNK { return nil }
        try checkOwner(path, status, userID: userID)
        var target = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &target, target.count)
        if count < 0 { throw .unopenable(path, errno) }
        return String(decoding: target.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func checkOne(_ path: String, userID: UInt32, mayBeSticky: Bool) throws(Violation) {
        var status = stat()
        if stat(path, &status) != 0 { throw .unopenable(path, errno) }
        if status.st_mode & S_IFMT != S_IFDIR {
            throw Violation(path: path, problem: "is not a directory", remedy: "name another place")
        }
        try checkOwner(path, status, userID: userID)
        let isSticky = status.st_mode & S_ISVTX != 0
        if !(mayBeSticky && isSticky) { try checkMode(path, status) }
    }

    private static func checkMode(_ path: String, _ status: stat) throws(Violation) {
        if status.st_mode & (S_IWGRP | S_IWOTH) != 0 {
            throw Violation(path: path, problem: "is writable by others", remedy: "chmod go-w \(path)")
        }
    }

    private static func checkOwner(_ path: String, _ status: stat, userID: UInt32) throws(Violation) {
        if status.st_uid != 0 && status.st_uid != userID {
            throw Violation(
                path: path, problem: "belongs to uid \(status.st_uid)",
                remedy: "it must belong to root or to uid \(userID): chown it")
        }
    }

    /// The directory that holds `path`: "." for a bare name.
    package static func parent(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
