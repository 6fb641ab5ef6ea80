import Glibc
import Synchronization
import Testing
import TokenWire

@testable import LinuxIO
@testable import TokenClient

@Suite("What a verifier remembers, and the epoch page")
struct VerifierEpochTests {
    private let world: VerifierWorld
    private let verifier: TokenVerifier

    /// Token a is remembered.
    init() throws {
        world = try VerifierWorld()
        verifier = try world.verifier()
        world.set("a", VerifierWorld.valid("a"))
        world.set("b", VerifierWorld.valid("b"))
        _ = try verifier.verify("a")
    }

    private func isRemembered(_ token: String = "a") throws -> Bool {
        try world.asked { _ = try verifier.outcome(of: token) } == 0
    }

    @Test("an answer is forgotten when its epoch moves, and another shard's is not")
    func epochMoves() throws {
        _ = try verifier.verify("b")
        world.begin("a")
        world.set("a", VerifyAnswer(outcome: .revoked, tokenID: "tok_a", workspaceID: "ws_1"))
        #expect(try verifier.outcome(of: "a") == .revoked)
        world.end("a")
        #expect(try verifier.outcome(of: "a") == .revoked)
        #expect(try verifier.verify("a").outcome == .revoked)
        #expect(try isRemembered("b"))
    }

