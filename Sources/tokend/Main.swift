import Glibc
import TokenServer

/// tokend: makes a store, or serves one.
@main
struct Main {
    static func main() {
        do {
            exit(try run(Array(CommandLine.arguments.dropFirst())))
        } catch let problem as UsageProblem {
            complain("\(problem.message)\nSee: tokend --help")
            exit(64)  // EX_USAGE, sysexits(3)
        } catch let problem as ServerConfiguration.Problem {
            complain("\(problem)")
            exit(78)  // EX_CONFIG
        } catch let failure as Daemon.Failure {
            complain(failure.description)
            exit(failure.exitCode)
        } catch {
            complain("\(error)")
            exit(70)  // EX_SOFTWARE
        }
    }

    private static func run(_ arguments: [String]) throws -> Int32 {
        switch try Invocation(arguments) {
        case .help(let text):
            print(text)
            return 0
        case .version:
            print("tokend \(Daemon.version)")
            return 0
        case .initialize(let options):
            let directory = try options.source().settings().storeDirectory
            try Daemon.initialize(storeDirectory: directory)
            print("created an empty store in \(directory)\nnext: tokend serve --store \(directory)")
            return 0
        case .serve(let options):
            let source = try options.source()
            let configuration = try source.load()
            return options.isGiven(Options.checkConfiguration) ? 0 : try Daemon.serve(configuration, from: source)
        }
    }

    private static func complain(_ message: String) {
        let line = Array("tokend: \(message)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }
}
