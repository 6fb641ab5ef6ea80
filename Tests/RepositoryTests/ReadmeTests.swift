import Testing

/// Programs that the README shows are files of the tests, where they are compiled.
@Suite("The README") struct ReadmeTests {
    /// What stands in a fenced block behind a line `<!-- swift: PATH -->`, with the path.
    private func programs(in text: String) -> [(path: String, text: String)] {
        var programs: [(path: String, text: String)] = []
        var rest = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        while let line = rest.popFirst() {
            guard let match = line.wholeMatch(of: /<!-- swift: (\S+) -->/), rest.popFirst() == "```swift" else {
                continue
            }
            let block = rest.prefix { $0 != "```" }
            programs.append((String(match.1), block.map { $0 + "\n" }.joined()))
            rest = rest.dropFirst(block.count)
        }
        return programs
    }

    @Test("shows the programs that are compiled") func showsWhatIsCompiled() throws {
        let readme = try #require(Repository.files.first { $0.path == "README.md" })
        let programs = programs(in: readme.lines.joined(separator: "\n"))
        #expect(programs.count == 2)
        for program in programs {
            let file = Repository.files.first { $0.path == program.path }
            #expect(file?.lines.joined(separator: "\n") == program.text, "\(program.path)")
        }
    }

    @Test("and the pages on TokenClient show the programs that are compiled") func pagesShowWhatIsCompiled() {
        let pages = Repository.files.filter { $0.path.hasPrefix("Sources/TokenClient/TokenClient.docc/") }
        let programs = pages.flatMap { self.programs(in: $0.lines.joined(separator: "\n")) }
        #expect(programs.count == 3)
        for program in programs {
            let file = Repository.files.first { $0.path == program.path }
            #expect(file?.lines.joined(separator: "\n") == program.text, "\(program.path)")
        }
    }

    @Test("is read as it is written") func findsPrograms() {
        let text = "a\n<!-- swift: A.swift -->\n```swift\nlet a = 1\n\nlet b = 2\n```\n```swift\nlet c = 3\n```\n"
        let found = programs(in: text)
        #expect(found.map(\.path) == ["A.swift"])
        #expect(found.map(\.text) == ["let a = 1\n\nlet b = 2\n"])
    }
}