    @Test("nothing is kept while a change is being committed")
    func odd() throws {
        world.begin("a")
        for _ in 0..<3 { #expect(try !isRemembered()) }
        world.end("a")
        // Nor was it kept under the odd number or the one before it.
        #expect(try !isRemembered())
        #expect(try isRemembered())
    }

    @Test("an answer is not kept when its epoch moved between the question and the answer", arguments: [1, 2])
    func movedMeanwhile(_ moves: Int) throws {
        world.whenVerifying { [weak world] in
            world?.begin("b")
            if moves == 2 { world?.end("b") }
        }
        // The daemon read before the change, and the change was over before the answer came.
        #expect(try verifier.outcome(of: "b") == .valid)
        world.whenVerifying(nil)
        world.set("b", VerifyAnswer(outcome: .revoked, tokenID: "tok_b", workspaceID: "ws_1"))
        #expect(try verifier.outcome(of: "b") == .revoked)
        if moves == 1 { world.end("b") }
        #expect(try verifier.outcome(of: "b") == .revoked)
        #expect(verifier.statistics.entryCount == 1)
    }

    @Test("a restart on the same page is noticed, and the page got again")
    func restart() async throws {
        try world.restartOnPage()
        #expect(try !isRemembered())
        #expect(verifier.statistics.restartedCount == 1)
        #expect(verifier.core?.pageAddress.load(ordering: .acquiring) != 0)
        try await askUntilRemembered()
        #expect(try isRemembered())
    }

    @Test("an answer from across a restart is not kept")
    func restartMeanwhile() throws {
        world.whenVerifying { [weak world] in try? world?.restartOnPage() }
        #expect(try verifier.outcome(of: "b") == .valid)
        world.whenVerifying(nil)
        #expect(verifier.statistics.entryCount <= 1)
        #expect(try !isRemembered("b"))
    }

    @Test("nothing is believed when the lease is over, and all of it when it goes on")
    func lease() throws {
        world.page?.memory.setLeaseEnd(UInt64(SystemClock.boottimeNanoseconds()))
        for _ in 0..<3 { #expect(try !isRemembered()) }
        #expect(verifier.statistics.leaseOverCount == 3)
        world.page?.renewLease()
        #expect(try isRemembered())
    }

    @Test("why the page can't be believed is told as long as it can't, and no longer")
    func toldWhileItHolds() async throws {
        #expect(verifier.statistics.pageProblem == nil)
        world.page?.memory.setLeaseEnd(UInt64(SystemClock.boottimeNanoseconds()))
        #expect(verifier.statistics.pageProblem?.contains("lease") == true)
        let answer = Collected<GetCachePageResponse?>()
        world.setPageAnswer {
            answer.add($0)
            $0 = nil
        }
        #expect(
            await eventually {
                _ = try? verifier.outcome(of: "a")
                return world.pageCallCount == 2
            })
        #expect(verifier.statistics.pageProblem?.contains("no page") == true)
        world.page?.renewLease()
        #expect(verifier.statistics.pageProblem == nil)
        try world.restartOnPage()
        #expect(verifier.statistics.pageProblem != nil)
        world.setPageAnswer { $0 = answer.all[0] }
        try await askUntilRemembered()
        #expect(verifier.statistics.pageProblem == nil)
        try world.restartOnPage()
        #expect(verifier.statistics.pageProblem?.contains("restarted") == true)
    }

    @Test("the page is asked for once a second at most, and another one is taken when the lease of the old is over")
    func replaced() async throws {
        world.page?.memory.setLeaseEnd(1)
        try world.makePage()
        #expect(world.pageCallCount == 1)
        for _ in 0..<5 { #expect(try !isRemembered()) }
        #expect(world.pageCallCount <= 2)
        try await askUntilRemembered()
        #expect(world.pageCallCount <= 3)
        #expect(verifier.statistics.pageProblem == nil && verifier.statistics.entryCount == 1)
        // And it is the new one that counts.
        world.begin("a")
        #expect(try !isRemembered())
    }

    @Test("without a page every question goes to the daemon, and the reason is told")
    func noPage() throws {
        let world = try VerifierWorld(hasPage: false)
        world.set("a", VerifierWorld.valid("a"))
        let verifier = try world.verifier()
        for _ in 0..<5 { #expect(try verifier.outcome(of: "a") == .valid) }
        #expect(world.requests.count == 5 && world.pageCallCount == 1)
        #expect(verifier.statistics.withoutPageCount == 5 && verifier.statistics.fallbackCount == 5)
        #expect(verifier.statistics.pageProblem?.contains("no page") == true)
    }

    /// Asks until the page has been got again, which takes a second at most.
    private func askUntilRemembered() async throws {
        #expect(await eventually { (try? isRemembered()) == true })
    }
}

@Suite("A page that a verifier must not believe")
struct VerifierPageTests {
    /// What is told of a page after `spoil` had its way with it.
    private func problem(_ spoil: (VerifierWorld) throws -> Void) throws -> String? {
        let world = try VerifierWorld()
        try spoil(world)
        world.set("a", VerifierWorld.valid("a"))
        let verifier = try world.verifier()
        for _ in 0..<2 { #expect(try verifier.outcome(of: "a") == .valid) }
        #expect(world.requests.count == 2)
        #expect(verifier.statistics.entryCount == 0)
        return verifier.statistics.pageProblem
    }

    @Test(
        "is one of another mode, size, owner or type, or with another name", arguments: [0o644, 0o660, 0o600, 0o4640])
    func mode(_ mode: mode_t) throws {
        let said = try problem { #expect(chmod($0.pagePath, mode) == 0) }
        #expect(said?.contains("mode") == true)
    }

    @Test("is one that is too short or too long", arguments: [0, 64, 32_831, 32_833])
    func size(_ size: Int) throws {
        let said = try problem { #expect(truncate($0.pagePath, size) == 0) }
        #expect(said?.contains("size") == true)
    }

    @Test("is one of another owner than the daemon's")
    func owner() throws {
        #expect(try problem { $0.setPageAnswer { $0?.daemonUID = geteuid() + 1 } }?.contains("owner") == true)
    }

    @Test("is one with a second name")
    func links() throws {
        let said = try problem { world in
            #expect(link(world.pagePath, world.place.directory + "/second") == 0)
        }
        #expect(said?.contains("links") == true)
    }

    @Test("is a symbolic link, a directory, a FIFO or nothing")
    func types() throws {
        let ofLink = try problem { world in
            let path = world.place.directory + "/real"
            #expect(rename(world.pagePath, path) == 0)
            #expect(symlink(path, world.pagePath) == 0)
        }
        #expect(ofLink?.contains("can't be read") == true)
        let ofFIFO = try problem { world in
            #expect(unlink(world.pagePath) == 0)
            #expect(mkfifo(world.pagePath, 0o640) == 0)
        }
        #expect(ofFIFO?.contains("type") == true)
        let ofDirectory = try problem { world in
            #expect(unlink(world.pagePath) == 0)
            #expect(mkdir(world.pagePath, 0o640) == 0)
        }
        #expect(ofDirectory?.contains("type") == true)
        let ofNothing = try problem { #expect(unlink($0.pagePath) == 0) }
        #expect(ofNothing?.contains("can't be read") == true)
    }

    @Test("is one with another id, magic, layout or number of shards", arguments: [0, 8, 12, 16, 31])
    func header(_ offset: off_t) throws {
        let said = try problem { world in
            let raw = open(world.pagePath, O_WRONLY)
            var byte: UInt8 = 0x5a
            #expect(pwrite(raw, &byte, 1, offset) == 1)
            close(raw)
        }
        #expect(said?.contains(offset < 16 ? "layout" : "not the daemon's page") == true)
    }

    @Test(
        "is one outside the socket's directory", arguments: ["", ".", "..", "../t.sock.epochs", "/etc/passwd", "a\0b"])
    func names(_ name: String) throws {
        #expect(try problem { $0.setPageAnswer { $0?.fileName = name } }?.contains("beside the socket") == true)
    }

    @Test("is that of a daemon with another clock", arguments: [1, -1] as [Int64])
    func clock(_ sign: Int64) throws {
        let said = try problem { world in
            world.setPageAnswer {
                $0?.bootTimeNanoseconds = SystemClock.boottimeNanoseconds() + sign * 60_000_000_000
            }
        }
        #expect(said?.contains("time namespace") == true)
    }

    @Test("is one whose id the daemon tells in another length")
    func shortID() throws {
        #expect(try problem { $0.setPageAnswer { $0?.pageID.removeLast() } } != nil)
    }

    @Test("may be put right while the verifier runs")
    func recovery() async throws {
        let world = try VerifierWorld()
        #expect(chmod(world.pagePath, 0o600) == 0)
        world.set("a", VerifierWorld.valid("a"))
        let verifier = try world.verifier()
        #expect(try await verifier.outcome(of: "a") == .valid)
        #expect(chmod(world.pagePath, 0o640) == 0)
        #expect(
            await eventually {
                _ = try? verifier.verify("a")
                return verifier.statistics.hitCount > 0
            })
        #expect(verifier.statistics.pageProblem == nil)
    }
}
