import Glibc

/// Directories, by the files in them.
enum Directory {
    /// With a slash at its end, so that a name can follow.
    static func path(ofFile path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? "./"
    }

    /// A descriptor of it, for the caller to close.
    static func open(ofFile path: String) throws(Problem) -> Int32 {
        let directory = Self.path(ofFile: path)
        let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0 { throw .system(directory) }
        return descriptor
    }

    /// Waits until the disk has the name of this file.
    static func synchronize(ofFile path: String) throws(Problem) {
        let descriptor = try open(ofFile: path)
        defer { close(descriptor) }
        // Some file systems have nothing to synchronize here, and say so.
        if fsync(descriptor) != 0 && errno != EINVAL { throw .system(Self.path(ofFile: path)) }
    }

    /// What is in it, but for itself and its parent; nothing if it can't be read.
    static func names(in path: String) -> [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }
}
