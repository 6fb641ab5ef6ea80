import Glibc
import LinuxIO
import Testing
import TokenCore
import TokenWire

@testable import TokenServer

extension ServerTests {
    @Suite("The process and what lies where it is to listen", .serialized)
    struct PlaceTests {
        private func pageID(at socketPath: String) throws -> [UInt8] {
            try RawClient(socketPath).call(.getCachePage, EmptyMessage()).decode {
                try GetCachePageResponse(copying: GetCachePageResponse.View($0)).pageID
            }
        }

        private func isThere(_ path: String) -> Bool {
            var status = stat()
            return lstat(path, &status) == 0
        }

        @Test func aDaemonOfAnotherStoreLeavesThePageOfTheOneThatServesThere() throws {
            let living = try DaemonProcess(DaemonProcess.Place())
            let admin = try living.bootstrap()
            let pagePath = living.place.socketPath + ".epochs"
            let pageID = try pageID(at: living.place.socketPath)
            let other = try DaemonProcess.Place()
            let second = try DaemonProcess(other, socket: living.place.socketPath, isAwaited: false)
            #expect(second.waitForExit() == 78)
            #expect(try other.log().contains("operator.sock: another process is listening there"))
            #expect(EpochPage.isPresent(path: pagePath, rememberedID: pageID))
            #expect(!isThere(pagePath + ".new"))
            try expectService(at: living.place.socketPath, verifying: admin)
        }

        /// The operator's socket is gone, so that the other daemon gets one, and fails at the second.
        @Test func aDaemonThatGetsOneSocketOfTwoLeavesNeither() throws {
            let living = try DaemonProcess(DaemonProcess.Place())
            let pageID = try pageID(at: living.place.socketPath)
            unlink(living.place.operatorPath)
            let other = try DaemonProcess.Place()
            let second = try DaemonProcess(other, socket: living.place.socketPath, isAwaited: false)
            #expect(second.waitForExit() == 78)
            #expect(try other.log().contains("tokend.sock: another process is listening there"))
            #expect(!isThere(living.place.operatorPath))
            #expect(EpochPage.isPresent(path: living.place.socketPath + ".epochs", rememberedID: pageID))
        }

        @Test(arguments: ["tokend.sock", "operator.sock"])
        func aStartThatFindsSomethingInItsPlaceLeavesNoPage(_ name: String) throws {
            let place = try DaemonProcess.Place()
            #expect(symlink("/nonexistent/elsewhere", place.directory.path + "/" + name) == 0)
            let daemon = try DaemonProcess(place, isAwaited: false)
            #expect(daemon.waitForExit() == 78)
            #expect(!isThere(place.socketPath + ".epochs"))
        }

        @Test func theOperatorsSocketIsNoPlaceForServices() throws {
            let place = try DaemonProcess.Place()
            let daemon = try DaemonProcess(place, socket: place.operatorPath, isAwaited: false)
            #expect(daemon.waitForExit() == 64)
            #expect(try place.log().contains("--socket: is the operator's socket, which lies beside this one"))
            #expect(!isThere(place.operatorPath + ".epochs"))
        }

        @Test(arguments: [1, 13, 20])
        func aPathThatIsTooLongForOneOfTheSocketsIsRefusedBeforeAnythingIsMade(_ nameByteCount: Int) throws {
            let place = try DaemonProcess.Place()
            let parentByteCount = UnixAddress.pathByteCountMax - max(nameByteCount, "operator.sock".utf8.count)
            var parent = place.directory.path + "/"
            parent += String(repeating: "d", count: parentByteCount - parent.utf8.count)
            mkdir(parent, 0o700)
            let name = String(repeating: "s", count: nameByteCount)
            let daemon = try DaemonProcess(place, socket: parent + "/" + name, isAwaited: false)
            #expect(daemon.waitForExit() == 64)
            #expect(try place.log().contains("--socket: is too long"))
            #expect(!isThere(parent + "/" + name + ".epochs"))
            rmdir(parent)
        }

        // MARK: Whose they are

