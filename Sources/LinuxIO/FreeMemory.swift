private import CLinux

/// What the process holds and does not need.
package enum FreeMemory {
    /// Gives to the kernel what was freed and the allocator keeps. See malloc_trim(3): it takes milliseconds, and other
    /// threads wait for it meanwhile.
    package static func giveBack() {
        clinux_trim_memory()
    }

    /// Lets go of the code, of the program and its libraries, that has run until now. What runs again is mapped again, at
    /// the cost of a fault for each 64 KiB: for the end of a start, of which most is never needed again.
    package static func letGoOfCode() {
        clinux_release_code()
    }
}
