private import CLinux

/// Asking for memory before it is read.
public enum Prefetch {
    /// Has the processor fetch the line at an address while it goes on with other things. Any address will do.
    @inline(__always)
    public static func line(at address: UnsafeRawPointer) {
        clinux_prefetch(address)
    }
}
