import Glibc
import LinuxIO
import Synchronization
import Testing
import TokenServer
import TokenWire

extension ServerTests {
    @Suite("The process", .serialized)
    struct DaemonTests {
        private func create(_ name: String) -> CreateTokenRequest {
            CreateTokenRequest(name: name, scopes: ["issues:read"])
        }

        private func mode(_ path: String) -> UInt32? {
            var status = stat()
            return lstat(path, &status) == 0 ? status.st_mode : nil
        }

        // MARK: Starting

        @Test func theSocketsHaveTheirModes() throws {
            let daemon = try DaemonProcess(DaemonProcess.Place())
            #expect(mode(daemon.place.socketPath) == S_IFSOCK | 0o660)
            #expect(mode(daemon.place.operatorPath) == S_IFSOCK | 0o600)
            daemon.kill(SIGTERM)
            #expect(daemon.waitForExit() == 0)
            #expect(mode(daemon.place.socketPath) == nil)
            #expect(mode(daemon.place.operatorPath) == nil)
        }

        @Test func aSocketHasItsModeFromTheFirstMoment() throws {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/s"
            let isDone = Semaphore()
            let others = Mutex<Set<UInt32>>([])
            let seenCount = Atomic(0)
            let watcher = try PosixThread(name: "watcher") {
                while !isDone.tryWait() {
                    var status = stat()
                    guard lstat(path, &status) == 0 else { continue }
                    seenCount.wrappingAdd(1, ordering: .relaxed)
                    if status.st_mode & 0o777 != 0o660 { others.withLock { _ = $0.insert(status.st_mode) } }
                }
            }
            for _ in 0..<1_000 {
                let listener = try UnixListener(path: path, mode: 0o660)
                listener.removeFile()
            }
            isDone.signal()
            watcher.join()
            #expect(others.withLock { $0 }.isEmpty)
            #expect(seenCount.load(ordering: .relaxed) > 0)
        }

        @Test func aSecondDaemonNamesTheFirstAndHarmsNothing() throws {
            let first = try DaemonProcess(DaemonProcess.Place())
            let admin = try first.bootstrap()
            var before = stat()
            lstat(first.place.socketPath, &before)
            let second = try DaemonProcess(first.place, isAwaited: false)
            #expect(second.waitForExit() == 75)
            #expect(try first.place.log().contains("in use by process \(first.pid)"))
            var after = stat()
            lstat(first.place.socketPath, &after)
            #expect(before.st_ino == after.st_ino)
            try expectService(at: first.place.socketPath, verifying: admin)
            first.kill(SIGTERM)
            #expect(first.waitForExit() == 0)
        }

        @Test func aSocketLeftByADeadDaemonIsReplaced() throws {
            let place = try DaemonProcess.Place()
            let first = try DaemonProcess(place)
            let admin = try first.bootstrap()
            first.kill(SIGKILL)
            #expect(first.waitForExit() == -SIGKILL)
            #expect(mode(place.socketPath) != nil)
            let second = try DaemonProcess(place)
            try expectService(at: place.socketPath, verifying: admin)
            second.kill(SIGTERM)
            #expect(second.waitForExit() == 0)
        }

        @Test(arguments: ["tokend.sock", "operator.sock"])
        func whatIsNoSocketIsLeftAloneAndNoSocketIsLeftBehind(_ name: String) throws {
            let place = try DaemonProcess.Place()
            let path = place.directory.path + "/" + name
            let descriptor = FileDescriptor(owning: open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600))
            #expect(write(descriptor.rawValue, "x", 1) == 1)
            let daemon = try DaemonProcess(place, isAwaited: false)
            #expect(daemon.waitForExit() == 78)
            #expect(try place.log().contains("\(path): there is something that is not a socket of ours"))
            #expect(try TextFile.read(path) == "x")
            let other = name == "tokend.sock" ? place.operatorPath : place.socketPath
            #expect(mode(other) == nil)
        }

        @Test func aSymbolicLinkAtThePathIsNotFollowed() throws {
            let place = try DaemonProcess.Place()
            #expect(symlink("/nonexistent/elsewhere", place.socketPath) == 0)
            let daemon = try DaemonProcess(place, isAwaited: false)
            #expect(daemon.waitForExit() == 78)
            #expect((mode(place.socketPath) ?? 0) & S_IFMT == S_IFLNK)
        }

