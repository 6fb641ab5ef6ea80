private import CLinux

/// What the process has freed and its allocator keeps.
package enum FreeMemory {
    /// Gives it back to the kernel. See malloc_trim(3): it takes milliseconds, and other threads wait for it meanwhile.
    package static func giveBack() {
        clinux_trim_memory()
    }
}
