internal import LinuxIO

/// Verifies tokens from this process's own memory, and is as exact as the daemon: once a revocation has returned, no
/// verification on this host that starts later succeeds.
///
/// The daemon keeps a page of numbers beside its socket, the epochs, and moves a token's epoch on before it commits a change
/// of the token. A verifier maps the page, remembers each good answer together with the epoch from before the question, and
/// gives it again only as long as the epoch is the same. Such a hit takes well below a microsecond: no system call, no
/// allocation, no lock. Only good tokens are remembered; scopes and workspace are judged anew each time. It knows the first 256
/// scopes that the daemon's answers name: a token that holds another one is never remembered.
///
/// Where that can't be done (the page can't be read, the daemon is restarting, another time namespace) a verifier asks the
/// daemon as `TokenClient.verify` does, and tries again every second to find the page;
/// ``statistics`` tell.
///
/// Make one for each daemon, keep it, and call it from any thread or task. It has a descriptor, and a thread of its own once
/// it has kept an answer: that reports to the daemon every minute which tokens were used, so that `lastUsedAt` stays true.
/// A child of fork(2) begins with an empty memory.
///
///     let verifier = try TokenVerifier(client: TokenClient())
///     switch try verifier.outcome(of: presented, requiring: ["issues:read"]) {
///     case .valid: …
///     case .insufficientScope: return 403
///     default: return 401
///     }
public final class TokenVerifier: Sendable {
    /// The client that asks the daemon.
    public let client: TokenClient

    let lineage: VerifierLineage

    /// A verifier that remembers nothing yet.
    ///
    /// - Parameters:
    ///   - client: Asks the daemon. It may be used for other calls as well, and needs no credential.
    ///   - entryCountMax: How many tokens to remember, rounded up to a power of two; from 8 to 16,777,216. An entry takes
    ///     128 bytes from the beginning, and about 700 more for what it says of its token. Which tokens displace each other
    ///     is left to chance, so that twice as many as are in use do best.
    /// - Throws: `invalidArgument` for another number, `resourceExhausted` if the process has no memory or no descriptor left.
    public init(client: TokenClient, entryCountMax: Int = 16_384) throws(TokenError) {
        guard (8...1 << 24).contains(entryCountMax) else {
            throw .badArgument("entryCountMax", "must be 8 to 16,777,216")
        }
        self.client = client
        do throws(SystemError) {
            lineage = VerifierLineage(try VerifierCore(client: client, entryCountMax: entryCountMax))
        } catch {
            throw TokenError(
                code: .resourceExhausted,
                message: "no room for a verifier (\(error)); remember fewer tokens or raise the process's limits")
        }
    }

    deinit {
        lineage.retire()
    }

    @inline(__always)
    var core: VerifierCore? { lineage.core }
}
