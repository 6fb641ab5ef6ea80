import Glibc
import LinuxIO
import Synchronization
import Testing

@testable import TokenClient

@Suite("Children of fork(2)")
struct ForkTests {
    @Test("a child calls on a connection of its own, and its parent's goes on")
    func child() async throws {
        let place = try Place()
        let server = try FakeServer(path: place.socketPath) { $0.echo() }
        let client = try place.client()
        // Whatever the runtime makes at a first use is made before the fork: a child has only the thread that forked,
        // and would wait for ever for a lock that another one held.
        await onThreads { _ in _ = try? client.verify("before") }
        let status = Collected<Int32>()
        await onThreads { _ in
            status.add(
                inChild {
                    for number in 0..<10 {
                        guard (try? client.verify("child \(number)"))?.tokenName == "child \(number)" else { return 1 }
                    }
                    return 0
                })
        }
        #expect(status.all == [0])
        #expect(server.connectionCount == 2)
        #expect(try await client.verify("after").tokenName == "after")
        #expect(server.connectionCount == 2)
        #expect(await eventually { server.openConnectionCount == 1 })
        server.stop()
    }

    @Test("a child with several threads calls from all of them")
    func threadsOfChild() async throws {
        let place = try Place()
        let server = try FakeServer(path: place.socketPath) { $0.echo() }
        let client = try place.client()
        await onThreads { _ in _ = try? client.verify("before") }
        let status = Collected<Int32>()
        await onThreads { _ in
            _ = try? client.verify("before, on the thread that forks")
            let answered = Tally()
            let forked = inChild {
                for _ in 0..<4 {
                    let thread = try? PosixThread(name: "child") {
                        for _ in 0..<100 where (try? client.verify("child"))?.isValid == true { answered.add() }
                    }
                    guard thread != nil else { return 1 }
                }
                // This thread too, whose number the child has from its parent.
                for _ in 0..<100 where (try? client.verify("child"))?.isValid == true { answered.add() }
                for _ in 0..<4000 where answered.count < 500 { rest() }
                return answered.count == 500 ? 0 : 2
            }
            status.add(forked)
        }
        #expect(status.all == [0])
        #expect(server.connectionCount == 2)
        server.stop()
    }

    @Test("a child that lets a backup go leaves its parent's alone")
    func backupGoesInChild() async throws {
        let place = try Place()
        let gate = Collected<Void>()
        let server = try FakeServer(path: place.socketPath) { call in
            call.sendCopy(["a", "b"]) { while gate.count == 0 { rest() } }
        }
        let client = try place.client()
        let status = Collected<Int32>()
        let received = Collected<[UInt8]>()
        await onThreads { _ in
            var copy = try? client.backup().makeIterator()
            if let piece = try? copy?.next() { received.add(piece.bytes) }
            status.add(
                inChild {
                    copy = nil
                    return 0
                })
            gate.add(())
            while let piece = try? copy?.next() { received.add(piece.bytes) }
        }
        #expect(status.all == [0])
        #expect(received.all == [Array("a".utf8), Array("b".utf8)])
        server.stop()
    }

    @Test("a child that lets the client go leaves the parent's connection alone")
    func clientGoesInChild() async throws {
        let place = try Place()
        let server = try FakeServer(path: place.socketPath) { $0.echo() }
        let client = Collected<TokenClient>()
        client.add(try place.client())
        await onThreads { _ in _ = try? client.all[0].verify("before") }
        let status = Collected<Int32>()
        await onThreads { _ in
            status.add(
                inChild {
                    _ = client.take()
                    return 0
                })
        }
        #expect(status.all == [0])
        #expect(try await client.all[0].verify("after").tokenName == "after")
        #expect(server.connectionCount == 1)
        server.stop()
    }
}

/// A count that a child of fork(2) can keep: without a lock.
private final class Tally: Sendable {
    private let value = Atomic<Int>(0)

    func add() { value.add(1, ordering: .relaxed) }
    var count: Int { value.load(ordering: .relaxed) }
}

/// Runs `body` in a child process and returns its exit status; minus the signal that killed it,
/// SIGKILL if that was this function after five seconds.
///
/// Swift hides fork(2), because of what the test above says about locks.
func inChild(_ body: () -> Int32) -> Int32 {
    guard let address = dlsym(nil, "fork") else { return 127 }
    typealias Function = @convention(c) () -> pid_t
    // Sound: this is the type that fork(2) gives.
    let fork = unsafeBitCast(address, to: Function.self)
    let child = fork()
    if child == 0 { _exit(body()) }
    var status: Int32 = 0
    for _ in 0..<5000 {
        if waitpid(child, &status, WNOHANG) == child {
            let signal = status & 0x7f
            return signal == 0 ? (status >> 8) & 0xff : -signal
        }
        rest()
    }
    kill(child, SIGKILL)
    waitpid(child, &status, 0)
    return -SIGKILL
}
