import Glibc
import TokenServer

/// tokend: serves a store, or works on one at rest.
@main
struct Main {
    static func main() {
        do {
            exit(try run(Array(CommandLine.arguments.dropFirst())))
        } catch let problem as UsageProblem {
            Daemon.complain("\(problem.message)\nSee: \(problem.seeAlso)")
            exit(ExitCode.usage.rawValue)
        } catch let problem as ServerConfiguration.Problem {
            Daemon.complain("\(problem)")
            exit(ExitCode.configuration.rawValue)
        } catch let failure as Daemon.Failure {
            if !failure.isLogged { Daemon.complain(failure.description) }
            exit(failure.exitCode)
        } catch {
            Daemon.complain("\(error)")
            exit(ExitCode.software.rawValue)
        }
    }

    private static func run(_ arguments: [String]) throws -> Int32 {
        switch try Invocation(arguments) {
        case .help(let text): try Daemon.printLine(text)
        case .version: try Daemon.printLine("tokend \(Daemon.version)")
        case .command(let command, let options): return try command.run(options)
        }
        return 0
    }

    /// For the person, beside what a script reads.
    static func remark(_ message: String) {
        let line = Array("\(message)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }
}
