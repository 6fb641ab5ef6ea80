import Foundation
import Glibc
import Testing

@testable import LinuxIO

@Suite("Telling the service manager")
final class ServiceNotifierTests {
    private let directory: String

    init() throws {
        directory = FileManager.default.temporaryDirectory.path + "/tokend-notify-" + UUID().uuidString
        try #require(mkdir(directory, 0o700) == 0)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// The service manager's end, at a path or at `@name`.
    private func receiver(at name: String) throws -> FileDescriptor {
        let raw = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let address =
            try name.hasPrefix("@") ? UnixAddress(abstractName: String(name.dropFirst())) : UnixAddress(path: name)
        try #require(address.withSocketAddress { bind(raw, $0, $1) } == 0)
        return FileDescriptor(owning: raw)
    }

    private func message(at receiver: borrowing FileDescriptor) -> String {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = recv(receiver.rawValue, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }

    @Test func aMessageArrivesAsOneDatagramByPathAndByAbstractName() throws {
        let longest =
            directory + "/" + String(repeating: "n", count: UnixAddress.pathByteCountMax - directory.utf8.count - 1)
        for name in [directory + "/notify", longest, "@tokend-test-\(UUID().uuidString)"] {
            let receiver = try receiver(at: name)
            let notifier = try ServiceNotifier(socket: name)
            #expect(notifier.tell([.ready, .status("Serving")]))
            #expect(notifier.tell([.watchdog]))
            #expect(message(at: receiver) == "READY=1\nSTATUS=Serving\n")
            #expect(message(at: receiver) == "WATCHDOG=1\n")
        }
    }

    @Test func eachSignIsWrittenAsTheServiceManagerReadsIt() {
        #expect(
            ServiceSign.reloading(monotonicMicroseconds: 12).lines == "RELOADING=1\nMONOTONIC_USEC=12\n")
        #expect(ServiceSign.stopping.lines == "STOPPING=1\n")
        #expect(ServiceSign.extendTimeout(microseconds: 3_000_000).lines == "EXTEND_TIMEOUT_USEC=3000000\n")
    }

    @Test func aStatusIsOneLineWhateverItSays() {
        #expect(ServiceSign.status("a\nREADY=1\r\nb").lines == "STATUS=a READY=1 b\n")
    }

    @Test func nobodyThereIsNoError() throws {
        let path = directory + "/notify"
        let notifier = try ServiceNotifier(socket: path)
        #expect(!notifier.tell([.ready]))
        // A service manager that comes later hears what is said later.
        let receiver = try receiver(at: path)
        #expect(notifier.tell([.ready]))
        #expect(message(at: receiver) == "READY=1\n")
    }

    @Test func aServiceManagerThatDoesNotReadIsNotWaitedFor() throws {
        let path = directory + "/notify"
        let receiver = try receiver(at: path)
        let notifier = try ServiceNotifier(socket: path)
        var takenCount = 0
        // Blocking, this would never end.
        while notifier.tell([.status(String(takenCount))]) && takenCount < 1_000_000 { takenCount += 1 }
        #expect((1..<1_000_000).contains(takenCount))
        #expect(message(at: receiver) == "STATUS=0\n")
        #expect(notifier.tell([.ready]))
    }

    @Test(arguments: ["", "notify", "@", "vsock:2:1", "/" + String(repeating: "n", count: 107)])
    func anAddressThatCannotBeUsedIsRefused(name: String) {
        #expect(throws: SystemError.self) { _ = try ServiceNotifier(socket: name) }
    }

    @Test func theWatchdogIsMeantForTheProcessItNames() {
        func interval(_ text: String?, _ watched: String?) -> Int64? {
            ServiceEnvironment.watchdogMicroseconds(text, for: watched, processID: 42)
        }
        #expect(interval("3000000", "42") == 3_000_000)
        #expect(interval("3000000", nil) == 3_000_000)
        #expect(interval("3000000", "43") == nil)
        #expect(interval("3000000", "x") == nil)
        #expect(interval(nil, "42") == nil)
        #expect(interval("0", nil) == nil)
        #expect(interval("-1", nil) == nil)
        #expect(interval("soon", nil) == nil)
    }

    @Test func whatWasSaidToThisProcessIsTakenOutOfTheEnvironment() {
        let values = [
            "NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "5", "WATCHDOG_PID": String(getpid()), "LISTEN_PID": "1",
            "LISTEN_FDS": "2", "LISTEN_FDNAMES": "a:b",
        ]
        for (name, value) in values { setenv(name, value, 1) }
        let environment = ServiceEnvironment.take()
        for name in values.keys { #expect(getenv(name) == nil, "\(name)") }
        #expect(environment.notifySocket == "/run/x")
        #expect(environment.watchdogMicroseconds == 5)
        #expect(environment.listenProcessID == "1")
        #expect(environment.listenCount == "2")
        #expect(environment.listenNames == "a:b")
        #expect(ServiceEnvironment.take() == ServiceEnvironment())
    }
}
