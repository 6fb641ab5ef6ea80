import Glibc
import Testing
import TokenCore
import TokenStore

@testable import TokenServer

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
            scopes-file = /etc/tokend/scopes.conf
            roles-file = /etc/tokend/roles.conf
            max-lifetime-personal = 90d
            max-lifetime-service-account = 12h
            changes-per-second = 0
            changes-burst = 7
            log-format = json
            log-level = debug
            grant = user:root delegate ws_a ws_b
            grant = group:4242 verify *
            """)
        #expect(configuration.storeDirectory == "/srv/tokens")
        #expect(configuration.socketPath == "/run/x/tokend.sock")
        #expect(configuration.operatorSocketPath == "/run/x/operator.sock")
        #expect(configuration.eventLoopCount == 4)
        #expect(configuration.prefixes == (try TokenPrefixes(["clp", "old"])))
        #expect(configuration.scopesFile == "/etc/tokend/scopes.conf")
        #expect(configuration.rolesFile == "/etc/tokend/roles.conf")
        #expect(
            configuration.lifetimes == LifetimeLimits(personalSeconds: 7_776_000, serviceAccountSeconds: 43_200))
        #expect(configuration.changeRate == ChangeRate(perSecond: 0, burst: 7))
        #expect(configuration.log == LogSettings(format: .json, level: .debug))
        #expect(
            configuration.grants == [
                PeerGrant(subject: .user(0), right: .delegate, workspaces: .only(["ws_a", "ws_b"])),
                PeerGrant(subject: .group(4242), right: .verify, workspaces: .everywhere),
            ])
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
            "tokend.conf:1: unknown setting something-else; known are: store, socket, event-loops, cache-megabytes, poll-microseconds, token-prefixes, "
                + "scopes-file, roles-file, max-lifetime-personal, max-lifetime-service-account, changes-per-second, "
                + "changes-burst, audit-retention-days, log-format, log-level, grant"
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
        ("scopes-file = scopes.conf", "tokend.conf:1: scopes-file: must be an absolute path"),
        ("roles-file =", "tokend.conf:1: roles-file: must be an absolute path"),
        (
            "max-lifetime-personal = 59s",
            "tokend.conf:1: max-lifetime-personal: must be a duration such as 90d or 12h, from 1m to 36500d"
        ),
        (
            "max-lifetime-service-account = 90",
            "tokend.conf:1: max-lifetime-service-account: must be a duration such as 90d or 12h, from 1m to 36500d"
        ),
        ("changes-per-second = -1", "tokend.conf:1: changes-per-second: must be a number from 0 to 1000000"),
        ("audit-retention-days = 0", "tokend.conf:1: audit-retention-days: must be a number of days up to 36500"),
        ("audit-retention-days = 364", "tokend.conf:1: audit-retention-days: the audit is kept for at least 365 days"),
        ("log-format = xml", "tokend.conf:1: log-format: must be one of auto, logfmt, json"),
        ("log-level = Debug", "tokend.conf:1: log-level: must be one of debug, info, warning, error"),
        ("changes-burst = 0", "tokend.conf:1: changes-burst: must be a number from 1 to 1000000"),
        (
            "grant = user:no-such-user verify *",
            "tokend.conf:1: grant: this host has no user “no-such-user”; add it, or correct the name"
        ),
        (
            "grant = user:root verify *\ngrant = group:no-such-group verify *",
            "tokend.conf:2: grant: this host has no group “no-such-group”; add it, or correct the name"
        ),
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

    @Test func thePrefixOfPatternsIsTaken() {
        #expect(
            problem("token-prefixes = clp pat")
                == "tokend.conf:1: token-prefixes: has pat, with which ids of the product begin; take another one")
        #expect(problem("token-prefixes = pata") == nil)
    }

    @Test func aFileWithOneWrongLineChangesNothing() {
        var configuration = ServerConfiguration()
        #expect(throws: ServerConfiguration.Problem.self) {
            try configuration.apply("store = /a\nnonsense", file: "x")
        }
        #expect(configuration == ServerConfiguration())
    }

    // MARK: Where it comes from

    private func problem(_ source: ConfigurationSource) -> String? {
        do throws(ConfigurationProblem) {
            _ = try source.load()
            return nil
        } catch {
            return error.description
        }
    }

    @Test func aNamedFileMustBeThere() {
        let source = ConfigurationSource(file: "/nonexistent/tokend.conf")
        #expect(problem(source) == "/nonexistent/tokend.conf: open: No such file or directory")
        #expect(problem(ConfigurationSource(file: "/")) == "/: read: Is a directory")
        #expect(problem(ConfigurationSource(file: "/dev/null")) == nil)
    }

    @Test func aPipeIsNoConfiguration() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/pipe"
        #expect(mkfifo(path, 0o600) == 0)
        #expect(
            problem(ConfigurationSource(file: path)) == "\(path): is a pipe, which can't be read again; write a file")
    }

    @Test func theCommandLineStandsOverTheFile() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/tokend.conf"
        try write("store = /a\nsocket = /b/s\nevent-loops = 3\nchanges-burst = 5", to: path)
        var source = ConfigurationSource(file: path)
        #expect(try source.settings().storeDirectory == "/a")
        try source.override(.store, with: "/c")
        try source.override(.socket, with: "/d/s")
        try source.override(.eventLoops, with: "2")
        let settings = try source.load().settings
        #expect(settings.storeDirectory == "/c")
        #expect(settings.socketPath == "/d/s")
        #expect(settings.eventLoopCount == 2)
        #expect(settings.changeRate.burst == 5)
    }

    @Test func theFilesOfScopesAndRolesGoTogether() throws {
        let directory = try TemporaryDirectory()
        let path = { directory.path + "/" + $0 }
        try write("[A]\na:read = Read a", to: path("scopes.conf"))
        try write("[reader]\na:*\n[tenant_admin]", to: path("roles.conf"))
        try write(
            "scopes-file = \(path("scopes.conf"))\nroles-file = \(path("roles.conf"))\nmax-lifetime-personal = 1h",
            to: path("tokend.conf"))
        let rules = try ConfigurationSource(file: path("tokend.conf")).load().rules
        #expect(rules.catalogue.scopes.text == "a:read")
        #expect(rules.roles.names == ["reader", "tenant_admin"])
        #expect(rules.roles.grants("reader").text == "a:read")
        #expect(rules.lifetimes.personalSeconds == 3_600)
        // Alone, the roles are of the built-in catalogue.
        try write("roles-file = \(path("roles.conf"))", to: path("tokend.conf"))
        #expect(
            problem(ConfigurationSource(file: path("tokend.conf")))
                == "\(path("roles.conf")):2: the catalogue has no a:*; add it there, or remove it here")
    }

    @Test func aFileIsNoLargerThanAMebibyte() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/tokend.conf"
        try write(String(repeating: "#\n", count: 1 << 19), to: path)
        #expect(problem(ConfigurationSource(file: path)) == nil)
        try write(String(repeating: "#\n", count: 1 << 19) + "#", to: path)
        #expect(problem(ConfigurationSource(file: path)) == "\(path): is larger than 1048576 bytes")
    }

    @Test(arguments: ["tokend.conf", "scopes.conf", "roles.conf"])
    func aFileThatOthersMayWriteIsRefusedWithWhatHelps(name: String) throws {
        let directory = try TemporaryDirectory()
        func path(_ name: String) -> String { directory.path + "/" + name }
        try write("scopes-file = \(path("scopes.conf"))\nroles-file = \(path("roles.conf"))", to: path("tokend.conf"))
        try write("[Data]\nissues:read = Read", to: path("scopes.conf"))
        try write("[tenant_admin]", to: path("roles.conf"))
        let source = ConfigurationSource(file: path("tokend.conf"))
        #expect(problem(source) == nil)
        for mode: mode_t in [0o666, 0o620, 0o602] {
            chmod(path(name), mode)
            #expect(
                problem(source)?.hasPrefix("\(path(name)): is writable by others; chmod go-w \(path(name))") == true)
        }
        chmod(path(name), 0o644)
        #expect(problem(source) == nil)
        // Whoever may write to the directory can put another file there; in a sticky one, only its owner.
        for (mode, isTrusted) in [(0o777, false), (0o1777, true), (0o755, true)] as [(mode_t, Bool)] {
            chmod(directory.path, mode)
            #expect((problem(source) == nil) == isTrusted)
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func aFileOfAnotherUserIsRefused() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/tokend.conf"
        try write("", to: path)
        #expect(problem(ConfigurationSource(file: path)) == nil)
        chown(path, 12_345, 0)
        #expect(problem(ConfigurationSource(file: path))?.contains("belongs to uid 12345") == true)
        // It is the daemon's own where the store is that user's too.
        let store = directory.path + "/store"
        mkdir(store, 0o700)
        chown(store, 12_345, 0)
        try write("store = \(store)", to: path)
        #expect(problem(ConfigurationSource(file: path)) == nil)
    }
}
