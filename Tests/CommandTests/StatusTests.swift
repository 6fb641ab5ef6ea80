import Foundation
import Testing

@Suite("tokenctl status", .serialized)
struct StatusTests {
    let daemon: RunningDaemon

    init() throws { daemon = try RunningDaemon() }

    private struct Answer: Decodable {
        struct Setting: Decodable, Equatable {
            let name: String
            let value: String?
            let origin: String
            let place: String?
        }

        let ready: Bool
        let settings: [Setting]?
    }

    private func status(_ arguments: String...) throws -> Answer {
        let outcome = try Programs.run(
            "tokenctl", ["status", "--json"] + arguments, environment: daemon.environment)
        #expect(outcome.exitCode == 0)
        return try JSONDecoder().decode(Answer.self, from: Data(outcome.output.utf8))
    }

    @Test func settingsAreShownWithWhereTheyComeFrom() throws {
        #expect(try status().settings == nil)
        let settings = try #require(try status("--verbose").settings)
        #expect(
            settings.first
                == .init(name: "store", value: daemon.directory + "/store", origin: "command_line", place: nil))
        #expect(settings.contains(.init(name: "event-loops", value: "1", origin: "built_in", place: nil)))
        #expect(settings.contains(.init(name: "grant", value: nil, origin: "built_in", place: nil)))
        let text = try daemon.tokenctl("status", "--verbose").output
        #expect(text.contains("\nSETTING "))
        #expect(text.contains(/\nsocket +\S+\/tokend.sock +command line\n/))
        #expect(text.contains(/\nscopes-file +- +built in\n/))
    }
}
