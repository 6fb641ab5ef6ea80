import Glibc
import TokenServer

/// tokend: makes a store, or serves one.
@main
struct Main {
    static func main() {
        do {
            exit(try run(Array(CommandLine.arguments.dropFirst())))
        } catch let problem as UsageProblem {
            complain("\(problem.message)\nSee: \(problem.seeAlso)")
            exit(ExitCode.usage.rawValue)
        } catch let problem as ServerConfiguration.Problem {
            complain("\(problem)")
            exit(ExitCode.configuration.rawValue)
        } catch let failure as Daemon.Failure {
            complain(failure.description)
            exit(failure.exitCode)
        } catch {
            complain("\(error)")
            exit(ExitCode.software.rawValue)
        }
    }

    private static func run(_ words: [String]) throws -> Int32 {
        guard let first = words.first else { throw UsageProblem(message: "no command given") }
        let rest = Array(words.dropFirst())
        switch first {
        case "--version":
            print("tokend \(Daemon.version)")
        case "--help", "-h":
            print(Help.general)
        case "help":
            print(try rest.first.map { Help.text(about: try CommandTable.command(named: $0)) } ?? Help.general)
        default:
            let command = try CommandTable.command(named: first)
            if !rest.contains("--help") && !rest.contains("-h") { return try command.run(Invocation(command, rest)) }
            print(Help.text(about: command))
        }
        return ExitCode.success.rawValue
    }

    private static func complain(_ message: String) {
        let line = Array("tokend: \(message)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }
}
