private import CLinux
import Glibc

/// What keeps the memory of a process that handles secrets out of files.
package enum ProcessProtection {
    /// No core dump, no ptrace by others of the same uid; new files are for the owner alone.
    package static func apply() {
        _ = clinux_set_undumpable()
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        _ = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        umask(0o077)
    }
}
