private import CLinux
import Glibc
import LinuxIO

/// Whether a store's files are where and whose they should be.
enum StoreFiles {
    /// File systems on which another host may write to the file, or on which flock or mmap are not what they seem.
    /// The numbers are those of statfs(2).
    private static let networkFileSystems: [Int64: String] = [
        0x6969: "NFS", 0x517B: "SMB", 0xFF53_4D42: "CIFS", 0xFE53_4D42: "SMB2", 0x0102_1997: "9P",
        0x5346_414F: "AFS", 0x7375_7245: "Coda", 0x00C3_6400: "Ceph",
    ]

    /// The directory without symbolic links in its path: SQLite takes none, and what was checked is what is used.
    static func resolve(_ directory: String) throws(StoreFailure) -> String {
        guard let resolved = realpath(directory, nil) else {
            let code = errno
            throw code == ENOENT || code == ENOTDIR
                ? .missing(path: directory) : .system(path: directory, SystemError("realpath", code: code))
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    static func checkOwnership(_ paths: StorePaths) throws(StoreFailure) {
        do throws(TrustedPath.Violation) {
            try TrustedPath.check(directory: paths.directory)
        } catch {
            throw .unsafe(error.description)
        }
        try checkPrivate(paths.directory, mode: "0700")
        for file in [paths.database, paths.database + "-wal", paths.lock] where access(file, F_OK) == 0 {
            try checkPrivate(file, mode: "0600")
        }
    }

    private static func checkPrivate(_ path: String, mode: String) throws(StoreFailure) {
        var status = stat()
        if lstat(path, &status) != 0 { throw .system(path: path, .last("lstat")) }
        if status.st_uid != geteuid() {
            throw .unsafe(
                "\(path) belongs to uid \(status.st_uid), and this is uid \(geteuid()); run as its owner")
        }
        if status.st_mode & 0o077 != 0 {
            throw .unsafe("\(path) can be opened by others; chmod \(mode) \(path)")
        }
    }

    static func checkFileSystem(_ directory: String) throws(StoreFailure) {
        let raw = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if raw < 0 { throw .system(path: directory, .last("open")) }
        let descriptor = FileDescriptor(owning: raw)
        if let name = networkFileSystems[clinux_file_system_type(descriptor.rawValue)] {
            throw .unsupportedFileSystem(path: directory, name: name)
        }
    }

    /// Makes an empty file for its owner alone, where there is none.
    static func createEmpty(_ path: String) throws(StoreFailure) {
        let raw = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        if raw < 0 {
            let code = errno
            throw code == EEXIST ? .exists(path: path) : .system(path: path, SystemError("open", code: code))
        }
        _ = FileDescriptor(owning: raw)
    }

    /// Makes what was written to the directory's entries last.
    static func synchronize(directory: String) throws(StoreFailure) {
        let raw = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if raw < 0 { throw .system(path: directory, .last("open")) }
        let descriptor = FileDescriptor(owning: raw)
        if fsync(descriptor.rawValue) != 0 { throw .system(path: directory, .last("fsync")) }
    }
}
