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
}
