import Glibc
import LinuxIO
import Testing
import TokenWire

@testable import TokenServer

extension ServerTests {
    @Suite("The configuration of a daemon's process")
    struct DaemonReloadTests {
        let place: DaemonProcess.Place
        private var path: String { place.directory.path + "/tokend.conf" }

        init() throws {
            place = try DaemonProcess.Place()
        }

        private func daemon(_ text: String, isAwaited: Bool = true, flags: [String] = []) throws -> DaemonProcess {
            try write(text, to: path)
            return try DaemonProcess(place, arguments: ["--config", path] + flags, isAwaited: isAwaited)
        }

        /// Waits until the log has a line with this text.
        private func logs(_ text: String) throws -> Bool { try eventually { try place.log().contains(text) } }

        // MARK: SIGHUP

        @Test func aHangUpReadsTheFilesAgainAndTheLogTellsWhatCameOfIt() throws {
            let daemon = try daemon("")
            let token = try daemon.bootstrap()
            let client = try RawClient(place.socketPath)
            let request = VerifyRequest(token: token)
            #expect(try client.call(.verify, request).verified().outcome == .valid)
            try write("grant = user:\(geteuid()) verify ws_other\nevent-loops = 3\n", to: path)
            daemon.kill(SIGHUP)
            #expect(try logs("the configuration was read again\" changed=grant restart=event-loops"))
            #expect(try client.call(.verify, request).verified().outcome == .unknown)
            let event = try #require(
                try RawClient(place.operatorPath)
                    .call(.listEvents, ListEventsRequest(action: "configuration.reloaded")).events().events.first)
            #expect(event.actor == "tokend")
            try write("grant = nonsense\n", to: path)
            daemon.kill(SIGHUP)
            #expect(try logs("\(path):1: grant: must be user:NAME or group:NAME"))
            #expect(try client.call(.verify, request).verified().outcome == .unknown)
            daemon.kill(SIGTERM)
            #expect(daemon.waitForExit() == 0)
        }

        @Test func theCommandLineStaysOverTheFileThatIsReadAgain() throws {
            let daemon = try daemon("")
            try write("store = /elsewhere\nsocket = /elsewhere/tokend.sock\nevent-loops = 2\n", to: path)
            let client = try RawClient(place.operatorPath)
            #expect(try client.call(.reload, ReloadRequest()).reloaded().restartSettings == ["event-loops"])
            daemon.kill(SIGTERM)
            #expect(daemon.waitForExit() == 0)
        }

        @Test func aDaemonThatIsStoppingIgnoresAHangUp() throws {
            let daemon = try daemon("")
            // It holds the stop for some seconds.
            let stalled = try daemon.neverReadingClient(try daemon.bootstrap())
            defer { stalled.close() }
            daemon.kill(SIGTERM)
            #expect(try logs("stopping"))
            daemon.kill(SIGHUP)
            #expect(try logs("SIGHUP is ignored"))
            daemon.kill(SIGTERM)
            #expect(daemon.waitForExit() == 0)
        }

        // MARK: Starting

        @Test func aStoreWhoseMembersHaveARoleThatIsGoneIsNotServed() throws {
            let first = try daemon("")
            _ = try first.bootstrap()
            _ = try RawClient(place.operatorPath).call(
                .putMember, PutMemberRequest(userID: "bob", role: "analyst"), metadata: .delegated("ann", "ws_acme")
            ).member()
            first.kill(SIGTERM)
            #expect(first.waitForExit() == 0)
            let roles = place.directory.path + "/roles.conf"
            try write("[read_only]\n[tenant_admin]\n", to: roles)
            let second = try daemon("roles-file = \(roles)", isAwaited: false)
            #expect(second.waitForExit() == 78)
            #expect(try place.log().contains("the roles lack analyst, which 1 member has; "))
        }

        @Test func aDaemonStartsWithTheLimitsOfItsFile() throws {
            let daemon = try daemon("max-lifetime-personal = 1h")
            let token = try RawClient(place.operatorPath).call(
                .bootstrap, BootstrapRequest(workspaceID: "ws_acme", userID: "ann")
            ).secretToken()
            #expect(token.token?.expiresAt != nil)
            daemon.kill(SIGTERM)
            #expect(daemon.waitForExit() == 0)
        }

        // MARK: Checking

        @Test func aCheckOfARightConfigurationSaysNothing() throws {
            let check = try daemon("event-loops = 2", isAwaited: false, flags: ["--check-config"])
            #expect(check.waitForExit() == 0)
            #expect(try place.log().isEmpty)
            #expect(access(place.socketPath, F_OK) != 0)
        }

        @Test func aCheckOfAWrongConfigurationNamesTheFault() throws {
            let check = try daemon(
                "event-loops = 2\nscopes-file = /nonexistent", isAwaited: false, flags: ["--check-config"])
            #expect(check.waitForExit() == 78)
            #expect(
                try place.log()
                    == "tokend: /nonexistent: open: No such file or directory; scopes-file names it\n")
            let usage = try daemon("", isAwaited: false, flags: ["--check-config=yes"])
            #expect(usage.waitForExit() == 64)
        }
    }
}
