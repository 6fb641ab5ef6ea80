import Glibc

/// What this process takes of the machine.
package enum ProcessUsage {
    /// User and system time of all threads; see getrusage(2).
    package static var processorMicroseconds: UInt64 {
        var usage = rusage()
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
        return [usage.ru_utime, usage.ru_stime].reduce(0) {
            $0 + UInt64($1.tv_sec) * 1_000_000 + UInt64($1.tv_usec)
        }
    }

    /// Of memory; 0 where /proc does not tell. The second number of /proc/self/statm is in pages: proc(5).
    package static var residentByteCount: UInt64 {
        guard let text = try? TextFile.read("/proc/self/statm", byteCountMax: 4_096) else { return 0 }
        let numbers = text.split(separator: " ")
        guard numbers.count > 1, let pages = UInt64(numbers[1]) else { return 0 }
        return pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
    }
}
