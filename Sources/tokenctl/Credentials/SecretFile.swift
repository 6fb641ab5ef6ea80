import Glibc
import TokenClient

/// A new file for a secret that there isn't yet: readable by its owner alone, with room on the disk.
///
/// It is made before the daemon is asked, because a secret that nothing can hold is lost: what could fail has failed
/// by then. Without a secret it goes again with this value.
struct SecretFile: ~Copyable {
    private var file: NewFile
    var path: String { file.path }

    /// Longer than any token.
    private static let byteCount = 256

    /// - Throws: When there is a file of this name: another secret is not overwritten.
    init(creating path: String) throws(Problem) {
        try self.init(NewFile(path: path))
    }

    /// A file in the directory of this one, to take its place.
    init(beside target: String) throws(Problem) {
        try self.init(NewFile(beside: target, mark: Self.mark, suffix: Self.suffix))
    }

    private static let mark = ".tokenctl-"
    private static let suffix = ".new"

    private init(_ file: consuming NewFile) throws(Problem) {
        try file.setMode(0o600)
        let code = posix_fallocate(file.descriptor, 0, off_t(Self.byteCount))
        if code != 0 { throw .system(file.path, code: code) }
        self.file = file
    }

    /// Removes what renewals of this file have left that broke off: it may hold a secret that verifies. To be called by
    /// who has the directory's lock, so that none is at work.
    static func removeLeftovers(beside target: String) {
        let directory = Directory.path(ofFile: target)
        let beginning = target.split(separator: "/").last.map { $0 + mark } ?? mark
        for name in Directory.names(in: directory) where name.hasPrefix(beginning) && name.hasSuffix(suffix) {
            unlink(directory + name)
        }
    }

    /// Gives it the owner of another file, and what that lets its owner do.
    func takeOwner(of other: stat) throws(Problem) {
        if fchown(file.descriptor, other.st_uid, other.st_gid) != 0 { throw .system(path) }
        try file.setMode(other.st_mode & 0o700)
    }

    /// Puts the secret in, and waits until the disk has it. Half a secret is not kept.
    mutating func keep(_ secret: BearerToken) throws(Problem) {
        let byteCount = try secret.withUTF8 { (text) throws(Problem) in
            try file.append(text.bytes)
            return text.count
        }
        let lineFeed: [UInt8] = [0x0A]
        try file.append(lineFeed.span.bytes)
        if ftruncate(file.descriptor, off_t(byteCount + lineFeed.count)) != 0 { throw .system(path) }
        try file.synchronize()
        // Its name too, as far as the file system can: there it is already, and a secret is not given up for that.
        try? Directory.synchronize(ofFile: path)
        file.keep()
    }

    /// Lets it take the place of this file. When that fails it still holds its secret.
    mutating func replace(_ target: String) throws(Problem) {
        try file.replace(target)
    }
}
