import Glibc
import Testing
import TokenCore

@testable import TokenServer

@Suite("The table of settings")
struct SettingTests {
    @Test func whatItSaysIsBuiltInIsWhatIsInForceWithoutAFile() throws {
        var configuration = ServerConfiguration()
        for setting in Setting.all where !setting.builtIn.isEmpty {
            try setting.set(&configuration, setting.builtIn)
        }
        #expect(Setting.all.filter { $0.differs(ServerConfiguration(), configuration) }.map(\.name) == [])
    }

    @Test func everySettingShowsAValueThatItTakes() throws {
        for setting in Setting.all where !setting.isRepeatable {
            var configuration = ServerConfiguration()
            try setting.set(&configuration, setting.builtIn.isEmpty ? setting.example : setting.builtIn)
        }
        // The user of the example need not be on this host.
        let grant = Setting.grant.example
        #expect(throws: Never.self) { try PeerGrant(text: grant) { _ throws(SettingProblem) in 1_000 } }
    }

    @Test func everySettingIsNamedOnceAndSaysWhatItIsFor() {
        #expect(Set(Setting.all.map(\.name)).count == Setting.all.count)
        for setting in Setting.all {
            #expect(!setting.summary.isEmpty && !setting.takes.isEmpty && !setting.placeholder.isEmpty)
            #expect(setting.builtIn.isEmpty != setting.example.isEmpty, "\(setting.name)")
        }
    }

    // MARK: Where values come from

    private func values(_ configuration: ServerConfiguration, of name: String) -> [SettingValue] {
        configuration.values.filter { $0.name == name }
    }

    @Test func aValueKnowsWhereItComesFrom() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/tokend.conf"
        try write("# mine\nstore = /a\n\nchanges-burst = 7  # few\n", to: path)
        var source = ConfigurationSource(file: path)
        try source.override(.store, with: "/b")
        let settings = try source.settings()
        #expect(settings.values.map(\.name) == Setting.all.map(\.name))
        #expect(
            values(settings, of: "store") == [SettingValue(name: "store", text: "/b", origin: .commandLine)])
        #expect(
            values(settings, of: "changes-burst")
                == [SettingValue(name: "changes-burst", text: "7", origin: .file(path, line: 4))])
        #expect(
            values(settings, of: "event-loops") == [SettingValue(name: "event-loops", text: "1", origin: .builtIn)])
        #expect(
            values(settings, of: "scopes-file") == [SettingValue(name: "scopes-file", text: "", origin: .builtIn)])
    }

    @Test func eachGrantIsAValueOfItsOwn() throws {
        var settings = ServerConfiguration()
        try settings.apply("grant = user:0 verify *\n\ngrant = group:7 delegate ws_a", file: "f")
        #expect(
            values(settings, of: "grant") == [
                SettingValue(name: "grant", text: "user:0 verify *", origin: .file("f", line: 1)),
                SettingValue(name: "grant", text: "group:7 delegate ws_a", origin: .file("f", line: 3)),
            ])
    }

    @Test func whatWaitsForARestartKeepsItsValueAndItsOrigin() throws {
        var old = LoadedConfiguration()
        try old.settings.apply("event-loops = 2\nchanges-burst = 5", file: "old")
        var new = LoadedConfiguration()
        try new.settings.apply("changes-burst = 6\nevent-loops = 3", file: "new")
        #expect(old.settingsChanged(in: new).map(\.name) == ["event-loops", "changes-burst"])
        let adopted = old.adopting(new).settings
        #expect(adopted.eventLoopCount == 2)
        #expect(adopted.changeRate.burst == 6)
        #expect(values(adopted, of: "event-loops").map(\.origin) == [.file("old", line: 1)])
        #expect(values(adopted, of: "changes-burst").map(\.origin) == [.file("new", line: 1)])
    }

    // MARK: The command line

    @Test func aPathOfTheCommandLineMayBeRelative() throws {
        var source = ConfigurationSource(file: "/dev/null")
        try source.override(.store, with: "here/store")
        let directory = try #require(getcwd(nil, 0))
        defer { free(directory) }
        #expect(try source.settings().storeDirectory == String(cString: directory) + "/here/store")
    }

    @Test func aWrongValueOfTheCommandLineIsRefusedAtOnce() {
        var source = ConfigurationSource(file: "/dev/null")
        let problem = ConfigurationProblem(file: "--event-loops", line: 0, message: "must be a number from 1 to 64")
        #expect(throws: problem) {
            try source.override(.eventLoops, with: "65")
        }
    }
}
