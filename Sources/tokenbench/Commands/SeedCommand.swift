import Foundation

/// `tokenbench seed`: a store of many tokens, for any load generator.
enum SeedCommand {
    private static let tokenCountRange = 1...10_000_000

    static let command = Command(
        name: "seed", summary: "Create many tokens, and keep their secrets in a file",
        details: """
            Creates tokens through the operator's socket of a running daemon, or with --store in a store at rest: it is
            made if it is not there, and served meanwhile by a private daemon. The tokens hold issues:read and stay until
            they are revoked, so use a store of its own.

            The secrets are written one a line to a new file of mode 0600. Another load generator can so drive the same
            store: give it the file, and start the daemon as tokend serve --store DIR --socket PATH.
            """,
        options: [
            .init(name: "--tokens", value: "N", help: "how many (needed)"),
            .init(name: "--tokens-out", value: "FILE", help: "file for the secrets; it must not exist"),
            .init(name: "--store", value: "DIR", help: "store at rest to seed, in place of a running daemon's"),
            TargetOptions.socket,
        ] + TargetOptions.owner + TargetOptions.privateDaemon,
        examples: [
            "tokenbench seed --store ~/bench/store --tokens 100000 --tokens-out ~/bench/tokens",
            "TOKEND=\"tokend serve --store $HOME/bench/store --socket run/tokend.sock\" \\",
            "  TOKEND_TOKENS=$HOME/bench/tokens ./run.sh         # a generator that starts the daemon itself",
            "tokenbench seed --socket /run/tokend/tokend.sock --tokens 1000",
        ]
    ) { invocation in
        guard let count = try invocation.number("--tokens", in: tokenCountRange) else {
            throw invocation.problem("--tokens is missing: how many tokens to create")
        }
        if invocation.has("--store") && invocation.has("--socket") {
            throw invocation.problem("--store and --socket exclude each other")
        }
        // What other programs take for their standard output would be a file of that name.
        if invocation.value("--tokens-out") == "-" {
            throw invocation.problem("“-” is no name of a file here: name a file with --tokens-out")
        }
        let file = try invocation.value("--tokens-out").map { try SecretFile(path: $0) }
        let interruption = Interruption()
        do {
            let secrets = try seed(count, invocation, interruption)
            try file?.write(secrets)
        } catch {
            file?.remove()
            throw error
        }
        return .success
    }

    private static func seed(_ count: Int, _ invocation: Invocation, _ interruption: Interruption) throws -> [String] {
        let daemon = invocation.has("--store") ? try BenchDaemon(invocation.privateDaemon) : nil
        defer { daemon?.end() }
        let target = Target(socketPath: daemon?.socketPath ?? invocation.value("--socket"))
        let start = Clock.nowNanoseconds
        let secrets = try Seeding(count: count, owner: invocation.owner).run(target, interruption)
        let seconds = Double(Clock.nowNanoseconds - start) / 1e9
        Terminal.remark(
            "\(NumberText.count(count)) tokens created in \(NumberText.threeDigits(seconds)) s, "
                + "\(NumberText.count(Int(Double(count) / seconds))) a second")
        return secrets
    }
}

/// A new file for secrets, one a line, that only its owner can read.
struct SecretFile {
    let path: String
    private let descriptor: Int32

    /// Makes the file, before any work is done for it.
    init(path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        if descriptor < 0 {
            let advice = errno == EEXIST ? "; remove it, or name another" : ""
            throw Problem(message: "\(path): \(String(cString: strerror(errno)))\(advice)", exitCode: .cannotCreate)
        }
    }

    func write(_ secrets: [String]) throws {
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            for secret in secrets { try file.write(contentsOf: Data((secret + "\n").utf8)) }
            try file.synchronize()
        } catch {
            throw Problem(message: "\(path) can't be written: \(error)", exitCode: .cannotCreate)
        }
    }

    func remove() { unlink(path) }
}
