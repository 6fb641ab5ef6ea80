import TokenClient

/// `tokenctl audit verify`: is the audit what the daemon wrote?
enum AuditCommands {
    static let commands = [verify]

    private static let verify = Command(
        path: ["audit", "verify"], caller: .operator,
        summary: "Check that no event of the audit was changed or removed",
        details: """
            Computes the chain of hashes again. Exits 1 when it is broken, and names the first event at fault. Whoever \
            can write the store can compute a whole new chain, so give with --known an event that was noted elsewhere: \
            the daemon's log has one every hour, and tokenctl status shows the newest.
            """,
        options: [
            .init(name: "--from", value: "SEQ", help: "the first event (default: the oldest kept)"),
            .init(name: "--through", value: "SEQ", help: "the last event (default: the newest)"),
            .init(name: "--known", value: "SEQ:HASH", help: "an event that must be there, with this hash of 64 digits"),
        ],
        examples: ["tokenctl audit verify", "tokenctl audit verify --known 1234:9f86d081884c7d65…"]
    ) { invocation in
        let first = try invocation.number("--from", in: 1...UInt64.max) ?? 0
        let last = try invocation.number("--through", in: 1...UInt64.max) ?? 0
        let known = try known(invocation)
        let progress = Progress(of: invocation)
        let report = try invocation.operatorClient().verifyChain(
            from: first, through: last, knowing: known, onProgress: { progress.show("event \($0)") })
        progress.clear()
        invocation.report(report.json, report.text)
        return report.isIntact ? .success : .negative
    }

    private static func known(_ invocation: Invocation) throws(UsageProblem) -> ChainHead? {
        guard let text = invocation.value("--known") else { return nil }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let sequence = UInt64(parts[0]), sequence > 0,
            let hash = Hexadecimal.bytes(parts[1]), hash.count == 32
        else { throw invocation.problem("--known “\(text)” is not the number of an event, a colon and 64 digits") }
        return ChainHead(sequence: sequence, hash: hash)
    }
}
