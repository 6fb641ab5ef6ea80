import Glibc
import Synchronization
import Testing
import TokenWire

@testable import LinuxIO
@testable import TokenClient

/// A server with an epoch page of its own, whose answers and epochs a test sets.
final class VerifierWorld: Sendable {
    typealias Hook = @Sendable () -> Void

    let place: Place
    private let state: Mutex<State>
    private let server: Mutex<FakeServer?>

    private struct State {
        var page: EpochPage?
        var pageAnswer: GetCachePageResponse?
        var answers: [String: VerifyAnswer] = [:]
        var requests: [VerifyRequest] = []
        var pageCallCount = 0
        var reports: [[TokenUsage]] = []
        var takesReports = true
        var whenVerifying: Hook?
    }

    static let fileName = "t.sock.epochs"
    var pagePath: String { place.directory + "/" + Self.fileName }

    init(hasPage: Bool = true) throws {
        place = try Place()
        state = Mutex(State())
        server = Mutex(nil)
        if hasPage { try makePage() }
        let made = try FakeServer(path: place.socketPath) { [weak self] in self?.answer($0) }
        server.withLock { $0 = made }
    }

    deinit { server.withLock { $0?.stop() } }

    func verifier(entryCountMax: Int = 1_024) throws -> TokenVerifier {
        try TokenVerifier(client: place.client(), entryCountMax: entryCountMax)
    }

    private func answer(_ call: FakeCall) {
        switch call.method {
        case .getCachePage:
            let answer = state.withLock { state -> GetCachePageResponse? in
                state.pageCallCount += 1
                var answer = state.pageAnswer
                if answer?.bootTimeNanoseconds == 0 {
                    answer?.bootTimeNanoseconds = SystemClock.boottimeNanoseconds()
                }
                return answer
            }
            guard let answer else { return call.fail(TokenWire.Status(code: .unavailable, message: "no page")) }
            call.answer(answer)
        case .reportUsage:
            guard let view = try? ReportUsageRequest.View(call.request.payload.span) else { return }
            let usages = ReportUsageRequest(copying: view).usages
            let isTaken = state.withLock { state in
                if state.takesReports { state.reports.append(usages) }
                return state.takesReports
            }
            if isTaken {
                call.answer(EmptyMessage())
            } else {
                call.fail(TokenWire.Status(code: .unavailable, message: "not now"))
            }
        default: verify(call)
        }
    }

    private func verify(_ call: FakeCall) {
        guard let view = try? VerifyRequest.View(call.request.payload.span) else { return }
        let request = VerifyRequest(copying: view)
        let (answer, hook) = state.withLock { state in
            state.requests.append(request)
            return (state.answers[request.token] ?? VerifyAnswer(outcome: .unknown), state.whenVerifying)
        }
        hook?()
        call.answer(answer)
    }
}

// MARK: - What a test sets

extension VerifierWorld {
    /// An answer `VALID` for a token.
    static func valid(
        _ token: String, scopes: [String] = ["issues:read"], workspaceID: String = "ws_1",
        expiresAt: WireTimestamp? = nil
    ) -> VerifyAnswer {
        VerifyAnswer(
            outcome: .valid, tokenID: "tok_" + token, kind: .personal, workspaceID: workspaceID, principalID: "ada",
            tokenName: token, scopes: scopes, expiresAt: expiresAt)
    }

    func set(_ token: String, _ answer: VerifyAnswer) { state.withLock { $0.answers[token] = answer } }

    func whenVerifying(_ hook: Hook?) { state.withLock { $0.whenVerifying = hook } }

    /// Another page in place of what is there, as after a loss.
    func makePage() throws {
        let page = try EpochPage.open(path: pagePath, rememberedID: nil)
        page.renewLease()
        state.withLock { state in
            state.page = page
            state.pageAnswer = GetCachePageResponse(fileName: Self.fileName, pageID: page.pageID, daemonUID: geteuid())
        }
    }

    /// The same page, as after a restart.
    func restartOnPage() throws {
        let page = try EpochPage.open(path: pagePath, rememberedID: try #require(page).pageID)
        page.renewLease()
        state.withLock { $0.page = page }
    }

    var page: EpochPage? { state.withLock { $0.page } }

    func setPageAnswer(_ change: @Sendable (inout GetCachePageResponse?) -> Void) {
        state.withLock { change(&$0.pageAnswer) }
    }

    static func shards(of token: String) -> EpochShards {
        var shards = EpochShards()
        if let key = EntryKey(hashing: token) { shards.insert(key.shard) }
        return shards
    }

    func begin(_ token: String) { page?.begin(Self.shards(of: token)) }
    func end(_ token: String) { page?.end(Self.shards(of: token)) }

    func setTakesReports(_ takesReports: Bool) { state.withLock { $0.takesReports = takesReports } }
}

// MARK: - What it saw

extension VerifierWorld {
    var requests: [VerifyRequest] { state.withLock { $0.requests } }
    var pageCallCount: Int { state.withLock { $0.pageCallCount } }
    var reports: [[TokenUsage]] { state.withLock { $0.reports } }

    /// How many verifications reach the daemon while `body` runs.
    func asked(_ body: () throws -> Void) rethrows -> Int {
        let before = requests.count
        try body()
        return requests.count - before
    }
}
