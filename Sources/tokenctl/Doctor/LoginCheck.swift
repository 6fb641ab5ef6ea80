import TokenClient

/// The file of your own token, and whether the token still works.
struct LoginCheck {
    private static let subject = "login"
    /// An end that is nearer is told of.
    private static let soonSeconds: Int64 = 7 * 86_400

    let findings: [Finding]

    /// There is no client where no daemon can be asked.
    init(file: TokenFile, isNamed: Bool, client: TokenClient?) {
        guard file.exists else {
            findings = [
                isNamed
                    ? .problem(
                        Self.subject, "\(file.path) does not exist",
                        remedy: "tokenctl login --token-file \(file.path)")
                    : .ok(Self.subject, "you are not logged in, which the host's operator need not be")
            ]
            return
        }
        do {
            let token = try file.read()
            findings = client.map { [Self.finding(file, token, $0)] } ?? []
        } catch let problem as Problem {
            findings = [.problem(Self.subject, saying: problem.message, remedy: Self.again)]
        } catch {
            findings = [.problem(Self.subject, "\(file.path): \(error)", remedy: Self.again)]
        }
    }

    private static let again = "log in with another token: tokenctl login"

    private static func finding(_ file: TokenFile, _ token: BearerToken, _ client: TokenClient)
        -> Finding
    {
        do throws(TokenError) {
            return finding(file, try client.whoAmI(as: .bearer(token)), now: .now)
        } catch {
            if error.code == .unauthenticated {
                return .problem(subject, "the token in \(file.path) does not verify", remedy: again)
            }
            return .problem(subject, saying: error.message)
        }
    }

    static func finding(_ file: TokenFile, _ identity: CallerIdentity, now: Timestamp) -> Finding {
        let text = "the token in \(file.path) is \(identity.principalID)'s in \(identity.workspaceID)"
        if let end = identity.token?.expiresAt, end.seconds - now.seconds < soonSeconds {
            return .warning(
                subject, "\(text), and ends \(RelativeTime.text(end, from: now))",
                remedy:
                    "make another and log in with it: tokenctl token create NAME --quiet | tokenctl login")
        }
        return .ok(subject, text)
    }
}