        @Test func aDirectoryThatOthersMayWriteToIsRefused() throws {
            let place = try DaemonProcess.Place()
            chmod(place.directory.path, 0o777)
            let daemon = try DaemonProcess(place, isAwaited: false)
            #expect(daemon.waitForExit() == 78)
            #expect(try place.log().contains("is writable by others"))
            #expect(mode(place.socketPath) == nil)
            chmod(place.directory.path, 0o700)
        }

        @Test func aSignalWhileItStartsEndsItAndTheNextStartIsClean() throws {
            let place = try DaemonProcess.Place()
            for delay in stride(from: 0, to: 20_000, by: 2_000) {
                let daemon = try DaemonProcess(place, isAwaited: false)
                usleep(UInt32(delay))
                daemon.kill(SIGTERM)
                // Before it blocks the signal the kernel ends it; after that it drains.
                let code = try #require(daemon.waitForExit())
                #expect(code == 0 || code == -SIGTERM)
            }
            let daemon = try DaemonProcess(place)
            #expect(try !daemon.bootstrap().isEmpty)
        }

        // MARK: Ending

        @Test func aDrainAnswersWhatIsInFlightAndClosesWhatIsIdle() throws {
            let daemon = try DaemonProcess(DaemonProcess.Place())
            let admin = try daemon.bootstrap()
            let idle = try RawClient(daemon.place.socketPath)
            _ = try idle.call(.verify, VerifyRequest(token: admin))
            let slow = try RawClient(daemon.place.socketPath)
            try slow.send([0, 0, 0])
            let stalled = try daemon.neverReadingClient(admin)
            let busy = try RawClient(daemon.place.socketPath)
            // One write of all the frames is one read of the server: with the first answer all are in flight.
            var bytes: [UInt8] = []
            for id in Frames.ids(64) {
                bytes += Frames.request(id, .createToken, create("token-\(id)"), metadata: [.bearer(admin)])
            }
            try busy.send(bytes)
            var answered = [try #require(try busy.receive())]
            let start = SystemClock.monotonicNanoseconds()
            daemon.kill(SIGTERM)
            answered += try busy.receiveAll()
            #expect(Set(answered.map(\.streamID)) == Set(Frames.ids(64)))
            for reply in answered { #expect(try !reply.secretToken().secret.isEmpty) }
            #expect(try idle.receiveAll().isEmpty)
            #expect(try slow.receiveAll().isEmpty)
            #expect(SystemClock.monotonicNanoseconds() - start < 2_000_000_000, "the idle did not wait for the stalled")
            #expect(throws: ClientFailure.self) { try RawClient(daemon.place.socketPath) }
            #expect(daemon.waitForExit() == 0)
            let milliseconds = (SystemClock.monotonicNanoseconds() - start) / 1_000_000
            #expect((4_000...6_500).contains(milliseconds), "the stalled one has five seconds")
            stalled.close()

            let next = try DaemonProcess(daemon.place)
            let secrets = try answered.map { try $0.secretToken().secret }
            let client = try RawClient(next.place.socketPath)
            for secret in secrets {
                #expect(try client.call(.verify, VerifyRequest(token: secret)).verified().outcome == .valid)
            }
        }

        @Test(arguments: [SIGTERM, SIGINT])
        func withNothingInFlightItEndsAtOnce(_ signal: Int32) throws {
            let daemon = try DaemonProcess(DaemonProcess.Place())
            let idle = try RawClient(daemon.place.socketPath)
            let start = SystemClock.monotonicNanoseconds()
            daemon.kill(SIGHUP)
            daemon.kill(signal)
            #expect(daemon.waitForExit() == 0)
            #expect(SystemClock.monotonicNanoseconds() - start < 1_500_000_000)
            #expect(try idle.receiveAll().isEmpty)
        }

        @Test func aSecondSignalEndsItAtOnce() throws {
            let daemon = try DaemonProcess(DaemonProcess.Place())
            let admin = try daemon.bootstrap()
            let stalled = try daemon.neverReadingClient(admin)
            daemon.kill(SIGTERM)
            usleep(200_000)
            #expect(daemon.waitForExit(withinMilliseconds: 50) == nil)
            let start = SystemClock.monotonicNanoseconds()
            daemon.kill(SIGTERM)
            #expect(daemon.waitForExit() == 0)
            #expect(SystemClock.monotonicNanoseconds() - start < 1_500_000_000)
            stalled.close()
        }

        @Test(arguments: [SIGSEGV, SIGILL, SIGABRT])
        func aCrashShowsNothingOfItsMemory(_ signal: Int32) throws {
            let daemon = try DaemonProcess(DaemonProcess.Place())
            daemon.kill(signal)
            #expect(daemon.waitForExit() == -signal)
            let log = try daemon.place.log()
            #expect(!log.contains("0x"))
            #expect(!log.contains("Backtrace"))
        }

        // MARK: Running

        @Test func withoutDescriptorsItWaitsAndThenGoesOn() throws {
            let daemon = try DaemonProcess(DaemonProcess.Place())
            let admin = try daemon.bootstrap()
            let known = try RawClient(daemon.place.socketPath)
            _ = try known.call(.verify, VerifyRequest(token: admin))

            // All numbers but the reserve's are taken: who comes is turned away, and at once.
            usleep(50_000)
            try daemon.limitOpenFiles(to: ProcessFigures.lowestFreeDescriptor(pid: daemon.pid))
            let start = SystemClock.monotonicNanoseconds()
            for _ in 0..<20 { #expect(try RawClient(daemon.place.socketPath).receiveAll().isEmpty) }
            #expect(SystemClock.monotonicNanoseconds() - start < 1_000_000_000)

            // Not even that one is left: who comes waits, and costs nothing meanwhile.
            try daemon.limitOpenFiles(to: 3)
            let waiting = try RawClient(daemon.place.socketPath)
            try waiting.begin(.verify, VerifyRequest(token: admin))
            let before = try ProcessFigures.processorMilliseconds(pid: daemon.pid)
            usleep(700_000)
            #expect(try ProcessFigures.processorMilliseconds(pid: daemon.pid) - before < 200)
            #expect(try known.call(.verify, VerifyRequest(token: admin)).verified().outcome == .valid)

            try daemon.limitOpenFiles(to: 1_024)
            #expect(try #require(try waiting.receive()).verified().outcome == .valid)
            try expectService(at: daemon.place.socketPath, verifying: admin)
            let warnings = try daemon.place.log().split(separator: "\n").filter { $0.contains("level=warning") }
            #expect((1...3).contains(warnings.count), "each message once a minute")
        }

        @Test func aThousandFaultsLeaveNoDescriptorAndNoMemoryBehind() throws {
            let daemon = try DaemonProcess(DaemonProcess.Place())
            let admin = try daemon.bootstrap()
            let path = daemon.place.socketPath
            let verify = Frames.request(1, .verify, VerifyRequest(token: admin))
            let faults: [[UInt8]] = [
                [], [0], Array(verify.prefix(60)), Frames.header(1, 0xffff_ffff), Frames.header(1, 256 << 10),
                Frames.header(1, 4 << 20, FrameType(rawValue: 9)), Frames.request(2, .verify, VerifyRequest()),
                verify + verify, Frames.frame(1, .request, [0xff, 0xff]), Frames.frame(1, .data, [1, 2, 3]),
                Frames.request(1, .revokeSelf, RevokeSelfRequest(token: Tokens.unknown)),
                Frames.request(1, .createToken, create("half"), metadata: [.bearer("x")]),
                [UInt8](repeating: 0xa5, count: 5_000),
            ]
            func repeatFaults(_ count: Int) throws {
                for number in 0..<count {
                    let client = try RawClient(path)
                    try? client.send(faults[number % faults.count])
                    // Every other peer is gone before its answer.
                    if number / faults.count % 2 == 0 {
                        client.endSending()
                        _ = try? client.receiveAll()
                    }
                    client.close()
                }
            }
            try repeatFaults(200)
            try expectService(at: path, verifying: admin)
            let observer = try RawClient(daemon.place.operatorPath)
            func expectAlone() throws {
                #expect(
                    try eventually {
                        try observer.call(.getStatus, EmptyMessage()).daemonStatus().connectionCount == 1
                    })
            }
            try expectAlone()
            let descriptorCount = ProcessFigures.descriptorCount(pid: daemon.pid)
            let memory = try ProcessFigures.residentKibibytes(pid: daemon.pid)
            try repeatFaults(1_000)
            try expectService(at: path, verifying: admin)
            try expectAlone()
            #expect(ProcessFigures.descriptorCount(pid: daemon.pid) == descriptorCount)
            #expect(try ProcessFigures.residentKibibytes(pid: daemon.pid) - memory < 1_024)
        }

        @Test func noSecretIsInTheLogOfAWholeRunAndEachLineIsOneEvent() throws {
            let place = try DaemonProcess.Place()
            try write("log-level = debug\n", to: place.directory.path + "/tokend.conf")
            let daemon = try DaemonProcess(place, arguments: ["--config", place.directory.path + "/tokend.conf"])
            var secrets = [try daemon.bootstrap()]
            let client = try RawClient(daemon.place.socketPath)
            for number in 0..<20 {
                let made = try client.call(.createToken, create("ci-\(number)"), metadata: [.bearer(secrets[0])])
                    .secretToken()
                secrets.append(made.secret)
                let id = try #require(made.token?.id)
                secrets.append(
                    try client.call(.rollToken, RollTokenRequest(id: id), metadata: [.bearer(secrets[0])]).secretToken()
                        .secret)
            }
            for secret in secrets {
                for text in [secret, secret + "x", String(secret.dropLast())] {
                    _ = try client.call(.verify, VerifyRequest(token: text))
                    _ = try client.call(.whoAmI, EmptyMessage(), metadata: [.bearer(text)])
                    _ = try client.call(.getToken, GetTokenRequest(id: text), metadata: [.bearer(secrets[0])])
                    _ = try client.call(.createToken, create(text), metadata: [.bearer(text)])
                    let envelope = RequestEnvelope(service: text, method: text)
                    try RawClient(daemon.place.socketPath).send(Frames.frame(1, .request, envelope.encoded()))
                }
            }
            daemon.kill(SIGTERM)
            #expect(daemon.waitForExit() == 0)
            let log = try daemon.place.log()
            for secret in secrets { #expect(!log.contains(secret.dropFirst(5).prefix(16))) }
            let lines = log.split(separator: "\n")
            #expect(lines.count >= 4)
            #expect(lines.allSatisfy { $0.contains(/^time=\S+Z level=[a-z]+ message=/) })
            #expect(log.contains("message=ready"))
            #expect(log.contains("message=\"audit head at stop\""))
        }

        @Test func aThousandConnectionsWith64CreatesEachAreAnsweredAndTheirMemoryComesBack() throws {
            Privileges.raiseOpenFileLimit()
            let daemon = try DaemonProcess(DaemonProcess.Place())
            let admin = try daemon.bootstrap()
            let connectionCount = Load.amount(1_000, debug: 60)
            var clients: [RawClient] = []
            for _ in 0..<connectionCount {
                // A peer that names the user is not limited in its changes, as a bearer is.
                let client = try RawClient(daemon.place.operatorPath, timeoutSeconds: 60)
                _ = try client.call(.verify, VerifyRequest(token: admin))
                clients.append(client)
            }
            let before = try ProcessFigures.residentKibibytes(pid: daemon.pid)
            // Asked for while the daemon stands still, so that all of it is there at once.
            daemon.kill(SIGSTOP)
            for (number, client) in clients.enumerated() {
                var bytes: [UInt8] = []
                for id in Frames.ids(65).dropFirst() {
                    bytes += Frames.request(
                        id, .createToken, create("\(number)-\(id)"), metadata: .delegated("ann", "ws_acme"))
                }
                try client.send(bytes)
            }
            let start = SystemClock.monotonicNanoseconds()
            daemon.kill(SIGCONT)
            var peak = before
            var answeredCount = 0
            for client in clients {
                let replies = try client.exchangeBytes([], replyCount: WireLimits.streamCountMax)
                try Frames.forEach(in: replies) { _, body in
                    // Field 2, the payload: no status.
                    if body.first == 2 << 3 | 2 { answeredCount += 1 }
                }
                peak = max(peak, try ProcessFigures.residentKibibytes(pid: daemon.pid))
            }
            let milliseconds = (SystemClock.monotonicNanoseconds() - start) / 1_000_000
            #expect(answeredCount == connectionCount * WireLimits.streamCountMax)
            clients = []
            let allowance = 16 << 10
            _ = try eventually { try ProcessFigures.residentKibibytes(pid: daemon.pid) - before < allowance / 2 }
            let after = try ProcessFigures.residentKibibytes(pid: daemon.pid)
            print(
                "\(answeredCount) creates on \(connectionCount) connections in \(milliseconds) ms; "
                    + "resident KiB: \(before) before, \(peak) at most, \(after) after")
            try expectService(at: daemon.place.socketPath, verifying: admin)
            // What stays: the allocator's free lists and SQLite's page caches, whatever the number of connections.
            #expect(after - before < allowance)
        }
    }
}
