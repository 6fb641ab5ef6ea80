import Foundation
import Glibc
import TokenClient

/// The state of the machine, the daemon and this process at one moment.
struct Snapshot {
    let atNanoseconds = Clock.nowNanoseconds
    let own = ProcessFacts.own
    /// Nil when it is not known which process the daemon is.
    let daemon: ProcessFacts?
    /// What the daemon counts; nil without the operator's socket.
    let status: ServerStatus.Details?
    /// Time that the machine's cores were at work, or were taken by another virtual machine. See proc(5), /proc/stat.
    let machineBusySeconds = Snapshot.machineBusySeconds()

    init(status: ServerStatus.Details?) {
        self.status = status
        // A pid of another pid namespace says nothing here, or names something else.
        let processID = status.map { pid_t(bitPattern: $0.processID) }
        daemon = processID.flatMap { id in
            ProcessFacts.program(id) == "tokend" ? ProcessFacts(processID: id) : nil
        }
    }

    private static func machineBusySeconds() -> Double {
        guard let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8) else { return 0 }
        let fields = text.prefix { $0 != "\n" }.split(separator: " ").dropFirst().compactMap { Double($0) }
        if fields.count < 8 { return 0 }
        // user, nice, system, idle, iowait, irq, softirq, steal
        let ticks = fields[0] + fields[1] + fields[2] + fields[5] + fields[6] + fields[7]
        return ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// The share of the whole machine that neither the daemon nor this process had meanwhile; nil when the daemon's is
    /// not known.
    static func otherShare(from before: Snapshot, to after: Snapshot) -> Double? {
        guard let daemon = processorSeconds(before.daemon, after.daemon),
            let own = processorSeconds(before.own, after.own)
        else { return nil }
        let seconds = Double(after.atNanoseconds - before.atNanoseconds) / 1e9
        let other = after.machineBusySeconds - before.machineBusySeconds - daemon - own
        return max(0, other) / (seconds * Double(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }

    static func processorSeconds(_ before: ProcessFacts?, _ after: ProcessFacts?) -> Double? {
        guard let before, let after else { return nil }
        return Double(after.processorNanoseconds - before.processorNanoseconds) / 1e9
    }
}
