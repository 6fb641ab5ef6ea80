internal import LinuxIO
internal import Synchronization
internal import TokenWire

/// What the daemon says of its epoch page.
struct CachePage: Answer {
    let fileName: String
    let pageID: [UInt8]
    let daemonUserID: UInt32
    /// The daemon's CLOCK_BOOTTIME in nanoseconds.
    let bootTime: Int64

    init?(decoding payload: Span<UInt8>) throws(WireError) {
        let response = GetCachePageResponse(copying: try GetCachePageResponse.View(payload))
        guard response.pageID.count == EpochLayout.pageIDByteCount else { return nil }
        fileName = response.fileName
        pageID = response.pageID
        daemonUserID = response.daemonUID
        bootTime = response.bootTimeNanoseconds
    }
}

/// Finding the daemon's epoch page, and finding it again after it was lost.
extension VerifierCore {
    static let cachePageExchange = Exchange<GetCachePageRequest, CachePage>(
        method: .getCachePage, request: GetCachePageRequest())
    static let cachePageTimeout: Duration = .seconds(1)

    /// Whether the daemon should be asked for its page now, and by this thread. Who is told so concludes the attempt.
    func beginAttempt() -> Bool {
        let now = SystemClock.boottimeNanoseconds()
        if (try? trustedPage(bootTime: UInt64(now))) != nil { return false }
        return state.withLock { state in
            if state.isAttempting || now < state.nextAttempt { return false }
            state.isAttempting = true
            state.nextAttempt = now + VerifierState.attemptIntervalNanoseconds
            return true
        }
    }

    /// Why there is no page to believe now, and what to do about it; nil if there is one.
    func pageProblem(_ state: borrowing VerifierState) -> String? {
        do throws(AskReason) {
            _ = try trustedPage(bootTime: UInt64(SystemClock.boottimeNanoseconds()))
            return nil
        } catch {
            return state.attemptProblem ?? error.explanation
        }
    }

    /// Adopts the page that the daemon named, or says why not.
    ///
    /// - Parameters:
    ///   - result: The daemon's answer.
    ///   - began: CLOCK_BOOTTIME in nanoseconds, before it was asked.
    func concludeAttempt(_ result: Result<CachePage, TokenError>, began: Int64) {
        let ended = SystemClock.boottimeNanoseconds()
        switch result {
        case .failure(let error):
            // The page in use, if there is one, is good for as long as its lease says.
            state.withLock { state in
                state.isAttempting = false
                state.attemptProblem = error.description
            }
        case .success(let page):
            guard (began...ended).contains(page.bootTime) else {
                return withdraw("the daemon's clock is of another time namespace than this process's")
            }
            adopt(page)
        }
    }

    private func adopt(_ page: CachePage) {
        if let known = state.withLock({ $0.pages.last }), known.pageID == page.pageID { return put(known) }
        let directory = TrustedPath.parent(of: client.configuration.socketPath)
        do throws(EpochPageFile.Problem) {
            put(
                try EpochPageFile.map(
                    directory: directory, name: page.fileName, ownerID: page.daemonUserID, pageID: page.pageID))
        } catch {
            withdraw("\(directory)/\(page.fileName) \(error.explanation)")
        }
    }

    /// Makes a page the one to believe, and empties the table if it is another than before or of another instance.
    private func put(_ memory: EpochMemory) {
        state.withLock { state in
            state.isAttempting = false
            let address = memory.view.address
            let isInUse = pageAddress.load(ordering: .relaxed) == address
            state.attemptProblem = nil
            if isInUse && instance.load(ordering: .relaxed) == memory.instance { return }
            drop(&state)
            if state.pages.last !== memory {
                guard state.pages.count < VerifierState.pageCountMax else {
                    state.attemptProblem = "the daemon has lost its page too often; make another verifier"
                    return
                }
                state.pages.append(memory)
            }
            instance.store(memory.instance, ordering: .releasing)
            pageAddress.store(address, ordering: .releasing)
        }
    }

    /// Does without a page.
    private func withdraw(_ problem: String) {
        state.withLock { state in
            state.isAttempting = false
            state.attemptProblem = problem
            if pageAddress.load(ordering: .relaxed) != 0 { drop(&state) }
        }
    }

    private func drop(_ state: inout VerifierState) {
        pageAddress.store(0, ordering: .releasing)
        adoption.add(1, ordering: .acquiringAndReleasing)
        table.removeAll { state.ledger.add($0) }
    }
}

extension AskReason {
    /// What is wrong with a page that was good when it was asked for, and what to do.
    fileprivate var explanation: String {
        switch self {
        case .leaseOver: "the daemon has not renewed the lease of its page, so it is gone or hangs; restart tokend"
        case .restarted: "the daemon was restarted; the next question to it finds the page again"
        case .withoutPage, .notKept: "there is no page; ask the daemon about a token"
        }
    }
}

extension EpochPageFile.Problem {
    /// What is wrong and what to do, after the path.
    fileprivate var explanation: String {
        switch self {
        case .badName: "is not the name of a file beside the socket"
        case .system(let error): "can't be read (\(error)); join the socket's group, or restart tokend"
        case .wrongFile(let what): "has not the \(what) of an epoch page; restart tokend"
        case .wrongLayout: "is of a layout that this library doesn't know; use the daemon's version of it"
        case .otherPage: "is not the daemon's page any more; restart tokend"
        }
    }
}
