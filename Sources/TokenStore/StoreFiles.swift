import Glibc
import LinuxIO

/// Whether a store's files are where and whose they should be.
enum StoreFiles {
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
        for file in paths.files where access(file, F_OK) == 0 {
            try checkPrivate(file, mode: "0600")
        }
    }

    static func checkPrivate(_ path: String, mode: String) throws(StoreFailure) {
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

    /// What is doubtful about the file system, if it may hold a store at all.
    @discardableResult
    static func checkFileSystem(_ directory: String) throws(StoreFailure) -> String? {
        let type: FileSystemType
        do throws(SystemError) {
            type = try FileSystemType(ofDirectory: directory)
        } catch {
            throw .system(path: directory, error)
        }
        return switch type {
        case .local: nil
        case .networked(let name): throw .unsupportedFileSystem(path: directory, name: name)
        case .doubtful(let name, let reason): "\(name): \(reason); use a local disk or a volume"
        }
    }

    /// What restorations have left of the databases that they replaced, with their logs, by name.
    static func replaced(_ paths: StorePaths) -> [(path: String, byteCount: Int64)] {
        guard let stream = opendir(paths.directory) else { return [] }
        defer { closedir(stream) }
        var found: [(path: String, byteCount: Int64)] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            let path = paths.directory + "/" + name
            var status = stat()
            if path.hasPrefix(paths.database + StorePaths.replacedMark) && lstat(path, &status) == 0 {
                found.append((path, Int64(status.st_size)))
            }
        }
        return found.sorted { $0.path < $1.path }
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
