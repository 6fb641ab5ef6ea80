import Glibc
import Testing

@testable import TokenClient

@Suite("What an answer from memory costs", .serialized)
struct VerifierCostTests {
    private static let scopes = ["issues:read"]

    private static func warm(_ world: VerifierWorld) throws -> TokenVerifier {
        world.set(token, VerifierWorld.valid(token, scopes: ["issues:read", "issues:write"]))
        let verifier = try world.verifier()
        for _ in 0..<3 {
            _ = try verifier.verify(token)
            _ = try verifier.outcome(of: token, requiring: scopes, in: "ws_1")
        }
        return verifier
    }

    private static let token = "clpu_7Qa2bXv0R5tYk1LmZ8cD3fGh6JnPqS9uWxEeBdAyCzi43B3ToQ"

    /// The exit status of a child that does something with its own memory filled, when malloc(3) has nothing left that it
    /// could give without a system call, and system calls are forbidden.
    private static func childAllowedNothing(_ verifier: TokenVerifier, _ body: () -> Int32) -> Int32 {
        inChild {
            for _ in 0..<3 { _ = try? verifier.verify(token, requiring: scopes) }
            _ = try? verifier.outcome(of: token, requiring: scopes, in: "ws_1")
            guard Memory.useUp(), SystemCalls.forbid() else { return 1 }
            return body()
        }
    }

    @Test("no system call and no allocation: it goes on in a process that is allowed neither")
    func nothing() async throws {
        let world = try VerifierWorld()
        let verifier = try Self.warm(world)
        let status = Collected<Int32>()
        await onThreads { _ in
            status.add(
                Self.childAllowedNothing(verifier) {
                    for _ in 0..<10_000 {
                        guard (try? verifier.outcome(of: Self.token)) == .valid,
                            (try? verifier.outcome(of: Self.token, requiring: Self.scopes, in: "ws_1")) == .valid,
                            (try? verifier.verify(Self.token, requiring: Self.scopes))?.isValid == true
                        else { return 2 }
                    }
                    return 0
                })
            // And either would be noticed.
            status.add(Self.childAllowedNothing(verifier) { getppid() > 0 ? 3 : 4 })
            status.add(Self.childAllowedNothing(verifier) { Box(5).value })
        }
        #expect(status.all == [0, -SIGSYS, -SIGSYS])
    }
}

private final class Box: Sendable {
    let value: Int32
    @inline(never) init(_ value: Int32) { self.value = value }
}

/// malloc(3) of this thread, emptied.
private enum Memory {
    /// From here on each allocation of up to two kilobytes asks the kernel.
    static func useUp() -> Bool {
        guard let address = dlsym(nil, "mallopt") else { return false }
        typealias Function = @convention(c) (Int32, Int32) -> Int32
        // Sound: this is the type that mallopt(3) gives.
        let mallopt = unsafeBitCast(address, to: Function.self)
        let mmapThreshold: Int32 = -3
        guard mallopt(mmapThreshold, 0) == 1 else { return false }
        for byteCount in stride(from: 2_048, through: 16, by: -16) {
            // What is free is given first. A chunk that is the kernel's own has bit 1 set in the word before it.
            while let chunk = malloc(byteCount), chunk.load(fromByteOffset: -8, as: UInt.self) & 2 == 0 {}
        }
        return true
    }
}

/// seccomp(2) with a filter; not the strict mode, which also forbids to read the processor's clock.
private enum SystemCalls {
    /// See <linux/filter.h>.
    private struct Instruction {
        var code: UInt16
        var jumpIfTrue: UInt8 = 0
        var jumpIfFalse: UInt8 = 0
        var operand: UInt32
    }

    private struct Program {
        var count: UInt16
        var instructions: UnsafePointer<Instruction>?
    }

    #if arch(x86_64)
        private static let exitGroup: UInt32 = 231
    #else
        private static let exitGroup: UInt32 = 94
    #endif

    /// The calling thread may end the process by exit_group(2); any other call ends it by SIGSYS.
    static func forbid() -> Bool {
        guard let address = dlsym(nil, "prctl") else { return false }
        typealias Function = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
        // Sound: prctl(2) takes these, and a variadic call with integers alone is passed as any other.
        let prctl = unsafeBitCast(address, to: Function.self)
        let (setNoNewPrivileges, setSeccomp, filter): (Int32, Int32, UInt) = (38, 22, 2)
        // Not given back: that would be a call already.
        let instructions = UnsafeMutablePointer<Instruction>.allocate(capacity: 4)
        instructions[0] = Instruction(code: 0x20, operand: 0)  // load the call's number
        instructions[1] = Instruction(code: 0x15, jumpIfFalse: 1, operand: exitGroup)
        instructions[2] = Instruction(code: 0x06, operand: 0x7fff_0000)  // allow
        instructions[3] = Instruction(code: 0x06, operand: 0x8000_0000)  // kill the process
        var program = Program(count: 4, instructions: instructions)
        return withUnsafePointer(to: &program) { program in
            prctl(setNoNewPrivileges, 1, 0, 0, 0) == 0
                && prctl(setSeccomp, filter, UInt(bitPattern: program), 0, 0) == 0
        }
    }
}
