import Testing

@testable import TokenCore

@Suite("The catalogue's file")
struct CatalogueTextTests {
    private func problem(_ text: String) -> String? {
        do throws(ConfigurationProblem) {
            _ = try Catalogue(text: text, file: "scopes.conf")
            return nil
        } catch {
            return error.description
        }
    }

    @Test("its sections are the groups, and their lines the scopes, in the order of the file")
    func groups() throws {
        let catalogue = try Catalogue(
            text: """
                # what we sell
                [Data]
                issues:read = Read issues   # and nothing else
                  issues:write=Create and update issues: a = b\r
                [AI & Reports]

                [Ädmin]
                workspace.compliance:read = Lesen ✓
                """, file: "scopes.conf")
        #expect(catalogue.groups.map(\.name) == ["Data", "AI & Reports", "Ädmin"])
        #expect(
            catalogue.groups.map { $0.entries.map(\.scope.text) } == [
                ["issues:read", "issues:write"], [], ["workspace.compliance:read"],
            ])
        #expect(catalogue.groups[0].entries.map(\.description) == ["Read issues", "Create and update issues: a = b"])
        #expect(catalogue.scopes.text == "issues:read issues:write workspace.compliance:read")
    }

    @Test("the built-in catalogue written down is the built-in catalogue")
    func builtIn() throws {
        let text = Catalogue.standard.groups.map { group in
            "[\(group.name)]\n" + group.entries.map { "\($0.scope) = \($0.description)\n" }.joined()
        }.joined()
        #expect(try Catalogue(text: text, file: "x") == .standard)
    }

    @Test(
        "a wrong line is named with what to do",
        arguments: [
            ("", "scopes.conf: holds no scope; write sections with lines such as issues:read = Read issues"),
            (
                "# nothing\n\n",
                "scopes.conf: holds no scope; write sections with lines such as issues:read = Read issues"
            ),
            ("[Data]\n", "scopes.conf: holds no scope; write sections with lines such as issues:read = Read issues"),
            ("a:read = x", "scopes.conf:1: stands before the first group; write a section such as [Data] above it"),
            ("[Data\na:read = x", "scopes.conf:1: “[Data” is no section; write it as [name]"),
            ("[ ]\na:read = x", "scopes.conf:1: the group's name is empty; write one"),
            ("[A]\na:read = x\n[A]", "scopes.conf:3: the group “A” stands in line 1 already; keep one"),
            ("[A]\na:read", "scopes.conf:2: “a:read” is not of the form key = value"),
            ("[A]\na:read =", "scopes.conf:2: the description of a:read is empty; write one"),
            ("[A]\na:read = # x", "scopes.conf:2: the description of a:read is empty; write one"),
            ("[A]\nread = x", "scopes.conf:2: “read” is no scope; one is resource:verb, in lower-case letters"),
            ("[A]\nA:read = x", "scopes.conf:2: “A:read” is no scope; one is resource:verb, in lower-case letters"),
            ("[A]\na:* = x", "scopes.conf:2: “a:*” is no scope; one is resource:verb, in lower-case letters"),
            ("[A]\n = x", "scopes.conf:2: “” is no scope; one is resource:verb, in lower-case letters"),
            ("[A]\na:read = x\n[B]\na:read = y", "scopes.conf:4: a:read stands in line 2 already; keep one"),
            ("[A]\na:read = x\u{1b}[2J", "scopes.conf:2: holds a control character"),
            ("[A\u{0}]\na:read = x", "scopes.conf:1: holds a control character"),
            (
                "[A]\na:read = x\u{202e}y",
                "scopes.conf:2: the description of a:read holds U+202E, a control, format or bidirectional character; remove it"
            ),
        ])
    func wrongLines(text: String, expected: String) {
        #expect(problem(text) == expected)
    }

    @Test("it may have 1,000 scopes in 100 groups, and descriptions of 100 characters")
    func limits() throws {
        func text(scopes: Int, groups: Int) -> String {
            (0..<groups).map { "[g\($0)]\n" }.joined() + (0..<scopes).map { "s\($0):read = x\n" }.joined()
        }
        #expect(try Catalogue(text: text(scopes: 1_000, groups: 100), file: "x").scopes.count == 1_000)
        #expect(problem(text(scopes: 1_001, groups: 1)) == "scopes.conf:1002: is one scope more than 1000")
        #expect(problem(text(scopes: 1, groups: 101)) == "scopes.conf:101: is one group more than 100")
        #expect(problem("[A]\na:read = " + String(repeating: "é", count: 100)) == nil)
        #expect(problem("[A]\na:read = " + String(repeating: "é", count: 101))?.contains("shorten it") == true)
    }

    @Test("a line of a megabyte is not repeated in the message")
    func longLine() {
        let text = "[A]\n" + String(repeating: "x", count: 1 << 20) + " = y"
        #expect((problem(text) ?? "").utf8.count < 200)
    }
}
