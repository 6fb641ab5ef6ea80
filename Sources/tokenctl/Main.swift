import Glibc
import TokenClient

/// tokenctl: the command line of tokend.
@main
struct Main {
    static func main() {
        exit(run(Array(CommandLine.arguments.dropFirst())).rawValue)
    }

    private static func run(_ words: [String]) -> ExitCode {
        do {
            return try perform(words)
        } catch let problem as UsageProblem {
            complain("\(problem.message)\nSee: \(problem.seeAlso)")
            return .usage
        } catch let problem as TokenFile.Problem {
            complain(problem.message)
            return problem.exitCode
        } catch let error as TokenError {
            complain(error)
            return ExitCode(error)
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
            Terminal.printLine("tokenctl \(TokenClient.version)")
            return .success
        case let noun? where words.count == 2 && words[1] == "--help" && isNoun(noun):
            Terminal.printLine(Help.noun(noun))
            return .success
        default:
            let (command, rest) = try CommandTable.find(words)
            if rest.contains("--help") || rest.contains("-h") {
                Terminal.printLine(Help.command(command))
                return .success
            }
            return try command.run(Invocation(command, rest))
        }
    }

    private static func isNoun(_ word: String) -> Bool {
        CommandTable.commands.contains { $0.path.count == 2 && $0.path[0] == word }
    }

    private static func complain(_ error: TokenError) {
        var lines = [error.message]
        if error.fields.count > 1 { lines += error.fields.map { "  \($0.name): \($0.problem)" } }
        switch error.code {
        case .connectionFailed:
            lines.append("Is tokend running, and is this its socket? Name another with --socket PATH.")
        case .unauthenticated:
            lines.append("Log in again with tokenctl login.")
        default:
            break
        }
        if let traceID = error.traceID { lines.append("trace: \(traceID)") }
        complain(lines.joined(separator: "\n"))
    }

    private static func complain(_ message: String) {
        Terminal.remark("tokenctl: \(message)")
    }
}
