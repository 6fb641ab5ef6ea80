import Glibc

/// The processors of the machine.
package enum Processors {
    /// Whether everybody that a thread waits for shares its processor with it. Asking again and again is then no way to have
    /// something sooner. A process that is bound to one of several may wait for one that is bound to another.
    package static var isOnlyOne: Bool { sysconf(Int32(_SC_NPROCESSORS_ONLN)) == 1 }
}
