import Testing

/// How the repository is laid out, and what is written in none of its files.
enum Layout {
    static let topLevel = [
        ".ci", ".editorconfig", ".gitignore", ".swift-format", "LICENSE", "Package.swift", "Protocol", "README.md",
        "Sources", "Tests", "systemd",
    ]

    /// What differs from the list above, each with the sign of a difference.
    static func differences(of entries: [String]) -> [String] {
        Set(entries).subtracting(topLevel).sorted().map { "+ \($0)" }
            + Set(topLevel).subtracting(entries).sorted().map { "- \($0)" }
    }

    static let lineCountMax = 400
}

extension SourceFile {
    /// A program that is longer is two.
    func excessLength() -> [Finding] {
        guard path.contains(/\.(?:swift|c|h|py|go|sh)$|^\.ci\//), lines.count > Layout.lineCountMax + 1 else {
            return []
        }
        return [Finding(path: path, line: lines.count, problem: "has more than \(Layout.lineCountMax) lines")]
    }

    /// Paths of the machine on which somebody works: they mean nothing on another. The patterns are written so that
    /// they don't find themselves.
    func foreignPaths() -> [Finding] {
        // Long, and made of the proto files by a program.
        if path.hasPrefix("Protocol/vectors/") && path.hasSuffix(".txt") { return [] }
        return findings(in: lines) { line in
            // The search for a pattern is slow, and most lines have none of the words.
            if !["work/", "home/", "root/", "Users/", "hared/"].contains(where: line.contains) { return nil }
            let pattern = /[\/]work\/|(?:^|[^\w.])[\/](?:home\/\w|root\/[\w.]|Users\/\w)|(?:^|[^\w\/])[s]hared\//
            return line.firstMatch(of: pattern).map { "“\($0.0)” is of somebody's own machine" }
        }
    }
}

@Suite("Layout") struct LayoutTests {
    @Test("the top level holds what the design lists and nothing else") func topLevel() {
        #expect(Layout.differences(of: Repository.topLevel) == [])
    }

    @Test("no program is longer than 400 lines") func length() {
        #expect(Repository.files.flatMap { $0.excessLength() } == [])
    }

    @Test("no file names a path of somebody's own machine") func paths() {
        #expect(Repository.files.flatMap { $0.foreignPaths() } == [])
    }

    @Test("what the top level has too many or too few is told") func findsDifferences() {
        let entries = Layout.topLevel.filter { $0 != "LICENSE" } + ["docs"]
        #expect(Layout.differences(of: entries) == ["+ docs", "- LICENSE"])
    }

    @Test("long programs are found", arguments: ["Sources/CLinux/a.c", "Tests/A/B.swift", ".ci/run", "Protocol/a.py"])
    func findsLength(path: String) {
        let longest = String(repeating: "x\n", count: Layout.lineCountMax)
        #expect(SourceFile(path: path, text: longest).excessLength() == [])
        #expect(SourceFile(path: path, text: longest + "x\n").excessLength().count == 1)
        #expect(SourceFile(path: "Protocol/vectors/a.txt", text: longest + "x\n").excessLength() == [])
    }

    @Test(
        "paths of somebody's own machine are found",
        arguments: [
            "cd /" + "work/a", "see /" + "home/ada/a.txt", "`/" + "root/.config`", "/" + "Users/ada",
            "in s" + "hared/a.md",
        ])
    func findsPaths(line: String) {
        #expect(SourceFile(path: "README.md", text: "a\n\(line)\n").foreignPaths().map(\.line) == [2])
    }

    @Test(
        "paths of every host are not",
        arguments: [
            "/usr/share/doc", "~/.config/tokend/token", "ProtectHome=/home", "a network/homework/x", "/var/lib/tokend",
            "directory + \"/home/.config\"",
        ])
    func allowsPaths(line: String) {
        #expect(SourceFile(path: "README.md", text: line).foreignPaths() == [])
    }
}
