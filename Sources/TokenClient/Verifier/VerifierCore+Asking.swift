internal import LinuxIO

/// Asking the daemon, once for the page where that is due, and once for the token, without conditions: an answer with
/// conditions says nothing of other ones.
extension VerifierCore {
    func ask(_ token: String, _ key: EntryKey, _ timeout: Duration?) throws(TokenError) -> Verification {
        let deadline = Moment.now.adding(timeout ?? client.configuration.callTimeout)
        if beginAttempt() {
            let began = SystemClock.boottimeNanoseconds()
            let result: Result<CachePage, TokenError>
            do throws(TokenError) {
                result = .success(
                    try client.perform(Self.cachePageExchange, timeout: min(deadline.left, Self.cachePageTimeout)))
            } catch {
                result = .failure(error)
            }
            concludeAttempt(result, began: began)
        }
        let ticket = ticket(key)
        let verification = try client.verify(token, timeout: deadline.left)
        if let ticket { keep(verification, ticket) }
        return verification
    }

    func ask(_ token: String, _ key: EntryKey, _ timeout: Duration?) async throws(TokenError) -> Verification {
        let deadline = Moment.now.adding(timeout ?? client.configuration.callTimeout)
        if beginAttempt() {
            let began = SystemClock.boottimeNanoseconds()
            let result: Result<CachePage, TokenError>
            do throws(TokenError) {
                result = .success(
                    try await client.perform(
                        Self.cachePageExchange, timeout: min(deadline.left, Self.cachePageTimeout)))
            } catch {
                result = .failure(error)
            }
            concludeAttempt(result, began: began)
        }
        let ticket = ticket(key)
        let verification = try await client.verify(token, timeout: deadline.left)
        if let ticket { keep(verification, ticket) }
        return verification
    }
}

extension Moment {
    fileprivate var left: Duration { .nanoseconds(nanosecondsLeft(at: .now)) }
}
