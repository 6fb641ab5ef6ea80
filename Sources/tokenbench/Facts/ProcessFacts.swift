import Foundation
import Glibc

/// What the kernel tells of a process.
struct ProcessFacts {
    /// Time on a core, of all its threads, since it began.
    let processorNanoseconds: Int64
    let residentKibibytes: Int
    /// The most that was ever resident.
    let peakKibibytes: Int
    /// The cores it may run on, as `0-1,4`.
    let cores: String

    /// Nil when there is no such process. See clock_getcpuclockid(3) and proc(5).
    init?(processID: pid_t) {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(processID, &clock) == 0, clock_gettime(clock, &time) == 0 else { return nil }
        processorNanoseconds = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        let status = Self.status("/proc/\(processID)/status")
        residentKibibytes = Self.number(status["VmRSS"])
        peakKibibytes = Self.number(status["VmHWM"])
        cores = status["Cpus_allowed_list"] ?? ""
    }

    static var own: ProcessFacts? { ProcessFacts(processID: getpid()) }

    /// The name of a process's program; nil when there is no such process.
    static func program(_ processID: pid_t) -> String? {
        try? String(contentsOfFile: "/proc/\(processID)/comm", encoding: .utf8).trimmingCharacters(in: .newlines)
    }

    private static func status(_ path: String) -> [String: String] {
        var values: [String: String] = [:]
        for line in ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { values[String(parts[0])] = parts[1].trimmingCharacters(in: .whitespaces) }
        }
        return values
    }

    /// Of `12345 kB`.
    private static func number(_ text: String?) -> Int { Int(text?.split(separator: " ").first ?? "") ?? 0 }
}
