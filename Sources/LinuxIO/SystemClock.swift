import Glibc

/// The kernel's clocks. See clock_gettime(2); all three are read without a system call.
public enum SystemClock {
    /// CLOCK_MONOTONIC, for deadlines: never steps, stops while the machine sleeps.
    @inline(__always)
    public static func monotonicNanoseconds() -> Int64 { nanoseconds(CLOCK_MONOTONIC) }

    /// CLOCK_BOOTTIME: as CLOCK_MONOTONIC, but counts sleep too.
    public static func boottimeNanoseconds() -> Int64 { nanoseconds(CLOCK_BOOTTIME) }

    /// CLOCK_REALTIME, microseconds since 1970-01-01 UTC, for what is recorded and for expiry.
    @inline(__always)
    public static func realtimeMicroseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000 &+ Int64(time.tv_nsec) / 1_000
    }

    @inline(__always)
    private static func nanoseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
