import Glibc
import Synchronization
import Testing

@testable import LinuxIO

@Suite("Waiting for signals")
struct SignalsTests {
    @Test func aSignalDoesNotPutOffTheMomentUntilWhichIsWaited() throws {
        let results = Mutex<[Int32?]>([])
        let start = SystemClock.monotonicNanoseconds()
        let thread = try PosixThread(name: "signals") {
            let signals = Signals(blocking: [SIGUSR1])
            let deadline = start + 100_000_000
            for _ in 0..<3 {
                pthread_kill(pthread_self(), SIGUSR1)
                let number = signals.next(until: deadline)
                results.withLock { $0.append(number) }
            }
            let last = signals.next(until: deadline)
            results.withLock { $0.append(last) }
        }
        thread.join()
        let milliseconds = (SystemClock.monotonicNanoseconds() - start) / 1_000_000
        #expect(results.withLock { $0 } == [SIGUSR1, SIGUSR1, SIGUSR1, nil])
        #expect((100..<1_000).contains(milliseconds))
    }
}
