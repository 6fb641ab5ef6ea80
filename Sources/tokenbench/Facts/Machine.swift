import Foundation
import Glibc

/// Where something was measured.
struct Machine: Codable, Equatable {
    var cores: Int
    var kernel: String
    var processor: String
    /// The file system that the store is on, as `ext4`; nil without the operator's socket.
    var storeFileSystem: String?

    init(storePath: String?) {
        var names = utsname()
        uname(&names)
        kernel = withUnsafeBytes(of: names.release) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        processor = Self.processorName ?? "unknown"
        storeFileSystem = storePath.flatMap { Self.fileSystem(of: $0) }
    }

    private static var processorName: String? {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
    }

    /// The type of the mount with the longest path that the file lies below. See proc(5), /proc/self/mounts.
    private static func fileSystem(of path: String) -> String? {
        let text = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
        var found: (point: Substring, type: Substring)?
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 2 else { continue }
            let isAbove = fields[1] == "/" || path == fields[1] || path.hasPrefix(fields[1] + "/")
            if isAbove && fields[1].count >= found?.point.count ?? 0 { found = (fields[1], fields[2]) }
        }
        return found.map { String($0.type) }
    }
}
