import Foundation
import Synchronization
import TokenClient

/// Creates many tokens, with many calls in flight: the daemon commits together what comes together.
final class Seeding: Sendable {
    private static let connectionCount = 4
    private static let callCountPerConnection = 64

    private let count: Int
    private let namePrefix: String
    private let owner: Owner
    private let next = Atomic(0)
    private let state = Mutex(State())

    private struct State {
        var secrets: [String] = []
        /// The first there was; no more tokens are created after it.
        var error: TokenError?
    }

    init(count: Int, owner: Owner) {
        self.count = count
        self.owner = owner
        namePrefix = Owner.namePrefix()
    }

    /// Returns the secrets. Progress goes to a terminal, if there is one.
    func run(_ target: Target, _ interruption: Interruption) throws -> [String] {
        try target.bootstrap(owner)
        let clients = try (0..<Self.connectionCount).map { _ in try TokenClient(target.host) }
        let group = DispatchGroup()
        for client in clients {
            for _ in 0..<Self.callCountPerConnection {
                group.enter()
                Task.detached { [self] in
                    await create(client)
                    group.leave()
                }
            }
        }
        let start = Clock.nowNanoseconds
        while group.wait(timeout: .now() + .milliseconds(100)) == .timedOut {
            if interruption.hasCome { next.store(count, ordering: .relaxed) }
            showProgress(since: start)
        }
        Terminal.showProgress("")
        let (secrets, error) = state.withLock { ($0.secrets, $0.error) }
        if let error { throw error }
        if secrets.count < count {
            throw Problem(
                message: "interrupted after \(NumberText.count(secrets.count)) tokens, whose secrets are lost",
                exitCode: .software)
        }
        return secrets
    }

    private func create(_ client: TokenClient) async {
        while true {
            let number = next.add(1, ordering: .relaxed).oldValue
            if number >= count || state.withLock({ $0.error != nil }) { return }
            do throws(TokenError) {
                let created = try await client.createToken(
                    name: "\(namePrefix)-\(number)", scopes: Mix.createdScopes, as: owner.credential)
                let secret = created.secret.reveal()
                state.withLock { $0.secrets.append(secret) }
            } catch {
                state.withLock { $0.error = $0.error ?? error }
            }
        }
    }

    private func showProgress(since start: Int64) {
        let done = state.withLock { $0.secrets.count }
        let rate = Double(done) / (Double(Clock.nowNanoseconds - start) / 1e9)
        Terminal.showProgress(
            "\(NumberText.count(done)) of \(NumberText.count(count)) tokens, \(NumberText.count(Int(rate))) a second")
    }
}
