import Glibc
import Testing
import TokenWire

extension ServerTests {
    @Suite("The process under a service manager")
    struct DaemonServiceTests {
        let place: DaemonProcess.Place
        let manager: ServiceManager

        init() throws {
            place = try DaemonProcess.Place()
            manager = try ServiceManager(place)
        }

        @Test func whoConnectsWhileThereIsNoDaemonIsAnsweredByTheNextOne() throws {
            // No daemon yet: it waits in the socket's backlog.
            let early = try RawClient(place.operatorPath)
            try early.begin(.bootstrap, BootstrapRequest(workspaceID: "ws_acme", userID: "ann"))
            let first = try DaemonProcess(place, under: manager, isAwaited: false)
            #expect(manager.notifications.next(with: "READY=1") == "READY=1\nSTATUS=Serving\n")
            let admin = try #require(try early.receive()).secretToken().secret
            first.kill(SIGTERM)
            #expect(manager.notifications.next(with: "STOPPING=1") != nil)
            #expect(first.waitForExit() == 0)
            // Between two daemons: the sockets stay, and nobody is turned away.
            let waiting = try RawClient(place.socketPath)
            try waiting.begin(.verify, VerifyRequest(token: admin))
            let second = try DaemonProcess(place, under: manager)
            #expect(try waiting.receive()?.verified().outcome == .valid)
            try expectService(at: place.socketPath, verifying: admin)
            second.kill(SIGTERM)
            #expect(second.waitForExit() == 0)
            #expect(try place.log().contains("listening on a socket of the service manager"))
        }

        @Test func aSocketOfAnotherNameEndsTheStartWithTheReason() throws {
            let wrong = try ServiceManager(DaemonProcess.Place(), names: "operator:http")
            let daemon = try DaemonProcess(place, under: wrong, isAwaited: false)
            #expect(daemon.waitForExit() == 78)
            let reason =
                "LISTEN_FDNAMES names a socket “http”; set FileDescriptorName= in the socket unit to one of rpc and operator"
            #expect(wrong.notifications.next(with: "STATUS") == "STATUS=\(reason)\n")
            #expect(try place.log().contains(reason))
        }

        /// What can't be served is what `systemctl status` tells.
        @Test func aWrongConfigurationOrCommandLineEndsTheStartWithTheReason() throws {
            let file = place.directory.path + "/tokend.conf"
            try write("event-loop = 2", to: file)
            let starts: [(arguments: [String], exitCode: Int32, status: String)] = [
                (["--config", file], 78, "\(file):1: unknown setting event-loop; did you mean event-loops?"),
                (["--event-loops", "two"], 64, "--event-loops: "),
            ]
            for (arguments, exitCode, status) in starts {
                let daemon = try DaemonProcess(place, arguments: arguments, under: manager, isAwaited: false)
                #expect(daemon.waitForExit() == exitCode)
                #expect(manager.notifications.next()?.hasPrefix("STATUS=\(status)") == true)
                #expect(manager.notifications.next(withinMilliseconds: 0) == nil)
            }
        }

        @Test func aStoreThatSomebodyHasEndsTheStartWithTheReason() throws {
            let first = try DaemonProcess(place, under: manager)
            let second = try DaemonProcess(place, under: manager, isAwaited: false)
            #expect(second.waitForExit() == 75)
            #expect(manager.notifications.next(with: "is in use by process \(first.pid)") != nil)
        }
    }
}
