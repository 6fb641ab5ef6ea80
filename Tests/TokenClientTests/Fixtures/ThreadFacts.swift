import CLinux
import Glibc
import LinuxIO

/// What the kernel tells of a thread of this process: see proc(5).
struct ThreadFacts {
    private let blockedSignals: UInt64

    /// The threads that have a name now.
    static func all(named name: String) -> [ThreadFacts] {
        guard let directory = opendir("/proc/self/task") else { return [] }
        defer { closedir(directory) }
        var found: [ThreadFacts] = []
        while let entry = readdir(directory) {
            let number = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let facts = ThreadFacts(number: number, name: name) { found.append(facts) }
        }
        return found
    }

    /// Nil for a thread of another name, and for one that has ended.
    private init?(number: String, name: String) {
        guard let status = try? TextFile.read("/proc/self/task/\(number)/status") else { return nil }
        let lines = status.split(separator: "\n")
        guard lines.first == "Name:\t\(name)", let blocked = lines.first(where: { $0.hasPrefix("SigBlk:\t") }),
            let signals = UInt64(blocked.dropFirst("SigBlk:\t".count), radix: 16)
        else { return nil }
        blockedSignals = signals
    }

    func blocks(_ signals: [Int32]) -> Bool {
        signals.allSatisfy { blockedSignals >> UInt64($0 - 1) & 1 == 1 }
    }
}

/// How much room the stacks of new threads get in this process. With more than there is no thread can be made.
enum DefaultStack {
    /// Nil where it can't be told.
    static var byteCount: Int? {
        var attributes = pthread_attr_t()
        var byteCount = 0
        guard pthread_attr_init(&attributes) == 0 else { return nil }
        defer { pthread_attr_destroy(&attributes) }
        return pthread_attr_getstacksize(&attributes, &byteCount) == 0 ? byteCount : nil
    }

    /// Whether it could be set. See pthread_setattr_default_np(3), which Swift doesn't show.
    static func set(_ byteCount: Int) -> Bool {
        guard let address = dlsym(nil, "pthread_setattr_default_np") else { return false }
        typealias Function = @convention(c) (UnsafePointer<pthread_attr_t>) -> Int32
        // Sound: this is the type that it has.
        let setDefault = unsafeBitCast(address, to: Function.self)
        var attributes = pthread_attr_t()
        guard pthread_attr_init(&attributes) == 0 else { return false }
        defer { pthread_attr_destroy(&attributes) }
        return pthread_attr_setstacksize(&attributes, byteCount) == 0 && setDefault(&attributes) == 0
    }
}
