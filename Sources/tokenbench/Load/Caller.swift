import TokenClient

/// Makes one call after the other, and counts what comes of them.
struct Caller: Sendable {
    private let client: TokenClient
    private let mix: Mix
    private let pace: Pace
    private let window: Window
    private let number: Int
    private var random: SplitMix64
    private var createdCount = 0
    /// The token that was created last, until it is revoked.
    private var createdID: String?
    private(set) var tally = Tally()

    init(number: Int, _ client: TokenClient, _ mix: Mix, _ pace: Pace, _ window: Window) {
        self.number = number
        self.client = client
        self.mix = mix
        self.pace = pace
        self.window = window
        random = SplitMix64(state: UInt64(number) &* 0x2545_f491_4f6c_dd1d)
    }

    /// Whether its calls are due at fixed times.
    var isPaced: Bool { pace.isFixed }

    /// Calls on this thread until the window closes.
    mutating func runBlocking() {
        while let due = pace.wait() {
            let call = nextCall()
            let sent = Clock.nowNanoseconds
            do throws(TokenError) {
                record(call, try make(call), due: due, sent: sent)
            } catch {
                record(error, due: due)
            }
        }
    }

    /// Calls in this task until the window closes.
    mutating func runSuspending() async {
        while let due = await pace.wait() {
            let call = nextCall()
            let sent = Clock.nowNanoseconds
            do throws(TokenError) {
                record(call, try await make(call), due: due, sent: sent)
            } catch {
                record(error, due: due)
            }
        }
    }

    private mutating func nextCall() -> Call {
        if mix.onlyCreates || isLikely(mix.writeShare) {
            if let id = createdID, !mix.onlyCreates {
                createdID = nil
                return .revoke(id: id)
            }
            createdCount += 1
            return .create(name: "\(mix.namePrefix)-\(number)-\(createdCount)")
        }
        let isKnown = isLikely(mix.hitShare)
        let tokens = isKnown ? mix.population.known : mix.population.unknown
        return .verify(tokens[Int.random(in: tokens.indices, using: &random)], isKnown: isKnown)
    }

    private mutating func isLikely(_ share: Double) -> Bool {
        share >= 1 || share > 0 && Double.random(in: 0..<1, using: &random) < share
    }

    private func make(_ call: Call) throws(TokenError) -> Answer {
        switch call {
        case .verify(let token, let isKnown):
            return Self.answer(try client.verify(token, requiring: mix.requiredScopes), isKnown)
        case .create(let name):
            let created = try client.createToken(name: name, scopes: Mix.createdScopes, as: mix.owner)
            return .created(id: created.token.id)
        case .revoke(let id):
            try client.revokeToken(id: id, as: mix.owner)
            return .asExpected
        }
    }

    private func make(_ call: Call) async throws(TokenError) -> Answer {
        switch call {
        case .verify(let token, let isKnown):
            return Self.answer(try await client.verify(token, requiring: mix.requiredScopes), isKnown)
        case .create(let name):
            let created = try await client.createToken(name: name, scopes: Mix.createdScopes, as: mix.owner)
            return .created(id: created.token.id)
        case .revoke(let id):
            try await client.revokeToken(id: id, as: mix.owner)
            return .asExpected
        }
    }

    private static func answer(_ verification: Verification, _ isKnown: Bool) -> Answer {
        verification.outcome == (isKnown ? .valid : .unknown) ? .asExpected : .unexpected(verification.outcome)
    }

    private mutating func record(_ call: Call, _ answer: Answer, due: Int64, sent: Int64) {
        let now = Clock.nowNanoseconds
        if case .created(let id) = answer { createdID = id }
        if !window.counts(due) { return }
        if case .unexpected(let outcome) = answer { return tally.failed("unexpected outcome \(outcome)") }
        if isPaced {
            tally.succeeded(call.kind, latencyNanoseconds: now - due, serviceNanoseconds: now - sent)
        } else {
            tally.succeeded(call.kind, latencyNanoseconds: now - sent)
        }
    }

    private mutating func record(_ error: TokenError, due: Int64) {
        if window.counts(due) { tally.failed(error.code.description) }
    }
}
