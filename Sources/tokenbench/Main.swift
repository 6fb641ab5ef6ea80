import Glibc
import TokenClient

/// tokenbench: what tokend can do, measured by clients as services are.
@main
struct Main {
    static func main() {
        keepMemoryPrivate()
        // A reader that has left, as `head` does, is not to end what has a daemon to stop.
        signal(SIGPIPE, SIG_IGN)
        exit(run(Array(CommandLine.arguments.dropFirst())).rawValue)
    }

    /// A crash shows nothing of the memory, which may hold the secrets of a daemon that others use: no core dump, and not the
    /// backtrace by which the Swift runtime answers these signals.
    private static func keepMemoryPrivate() {
        for number in [SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP] { signal(number, SIG_DFL) }
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    }

    private static func run(_ words: [String]) -> ExitCode {
        do {
            let code = try perform(words)
            try Terminal.checkOutput()
            return code
        } catch let problem as UsageProblem {
            complain("\(problem.message)\nSee: \(problem.seeAlso)")
            return .usage
        } catch let problem as Problem {
            complain(problem.message)
            return problem.exitCode
        } catch let error as TokenError {
            complain(error.message)
            // All that it asks for is what its command line says.
            return error.code == .invalidArgument ? .usage : .unavailable
        } catch {
            complain("\(error)")
            return .software
        }
    }

    private static func perform(_ words: [String]) throws -> ExitCode {
        switch words.first {
        case nil, "--help", "-h", "help":
            Terminal.printLine(Help.general)
            return words.isEmpty ? .usage : .success
        case "--version":
            Terminal.printLine("tokenbench \(TokenClient.version)")
            return .success
        case let name?:
            guard let command = Command.all.first(where: { $0.name == name }) else {
                let known = Command.listed.map(\.name).joined(separator: ", ")
                throw UsageProblem(message: "there is no command “\(name)”; there are \(known)")
            }
            if words.contains("--help") || words.contains("-h") {
                Terminal.printLine(Help.command(command))
                return .success
            }
            return try command.run(Invocation(command, Array(words.dropFirst())))
        }
    }

    private static func complain(_ message: String) {
        Terminal.remark("tokenbench: \(message)")
    }
}
