import Glibc

/// A file system of a few megabytes, which a test can fill. To have one takes the right to mount.
package final class SmallDisk {
    package struct Failure: Error {
        let call: String
        let code: Int32
    }

    package let path: String

    /// Whether this process may mount: seen by doing it.
    package static let isPossible = (try? SmallDisk(byteCount: 1 << 20)) != nil

    package init(byteCount: Int) throws {
        var template = Array("/tmp/tokend-disk-XXXXXX".utf8CString)
        if mkdtemp(&template) == nil { throw Failure(call: "mkdtemp", code: errno) }
        path = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let flags = UInt(MS_NODEV | MS_NOSUID)
        if mount("tmpfs", path, "tmpfs", flags, "size=\(byteCount),mode=0700") != 0 {
            let code = errno
            rmdir(path)
            throw Failure(call: "mount", code: code)
        }
    }

    deinit {
        umount2(path, Int32(MNT_DETACH))
        rmdir(path)
    }

    private var filler: String { path + "/filler" }

    /// Leaves no byte free.
    package func fill() throws {
        let raw = open(filler, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        if raw < 0 { throw Failure(call: "open", code: errno) }
        defer { close(raw) }
        let page = [UInt8](repeating: 1, count: 4_096)
        while write(raw, page, page.count) > 0 {}
        if errno != ENOSPC { throw Failure(call: "write", code: errno) }
    }

    package func makeRoom() { unlink(filler) }
}