        /// On a host that has the group: with another file for this one process in the place of /etc/group.
        @Test(.enabled(if: OtherUser.canBecome), arguments: [true, false])
        func theSocketAndThePageBelongToTheGroupOfTheClients(_ isRoot: Bool) throws {
            let place = try DaemonProcess.Place()
            try write("root:x:0:\ntokend-clients:x:4777:\n", to: place.directory.path + "/group")
            chmod(place.directory.path + "/group", 0o644)
            var program = [try DaemonProcess.executable]
            if !isRoot {
                // Where that user may run it.
                let copy = place.directory.path + "/program"
                let copying = try DaemonProcess.spawn("/bin/cp", [program[0], copy], nil)
                waitpid(copying, nil, 0)
                program = ["setpriv", "--reuid", "4242", "--regid", "4242", "--groups", "4777", copy]
                let files = ["", "/tokend.db", "/tokend.lock"].map { place.storePath + $0 }
                for path in [place.directory.path] + files { chown(path, 4242, 4242) }
            }
            let script = "mount --bind \(place.directory.path)/group /etc/group && exec \"$@\" 2>>\(place.logPath)"
            let serve = ["serve", "--store", place.storePath, "--socket", place.socketPath]
            let pid = try DaemonProcess.spawn(
                "/usr/bin/unshare", ["--mount", "sh", "-c", script, "sh"] + program + serve, nil)
            defer {
                kill(pid, SIGTERM)
                var status: Int32 = 0
                waitpid(pid, &status, 0)
            }
            let isReady = eventually { (try? place.log().contains("message=ready")) == true }
            #expect(isReady, "\((try? place.log()) ?? "no log")")
            for path in [place.socketPath, place.socketPath + ".epochs"] {
                #expect(PlacedFile(path: path).groupID == 4777)
            }
            #expect(PlacedFile(path: place.operatorPath).groupID == (isRoot ? 0 : 4242))
        }

        // MARK: While it serves

        private func status(_ client: RawClient) throws -> GetStatusResponse {
            try client.call(.getStatus, EmptyMessage()).daemonStatus()
        }

        @Test func aDaemonWhoseFilesAreGoneSaysSo() throws {
            let place = try DaemonProcess.Place()
            let daemon = try DaemonProcess(place)
            let host = try RawClient(place.operatorPath)
            #expect(try status(host).isReady)
            unlink(place.socketPath)
            rename(place.socketPath + ".epochs", place.socketPath + ".away")
            try write("", to: place.socketPath + ".epochs")
            #expect(try eventually { try !status(host).isReady })
            let reason =
                "\(place.socketPath) and \(place.socketPath).epochs are gone, so that new clients don't find tokend: "
                + "restart tokend"
            #expect(try status(host).notReadyReason == reason)
            let health = try host.call(.checkHealth, HealthCheckRequest()).decode {
                try HealthCheckResponse(copying: HealthCheckResponse.View($0)).status
            }
            #expect(health == .notServing)
            let metrics = try host.call(.getMetrics, EmptyMessage()).decode {
                try GetMetricsResponse(copying: GetMetricsResponse.View($0)).text
            }
            #expect(metrics.contains("\ntokend_ready 0\n") && metrics.contains("\ntokend_lost_files 2\n"))
            daemon.kill(SIGTERM)
            #expect(daemon.waitForExit() == 0)
            let warnings = try place.log().split(separator: "\n").filter { $0.contains("level=warning") }
            #expect(warnings.count == 2, "each file once, and those that the daemon removed itself not at all")
            #expect(warnings.first?.contains("path=\(place.socketPath) remedy=\"restart tokend\"") == true)
        }

        @Test func aSocketOfTheServiceManagerThatIsGoneIsToBeMadeByIt() throws {
            let place = try DaemonProcess.Place()
            let manager = try ServiceManager(place)
            let daemon = try DaemonProcess(place, under: manager)
            unlink(place.socketPath)
            let remedy = "systemctl restart tokend.socket tokend-operator.socket tokend.service"
            let reason = "\(place.socketPath) is gone, so that new clients don't find tokend: \(remedy)"
            #expect(manager.notifications.next(with: reason) == "STATUS=Serving; \(reason)\n")
            daemon.kill(SIGTERM)
            #expect(daemon.waitForExit() == 0)
            #expect(try place.log().contains(remedy))
        }

        @Test func ofSeveralFilesTheRemedyIsTheOneThatBringsAllBack() throws {
            let log = try Log()
            let facts = DaemonFacts(
                admission: Admission(policy: PeerPolicy(grants: []), daemonUserID: 0, log: log),
                changes: ChangeLimiter(.unlimited), auditRetentionDays: 365, log: log,
                reporter: ServiceReporter(log: log))
            facts.lose([
                .init(path: "/a", remedy: .restartUnits), .init(path: "/b", remedy: .restart),
                .init(path: "/c", remedy: .restart),
            ])
            #expect(
                facts.unreadyReason == "/a, /b and /c are gone, so that new clients don't find tokend: "
                    + "systemctl restart tokend.socket tokend-operator.socket tokend.service")
        }
    }
}
