private import CLinux
import Glibc

/// What keeps the memory of a process that handles secrets out of files.
package enum ProcessProtection {
    /// No core dump, no ptrace by others of the same uid, no backtrace; new files are for the owner alone.
    package static func apply() {
        _ = clinux_set_undumpable()
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        _ = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        umask(0o077)
        endWithoutBacktrace()
    }

    /// The Swift runtime answers a crash with a backtrace that shows the memory each register points to, which may be a
    /// token: gives its signals back to the kernel, whatever SWIFT_BACKTRACE says.
    private static func endWithoutBacktrace() {
        let crashes = [SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP]
        for number in crashes { signal(number, SIG_DFL) }
        // Whoever started the process may have had them blocked, and execve(2) hands that on.
        Signals.unblock(crashes)
    }
}
