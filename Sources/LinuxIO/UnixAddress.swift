package import Glibc

/// The path of a Unix socket that fits in `sun_path`, see unix(7).
package struct UnixAddress: Sendable {
    /// One byte of `sun_path` is the terminating NUL.
    package static let pathByteCountMax = 107

    package let path: String
    private let isAbstract: Bool

    package init(path: String) throws(SystemError) {
        let byteCount = path.utf8.count
        if byteCount == 0 || path.utf8.contains(0) { throw SystemError("socket path", code: EINVAL) }
        if byteCount > Self.pathByteCountMax { throw SystemError("socket path", code: ENAMETOOLONG) }
        self.path = path
        isAbstract = false
    }

    /// A name without a file. Its bytes count as they are, so that it may hold a NUL and doesn't end with one.
    package init(abstractName name: String) throws(SystemError) {
        if name.isEmpty { throw SystemError("socket name", code: EINVAL) }
        if name.utf8.count > Self.pathByteCountMax { throw SystemError("socket name", code: ENAMETOOLONG) }
        path = "\0" + name
        isAbstract = true
    }

    /// Calls `body` with the address in the form that bind(2) and connect(2) take.
    package func withSocketAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { target in
            target.copyBytes(from: path.utf8)
        }
        // Of an abstract name every byte counts, the NULs behind it too.
        let used = isAbstract ? MemoryLayout<sa_family_t>.size + path.utf8.count : MemoryLayout<sockaddr_un>.size
        let byteCount = socklen_t(used)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                body(pointer, byteCount)
            }
        }
    }
}
