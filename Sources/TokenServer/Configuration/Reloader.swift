import LinuxIO
import Synchronization
import TokenCore
import TokenStore

/// Reads the configuration again and puts it in force as a whole, one reload after the other.
///
/// Files are read, and users looked up, on a thread that lives as long as one reload does: neither a loop nor the writer
/// waits for them.
final class Reloader: Sendable {
    /// Names of settings: those whose change is in force now, and those whose change waits for a restart.
    struct Outcome: Sendable, Equatable {
        var changed: [String] = []
        var restart: [String] = []
    }

    private struct Request: Sendable {
        let origin: Origin
        let completion: @Sendable (Result<Outcome, Refusal>) -> Void
    }

    private struct State {
        var inForce: LoadedConfiguration
        /// One has been begun and is not answered.
        var isReloading = false
        /// Clients may keep what they saw under grants that are no more.
        var owesForgetting = false
        var waiting: [Request] = []
    }

    private let source: ConfigurationSource
    private let store: Store
    private let facts: DaemonFacts
    private let state: Mutex<State>

    init(source: ConfigurationSource, inForce: LoadedConfiguration, store: Store, facts: DaemonFacts) {
        self.source = source
        self.store = store
        self.facts = facts
        state = Mutex(State(inForce: inForce))
    }

    /// Every setting with its value and where that comes from.
    var settingsInForce: [SettingValue] { state.withLock { $0.inForce }.settings.values }

    /// Asks for a reload. The completion is called once, by some thread: after that nothing that begins is judged by what
    /// was in force before, or nothing has changed.
    func reload(for origin: Origin, completion: @escaping @Sendable (Result<Outcome, Refusal>) -> Void) {
        enum Admission { case refused, first, later }
        let request = Request(origin: origin, completion: completion)
        let admission = state.withLock { state -> Admission in
            if !state.isReloading {
                state.isReloading = true
                return .first
            }
            if state.waiting.count >= ServerLimits.waitingReloadCountMax { return .refused }
            state.waiting.append(request)
            return .later
        }
        switch admission {
        case .first: begin(request)
        case .later: break
        case .refused: completion(.failure(Refusal(.rateLimited, "too many reloads wait; try again in a second")))
        }
    }

    private func begin(_ request: Request) {
        facts.reporter.reloading()
        do throws(SystemError) {
            _ = try PosixThread(name: "tokend-reload") { self.carryOut(request) }
        } catch {
            finish(request, .failure(Refusal(.internalError, "the configuration could not be read: \(error)")))
        }
    }

    private func carryOut(_ request: Request) {
        let loaded: LoadedConfiguration
        do throws(ConfigurationProblem) {
            loaded = try source.load(after: state.withLock { $0.inForce })
        } catch {
            finish(request, .failure(Refusal(error)))
            return
        }
        let inForce = state.withLock { $0.inForce }
        let settings = inForce.settingsChanged(in: loaded)
        let outcome = Outcome(
            changed: settings.filter { !$0.needsRestart }.map(\.name),
            restart: settings.filter(\.needsRestart).map(\.name))
        if outcome.changed.isEmpty {
            // The same may stand in other lines now.
            state.withLock { $0.inForce = $0.inForce.adopting(loaded) }
            forgetAnswers(request, outcome)
            return
        }
        let operation = Reload(rules: loaded.rules, changedSettings: outcome.changed)
        store.submit(operation, origin: request.origin) { result in
            guard case .success = result else { return self.finish(request, result.map { outcome }) }
            self.facts.admission.replacePolicy(with: loaded.policy)
            if inForce.settings.grants != loaded.settings.grants { self.state.withLock { $0.owesForgetting = true } }
            self.adopt(loaded)
            self.forgetAnswers(request, outcome)
        }
    }

    /// Has clients ask anew if they must: only now that nobody is judged by the old grants any more is nothing kept again that
    /// was seen under them. Should that fail, the next reload does it, whatever else it changes.
    private func forgetAnswers(_ request: Request, _ outcome: Outcome) {
        if !state.withLock({ $0.owesForgetting }) { return finish(request, .success(outcome)) }
        // Whoever asked may have no more time, but what is in force now must be so for clients too.
        store.submit(ForgetAnswers(), origin: .daemon) { result in
            if case .success = result { self.state.withLock { $0.owesForgetting = false } }
            self.finish(
                request, result.map { outcome },
                failure: "the configuration is in force, but clients may keep answers from before; reload again")
        }
    }

    /// The rest of what the writer has put in force.
    private func adopt(_ loaded: LoadedConfiguration) {
        facts.changes.rate = loaded.settings.changeRate
        facts.auditRetentionDays = loaded.settings.auditRetentionDays
        facts.log.adopt(loaded.settings.log)
        state.withLock { $0.inForce = $0.inForce.adopting(loaded) }
    }

    private func finish(
        _ request: Request, _ result: Result<Outcome, Refusal>,
        failure: String = "the configuration was read again and stays as it was"
    ) {
        switch result {
        case .success(let outcome):
            facts.reporter.reloaded(problem: nil)
            facts.log.write(
                .info, "the configuration was read again",
                [
                    "changed": outcome.changed.joined(separator: ","),
                    "restart": outcome.restart.joined(separator: ","),
                    "trace": request.origin.traceID,
                ])
        case .failure(let refusal):
            facts.reporter.reloaded(problem: refusal.message)
            facts.log.write(
                .error, failure, ["error": refusal.message, "trace": request.origin.traceID])
        }
        request.completion(result)
        let next = state.withLock { state -> Request? in
            if state.waiting.isEmpty {
                state.isReloading = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        if let next { begin(next) }
    }
}

extension Refusal {
    /// What is wrong with the configuration, its place as the field.
    init(_ problem: ConfigurationProblem) {
        if problem.isRetentionBelowMinimum {
            self.init(.retentionBelowMinimum, problem.description, metadata: ["place": problem.place])
            return
        }
        self.init(
            .validationError, problem.description,
            fields: [Refusal.Field(name: problem.place, problem: problem.message)])
    }
}
