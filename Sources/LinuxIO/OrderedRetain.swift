private import CLinux

/// Retaining an object at one point of a program and not later.
package enum OrderedRetain {
    /// One more reference to the object at an address that `Unmanaged` gave; whoever takes it over says
    /// `takeRetainedValue()`.
    ///
    /// Here an atomic store tells another thread that it may release the object now. `Unmanaged.retain()` is no help: the
    /// optimizer knows what it does, takes it that a store releases nothing, and puts the store first.
    @inline(__always)
    package static func retain(_ address: UnsafeRawPointer) {
        clinux_retain_object(UnsafeMutableRawPointer(mutating: address))
    }
}
