import Glibc
import LinuxIO
import Synchronization

@testable import TokenClient

/// Runs `body` on so many threads of their own, where calls may block, and returns when all are done.
func onThreads(_ count: Int = 1, _ body: @escaping @Sendable (Int) -> Void) async {
    await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
        let counter = Counter(left: count)
        for index in 0..<count {
            let thread = try? PosixThread(name: "test-\(index)") {
                body(index)
                if counter.countDown() { continuation.resume() }
            }
            precondition(thread != nil, "no thread for a test")
        }
    }
}

/// Counts down to the last one.
private final class Counter: Sendable {
    private let left: Atomic<Int>

    init(left: Int) { self.left = Atomic(left) }

    func countDown() -> Bool { left.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 }
}

/// What threads and tasks found, to be looked at when they are done.
final class Collected<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])

    func add(_ element: Element) { elements.withLock { $0.append(element) } }

    /// Takes all there are.
    func take() -> [Element] {
        elements.withLock { elements in
            defer { elements = [] }
            return elements
        }
    }

    var all: [Element] { elements.withLock { $0 } }
    var count: Int { elements.withLock { $0.count } }
}

/// The code of the error that `body` throws, nil if it throws none.
func thrownCode(_ body: () throws(TokenError) -> Void) -> TokenError.Code? {
    do throws(TokenError) {
        try body()
        return nil
    } catch {
        return error.code
    }
}

/// The code of the error that `body` throws, nil if it throws none.
func thrownCode(_ body: () async throws(TokenError) -> Void) async -> TokenError.Code? {
    do throws(TokenError) {
        try await body()
        return nil
    } catch {
        return error.code
    }
}

/// Waits until a condition holds, at most ten seconds; returns whether it does.
func eventually(_ condition: () -> Bool) async -> Bool {
    let end = Moment.now.adding(.seconds(10))
    while Moment.now < end {
        if condition() { return true }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return condition()
}

/// Lets a thread of a fixture rest for a millisecond.
func rest() { usleep(1000) }

/// A thread beside the test's own, to be waited for.
final class Side: Sendable {
    private let parker = Parker()

    init(_ body: @escaping @Sendable () -> Void) {
        let thread = try? PosixThread(name: "test-side") { [parker] in
            body()
            parker.wake()
        }
        precondition(thread != nil, "no thread for a test")
    }

    func wait() { parker.park(until: .distantFuture) }
}
