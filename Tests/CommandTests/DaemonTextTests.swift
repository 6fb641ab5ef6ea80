import Foundation
import Testing

@Suite("What tokend says of itself")
struct DaemonTextTests {
    private static let commands = ["init", "serve", "check", "restore", "recover", "man", "default-config"]

    @Test func everyHelpIsAsWritten() throws {
        for words in [["--help"]] + Self.commands.map({ [$0, "--help"] }) {
            let name = words.count == 1 ? "general" : words[0]
            try Golden.expect(Programs.run("tokend", words).output, is: "daemon/\(name).txt")
        }
        #expect(try Golden.names(in: "daemon") == Set((Self.commands + ["general"]).map { $0 + ".txt" }))
    }

    /// The file that a package installs. `TOKEND_GOLDEN=write` writes it anew.
    @Test func theInstalledConfigurationNamesEverySettingAndSetsNone() throws {
        let text = try Programs.run("tokend", ["default-config"]).output
        let file = Golden.directory.path + "/../../../systemd/tokend.conf"
        try Golden.expect(text, is: "../../../systemd/tokend.conf")
        #expect(try Programs.run("tokend", ["serve", "--config", file, "--check-config"]).exitCode == 0)
        #expect(text.split(separator: "\n").allSatisfy { $0.hasPrefix("#") })
    }

    @Test func everyLineOfTheInstalledConfigurationMayBeUncommented() throws {
        let text = try Programs.run("tokend", ["default-config"]).output
        let commented = /#[a-z\-]+ = .*/
        let settings = text.split(separator: "\n").filter { $0.wholeMatch(of: commented) != nil }.map { $0.dropFirst() }
        #expect(settings.count > 10)
        let path = NSTemporaryDirectory() + "tokend-conf-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        // The user of the example need not be on this host, nor the files.
        let usable = settings.filter { !$0.hasPrefix("grant") && !$0.contains("-file = ") }
        try usable.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        let check = try Programs.run("tokend", ["serve", "--config", path, "--check-config"])
        #expect(check.errors == "")
        #expect(check.exitCode == 0)
    }

    /// README shows the table of settings.
    @Test func theReadmeListsEverySetting() throws {
        let readme = try String(
            contentsOfFile: Golden.directory.path + "/../../../README.md", encoding: .utf8)
        let listed = readme.split(separator: "\n").compactMap { line in
            line.firstMatch(of: /^\| `([a-z\-]+)` \| (?:`[^`]+`)? ?\| (.*) \|$/)
                .map { ($0.1, $0.2.filter { $0 != "`" }) }
        }
        let page = try Programs.run("tokend", ["serve", "--help"]).output
            .replacing(/\n {10,}/, with: " ")
        let settings = page.matches(of: /(?m)^  ([a-z\-]+) = .*?  +(.*)$/).map { ($0.1, $0.2) }
        #expect(settings.count > 10)
        for (name, summary) in settings {
            #expect(listed.contains { $0.0 == name && $0.1 == summary }, "\(name): \(summary)")
        }
        #expect(listed.count == settings.count)
    }
}
