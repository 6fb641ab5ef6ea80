import Glibc

/// Reading a small file whole: a configuration, a token.
package enum TextFile {
    package static func read(_ path: String, byteCountMax: Int = 1 << 20) throws(SystemError) -> String {
        let raw = open(path, O_RDONLY | O_CLOEXEC)
        if raw < 0 { throw .last("open") }
        let descriptor = FileDescriptor(owning: raw)
        return try read(descriptor.rawValue, byteCountMax: byteCountMax)
    }

    /// Reads an open descriptor to its end.
    package static func read(_ descriptor: Int32, byteCountMax: Int = 1 << 20) throws(SystemError) -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            switch chunk.withUnsafeMutableBytes({ LinuxIO.read(descriptor, into: $0) }) {
            case .bytes(let count): bytes += chunk.prefix(count)
            case .ended: return String(decoding: bytes, as: UTF8.self)
            case .wouldBlock: throw SystemError("read", code: EAGAIN)
            case .failed(let code): throw SystemError("read", code: code)
            }
            if bytes.count > byteCountMax { throw SystemError("read", code: EFBIG) }
        }
    }
}
