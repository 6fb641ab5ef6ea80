import Foundation
import Testing

@Suite("What tokend says to a command line that is wrong")
struct DaemonErrorTests {
    static let wrongCommandLines: [[String]] = [
        [], ["serv"], ["serve", "--sotre", "x"], ["serve", "--store"], ["serve", "x"],
        ["init", "--json"],
        ["check", "--store", "/nonexistent"], ["check", "--json=yes"], ["restore"],
        ["restore", "/nonexistent/copy.db", "--store", "/nonexistent"], ["restore", "a", "b"],
        ["restore", "a", "--accept-rollback", "7"],
        ["restore", "a", "--accept-rollback", "x", "--revoke-all"],
        ["restore", "a", "--revoke-all", "--keep-tokens"], ["recover"], ["recover", "--admin", "ann"],
        ["recover", "--admin", "ann", "--clock"], ["recover", "--clock", "--revoke-all"],
        ["recover", "--clock", "--workspace", "ws_a"], ["recover", "--accept-rollback", "7"],
        ["recover", "--admin", "a b", "--workspace", "ws_a", "--store", "/nonexistent"],
        ["recover", "--clock", "--store", "/nonexistent"],
    ]

    @Test func everyErrorIsAsItShallBe() throws {
        var transcript = Transcript(program: "tokend")
        for words in Self.wrongCommandLines {
            let outcome = try Programs.run("tokend", words)
            #expect(outcome.exitCode != 0, "\(words)")
            #expect(outcome.output.isEmpty, "\(words)")
            transcript.add(words, outcome)
        }
        try Golden.expect(transcript.text, is: "daemon-errors.txt")
    }

    /// Where its standard error is the journal's, each line says that it is of an error.
    @Test func inTheJournalItIsAnError() throws {
        let script = "JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) exec \"$0\" serv"
        let tokend = Programs.directory.appending(path: "tokend").path
        let errors = try Programs.run("/bin/sh", ["-c", script, tokend]).errors
        #expect(errors.hasPrefix("<3>tokend: there is no command “serv”"))
        #expect(errors.hasSuffix("\n<3>See: tokend --help\n"))
    }

    @Test func aProgramThatReadsTheLogLearnsWhyTheDaemonDidNotStart() throws {
        let path = NSTemporaryDirectory() + "tokend-conf-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        try "log-format = json\n".write(toFile: path, atomically: true, encoding: .utf8)
        let failed = try Programs.run("tokend", ["serve", "--config", path, "--store", "/nonexistent/store"])
        #expect(failed.exitCode == 78)
        let lines = failed.errors.split(separator: "\n")
        let events = try lines.map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
        #expect(events.count == 1 && events[0]?["level"] as? String == "error")
        #expect((events[0]?["reason"] as? String)?.contains("tokend init --store /nonexistent/store") == true)
    }
}
