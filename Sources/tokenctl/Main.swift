import Glibc
import TokenClient

/// tokenctl: the command line of tokend.
@main
struct Main {
    static func main() {
        keepMemoryPrivate()
        Terminal.holdDescriptors()
        exit(run(Array(CommandLine.arguments.dropFirst())).rawValue)
    }

    /// A crash shows nothing of the memory, which may hold a secret: no core dump, and not the backtrace by which the
    /// Swift runtime answers these signals. On a terminal that would also ask questions, after Ctrl-\ too.
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
        } catch {
            complain("\(error)")
            return .software
        }
    }

    private static func perform(_ words: [String]) throws -> ExitCode {
        if words.isEmpty {
            Terminal.printLine(Help.general)
            return .usage
        }
        if words == ["--version"] {
            Terminal.printLine("tokenctl \(TokenClient.version)")
            return .success
        }
        let words = try CommandWords(words)
        let subject = try CommandTable.subject(of: words.names)
        if words.asksForHelp {
            Terminal.printLine(Help.text(about: subject))
            return .success
        }
        switch subject {
        case .beginning(let path): throw CommandTable.incomplete(path)
        case .command(let command):
            return try perform(command, Invocation(command, words.arguments))
        }
    }

    private static func perform(_ command: Command, _ invocation: Invocation) throws -> ExitCode {
        do {
            return try command.run(invocation)
        } catch let error as TokenError {
            throw Problem(message: ErrorText(invocation: invocation).text(error), exitCode: ExitCode(error))
        }
    }

    private static func complain(_ message: String) {
        Terminal.remark("tokenctl: \(message)")
    }
}
