import TokenClient

/// The page by which services learn of revocations, as a verifier of this process sees it.
enum PageCheck {
    private static let subject = "page"

    static func findings(_ client: TokenClient) -> [Finding] {
        do throws(TokenError) {
            let verifier = try TokenVerifier(client: client, entryCountMax: 8)
            // No token, but enough to have it look for the page.
            _ = try verifier.verify("clpu_doctor")
            guard let problem = verifier.statistics.pageProblem else {
                return [.ok(subject, "services on this host can verify from their own memory")]
            }
            return [finding(problem)]
        } catch {
            return [.problem(subject, saying: error.message)]
        }
    }

    /// Without the page every verification goes through the socket: that is slower, and as right.
    private static func finding(_ problem: String) -> Finding {
        if problem.contains("time namespace") {
            return .warning(
                subject, problem,
                remedy:
                    "nothing is wrong, but each verification asks the daemon; run the service without a time namespace"
            )
        }
        let finding = Finding.problem(subject, saying: problem)
        return .warning(
            subject, finding.text + ": each verification asks the daemon",
            remedy: finding.remedy ?? "restart tokend")
    }
}
