import Foundation
import TestSupport
import Testing

@Suite("The manual and the completions of tokenctl")
struct DocumentTests {
    private static func hasProgram(_ name: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/" + name)
    }

    @Test(.enabled("groff is not installed") { hasProgram("groff") })
    func theManualHasNoFault() throws {
        let manual = try Programs.run("tokenctl", ["man"]).output
        let page = try Programs.run("/usr/bin/groff", ["-man", "-Tutf8", "-ww", "-P-cbou"], input: manual)
        #expect(page.errors.isEmpty)
        for word in ["TOKENCTL(1)", "service-account token issue ACCOUNT NAME", "EXIT STATUS", "--output-file FILE"] {
            #expect(page.output.contains(word))
        }
    }

    @Test func theManualIsPlainASCII() throws {
        #expect(try Programs.run("tokenctl", ["man"]).output.utf8.allSatisfy { $0 < 0x80 })
    }

    @Test(
        .enabled("groff is not installed") { hasProgram("groff") },
        arguments: [
            (
                "tokend",
                ["TOKEND(8)", "serve [option...]", "--check-config", "SIGHUP", "78", "/run/tokend/tokend.sock"]
            ),
            ("tokend.conf", ["TOKEND.CONF(5)", "grant = WHO RIGHT WORKSPACE ...", "Built in: /var/lib/tokend."]),
        ])
    func theManualsOfTheDaemonHaveNoFault(_ page: String, _ words: [String]) throws {
        let manual = try Programs.run("tokend", ["man", page]).output
        #expect(manual.utf8.allSatisfy { $0 < 0x80 })
        let shown = try Programs.run("/usr/bin/groff", ["-man", "-Tutf8", "-ww", "-P-cbou"], input: manual)
        #expect(shown.errors.isEmpty)
        for word in words { #expect(shown.output.contains(word), "\(word)") }
    }

    @Test(arguments: [
        ("", "token"), ("tok", "token"), ("token r", "roll revoke"), ("sa token ", "issue list roll revoke"),
        ("--json member li", "list"), ("token --json li", "list"), ("verify --as", ""), ("token list --as", "--as"),
        ("bootstrap --w", "--workspace"), ("token list --state ", "active expired revoked disabled owner_suspended"),
        ("token list --state = re", "revoked"), ("token create x --ex", "--expires-in --expires-at"),
        ("completion ", "bash zsh fish"), ("token import /etc/passw", "/etc/passwd"),
        ("--token-file /etc/passw", "/etc/passwd"), ("token show ", ""), ("token list --scope ", ""),
    ])
    func bashOffersWhatCanFollow(_ line: String, _ words: String) throws {
        let script = try Programs.run("tokenctl", ["completion", "bash"]).output
        // compopt works during a completion only; the rest is what bash does when Tab is pressed.
        let press = """
            compopt() { :; }
            \(script)
            read -r -a words <<< '\(line)'; if [[ '\(line)' == *' ' || -z '\(line)' ]]; then words+=(''); fi
            COMP_WORDS=(tokenctl "${words[@]}"); COMP_CWORD=${#words[@]}; _tokenctl; echo "${COMPREPLY[*]}"
            """
        let outcome = try Programs.run("/bin/bash", ["-c", press])
        #expect(outcome.errors.isEmpty)
        let offered = outcome.line.split(separator: " ")
        let wanted = words.split(separator: " ")
        #expect(wanted.allSatisfy(offered.contains))
        #expect(line.isEmpty || line.contains("/etc") || offered.count == wanted.count)
    }

    @Test(.enabled("zsh is not installed") { hasProgram("zsh") })
    func zshUnderstandsItsScript() throws {
        let script = try Programs.run("tokenctl", ["completion", "zsh"]).output
        #expect(try Programs.run("/usr/bin/zsh", ["-n", "/dev/stdin"], input: script).errors.isEmpty)
    }

    @Test(.enabled("fish is not installed") { hasProgram("fish") })
    func fishOffersWhatCanFollow() throws {
        let script = try Programs.run("tokenctl", ["completion", "fish"]).output
        let home = try TemporaryDirectory("tokend-fish")
        let offered = try Programs.run(
            "/usr/bin/fish", ["-c", "source -; complete -C 'tokenctl sa token r'"], input: script,
            environment: ["HOME": home.path])
        #expect(offered.output.contains("revoke\tEnd a service account's token"))
        #expect(offered.output.contains("roll\t"))
    }
}
