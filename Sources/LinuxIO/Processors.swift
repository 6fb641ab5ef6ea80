private import CLinux

/// The processors there are for the process.
package enum Processors {
    /// Whether the calling thread shares the only one it may run on with everybody it waits for. Asking again and again is
    /// then no way to have something sooner.
    package static var isOnlyOne: Bool { clinux_processor_count() == 1 }
}
