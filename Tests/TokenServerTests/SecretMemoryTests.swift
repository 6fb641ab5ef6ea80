import Glibc
import LinuxIO
import Testing
import TokenServer
import TokenWire

extension ServerTests {
    @Suite("What the daemon keeps of secrets", .enabled(if: OtherUser.canBecome))
    struct SecretMemoryTests {
        /// Of a token's text.
        private let byteCount = 54

        /// Token texts that lie in the memory which a process can write to.
        private func tokens(inMemoryOf pid: pid_t) throws -> Set<String> {
            let file = FileDescriptor(owning: open("/proc/\(pid)/mem", O_RDONLY | O_CLOEXEC))
            var found: Set<String> = []
            for line in try TextFile.read("/proc/\(pid)/maps").split(separator: "\n") {
                let fields = line.split(separator: " ")
                let ends = fields[0].split(separator: "-").compactMap { Int($0, radix: 16) }
                guard fields[1].hasPrefix("rw"), ends.count == 2 else { continue }
                var bytes = [UInt8](repeating: 0, count: ends[1] - ends[0])
                let count = pread(file.rawValue, &bytes, bytes.count, off_t(ends[0]))
                if count > 0 { collect(bytes.prefix(count), &found) }
            }
            return found
        }

        private func collect(_ bytes: ArraySlice<UInt8>, _ found: inout Set<String>) {
            let prefix = Array("clpu_".utf8)
            bytes.withUnsafeBytes { memory in
                guard var position = memory.baseAddress else { return }
                let end = position + memory.count - byteCount
                while position < end, let start = memchr(position, Int32(prefix[0]), end - position) {
                    position = UnsafeRawPointer(start) + 1
                    if memcmp(start, prefix, prefix.count) != 0 { continue }
                    let text = UnsafeRawBufferPointer(start: start, count: byteCount)
                    found.insert(String(decoding: text, as: UTF8.self))
                }
            }
        }

        @Test func nothingIsLeftOfSecretsThatWereHandedOut() throws {
            let daemon = try DaemonProcess(DaemonProcess.Place())
            _ = try daemon.bootstrap()
            let client = try RawClient(daemon.place.operatorPath)
            var secrets: Set<String> = []
            for number in 0..<30 {
                let made = try client.call(
                    .createToken, CreateTokenRequest(name: "\(number)", scopes: ["issues:read"]),
                    metadata: .delegated("ann", "ws_acme"))
                secrets.insert(try made.secretToken().secret)
            }
            #expect(secrets.count == 30 && secrets.allSatisfy { $0.utf8.count == byteCount })
            // The loop overwrites a reply behind its write, and so before it answers the next call.
            _ = try client.call(.verify, VerifyRequest(token: Tokens.unknown))
            let found = try tokens(inMemoryOf: daemon.pid)
            #expect(found.isDisjoint(with: secrets))
            // The search finds what there is: this was received, and nothing has overwritten it yet.
            #expect(found.contains(Tokens.unknown))
        }
    }
}
