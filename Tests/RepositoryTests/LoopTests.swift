import Testing

extension SourceFile {
    /// Loops whose bounds check Swift 6.3.1 drops with -O, of Array and of Span: they read past the end where they
    /// should trap.
    func uncheckedLoops() -> [Finding] {
        let code = code
        var findings = findings(in: codeLines) { line in
            line.contains("...") && line.contains(Self.closedLoop)
                ? "0...x.count runs one past the end, and the check of its last index is dropped" : nil
        }
        for loop in code.matches(of: Self.loopOverAll) {
            let body = Self.block(after: loop.range.upperBound, in: code)
            for next in body.matches(of: /\[\s*(\w+)\s*&?\+\s*\d+\s*\]/) where next.1 == loop.1 {
                let line = code[..<next.range.lowerBound].count { $0 == "\n" } + 1
                findings.append(
                    Finding(path: path, line: line, problem: "the check of \(next.0) in a loop over all is dropped"))
            }
        }
        return findings
    }

    private static var closedLoop: Regex<Substring> {
        /(?:\bfor\b.*\bin\b.*\.\.\.\s*[\w.\[\]]+\.count\b(?!\s*-)|\.\.\.\s*[\w.\[\]]+\.count\)\s*\.)/
            .wordBoundaryKind(.simple)
    }

    private static var loopOverAll: Regex<(Substring, Substring)> {
        /\bfor\s+(\w+)\s+in\s+(?:0\s*\.\.<\s*[\w.\[\]]+\.count|[\w.\[\]]+\.indices)\b(?!\s*-)/
            .wordBoundaryKind(.simple)
    }

    /// From the next opening brace to the one that closes it.
    private static func block(after start: String.Index, in code: String) -> Substring {
        let rest = code[start...].drop { $0 != "{" }
        var depth = 0
        for index in rest.indices {
            if rest[index] == "{" { depth += 1 }
            if rest[index] == "}" { depth -= 1 }
            if depth == 0 { return rest[...index] }
        }
        return rest
    }
}

@Suite("Loops") struct LoopTests {
    @Test("whose bounds check the compiler drops are not used") func repository() {
        #expect(Repository.sources.flatMap { $0.uncheckedLoops() } == [])
    }

    @Test(
        "of a banned shape are found",
        arguments: [
            "for i in 0...a.count { use(a[i]) }",
            "for i in 0 ... self.a.b.count where i > 1 {",
            "for i in 1...a[0].count {",
            "(0...a.count).forEach { use(a[$0]) }",
            "for i in 0..<a.count { use(a[i], a[i + 1]) }",
            "for i in 0..<self.a.count where a[i] > 0 { if x { y() } else { use(a[ i &+ 2 ]) } }",
            "for i in a.indices { use(a[i+1]) }",
        ])
    func banned(code: String) {
        let file = SourceFile(path: "Sources/TokenCore/Sample.swift", text: "{\n\(code)\n}")
        #expect(file.uncheckedLoops().map(\.line) == [2])
    }

    @Test(
        "of another shape are not",
        arguments: [
            "for i in 0..<a.count { use(a[i]) }; use(a[i + 1])",
            "for i in 1..<a.count { use(a[i - 1]) }",
            "for i in 0..<a.count - 1 { use(a[i], b[j + 1]) }",
            "for i in 0...a.count - 1 { use(a[i]) }",
            "let row = Array(0...a.count)",
            "// for i in 0...a.count { use(a[i]) }",
            "guard (1...8).contains(a.count) else { return }",
        ])
    func allowed(code: String) {
        #expect(SourceFile(path: "Sources/TokenCore/Sample.swift", text: code).uncheckedLoops() == [])
    }
}
