import Testing
import TokenCore
import TokenServer

@Suite("The configuration file")
struct ConfigurationTests {
    private func read(_ text: String) throws(ServerConfiguration.Problem) -> ServerConfiguration {
        var configuration = ServerConfiguration()
        try configuration.apply(text, file: "tokend.conf")
        return configuration
    }

    private func problem(_ text: String) -> String? {
        do throws(ServerConfiguration.Problem) {
            _ = try read(text)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func everySettingIsRead() throws {
        let configuration = try read(
            """
            # a comment
            store = /srv/tokens   # and another
              socket=/run/x/tokend.sock

            event-loops = 4
            token-prefixes = clp  old
            """)
        #expect(configuration.storeDirectory == "/srv/tokens")
        #expect(configuration.socketPath == "/run/x/tokend.sock")
        #expect(configuration.operatorSocketPath == "/run/x/operator.sock")
        #expect(configuration.eventLoopCount == 4)
        #expect(configuration.prefixes == (try TokenPrefixes(["clp", "old"])))
    }

    @Test func linesMayEndAsTheyDoOnWindows() throws {
        let configuration = try read("store = /srv/tokens\r\nsocket = /run/x/tokend.sock\r\n\r\n")
        #expect(configuration.storeDirectory == "/srv/tokens")
        #expect(configuration.socketPath == "/run/x/tokend.sock")
        #expect(problem("store = /a\r\nsokcet = /b\r\n")?.hasPrefix("tokend.conf:2: ") == true)
    }

    @Test(arguments: ["", "\n\n", "# only a comment", "   \t  \n\t# x"])
    func anEmptyFileChangesNothing(_ text: String) throws {
        #expect(try read(text) == ServerConfiguration())
    }

    @Test(arguments: [
        ("sokcet = /a", "tokend.conf:1: unknown setting sokcet; did you mean socket?"),
        ("\n\nstor = /a", "tokend.conf:3: unknown setting stor; did you mean store?"),
        ("event_loops = 2", "tokend.conf:1: unknown setting event_loops; did you mean event-loops?"),
        (
            "something-else = 1",
            "tokend.conf:1: unknown setting something-else; known are: store, socket, event-loops, token-prefixes"
        ),
        ("store = /a\nstore = /a", "tokend.conf:2: store is set twice; keep one"),
        ("store", "tokend.conf:1: “store” is not of the form key = value"),
        ("store = relative", "tokend.conf:1: store: must be an absolute path"),
        ("store =", "tokend.conf:1: store: must be an absolute path"),
        ("socket = tokend.sock", "tokend.conf:1: socket: must be an absolute path"),
        ("socket = /a\u{0}b", "tokend.conf:1: holds a control character"),
        ("store = /a\u{1b}[2Jb", "tokend.conf:1: holds a control character"),
        ("store = /a\rsocket = /b", "tokend.conf:1: holds a control character"),
        ("event-loops = 0", "tokend.conf:1: event-loops: must be a number from 1 to 64"),
        ("event-loops = 65", "tokend.conf:1: event-loops: must be a number from 1 to 64"),
        ("event-loops = two", "tokend.conf:1: event-loops: must be a number from 1 to 64"),
        ("event-loops = 99999999999999999999", "tokend.conf:1: event-loops: must be a number from 1 to 64"),
    ])
    func aWrongLineIsNamedWithWhatToDo(_ text: String, _ expected: String) {
        #expect(problem(text) == expected)
    }

    @Test(arguments: ["", "c", "clpxy", "CLP", "cl1", "clp clp", "clp,old", "ab cd ef gh ij kl mn op qr st uv"])
    func prefixesThatCantBeAreRefused(_ value: String) {
        #expect(problem("token-prefixes = \(value)")?.hasPrefix("tokend.conf:1: token-prefixes: must be") == true)
    }

    @Test func aFileWithOneWrongLineChangesNothing() {
        var configuration = ServerConfiguration()
        #expect(throws: ServerConfiguration.Problem.self) {
            try configuration.apply("store = /a\nnonsense", file: "x")
        }
        #expect(configuration == ServerConfiguration())
    }

    @Test func aNamedFileMustBeThereAndTheDefaultNeedNot() throws {
        #expect(throws: ServerConfiguration.Problem.self) {
            try ServerConfiguration.read(file: "/nonexistent/tokend.conf")
        }
    }
}
