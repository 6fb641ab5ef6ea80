import LinuxIO

/// Where an answer goes: the connection, which may be gone by then, and the stream.
struct Call: Sendable {
    let registration: UInt64
    let streamID: UInt32
    /// When its frame had been read, by CLOCK_MONOTONIC, if it had to wait for its turn; nil for just now.
    let readAt: Int64?

    /// From when on its deadline and its duration count.
    var beginning: Int64 { readAt ?? SystemClock.monotonicNanoseconds() }
}

/// Whether a call has its answer or waits for the writer.
enum Disposition {
    case answered
    /// It has, and took as long as many others: the connection's turn is over.
    case answeredAtLength
    case later
    /// It takes long, and is worked on in slices.
    case continued(SlicedCall)
    /// A thread of its own sends a copy of the store.
    case copied(BackupTransfer)
    /// It is answered again and again, until it ends.
    case followed(Tail)
}
