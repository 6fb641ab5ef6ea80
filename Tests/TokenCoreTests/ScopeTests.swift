import Testing

@testable import TokenCore

@Suite("Scope")
struct ScopeTests {
    @Test(
        "is a resource and a verb",
        arguments: [
            "issues:read", "workspace.compliance:write", "a:b", "a_1-b.c:admin", "_:x", "9:x",
            String(repeating: "r", count: 95) + ":read",
        ])
    func accepted(text: String) {
        #expect(Scope(text)?.text == text)
        #expect(Scope(utf8: Array(text.utf8).span)?.text == text)
    }

    @Test(
        "is no other text",
        arguments: [
            "", ":", "issues", "issues:", ":read", "issues:read:x", "Issues:read", "issues:Read", "issues:re_ad",
            "issues:read1",
            "iss ues:read", "issues: read", " issues:read", "issues:read\n", ".a:read", "a.:read", "-a:read", "a-:read",
            "-:read",
            "issues:*", "é:read", "issues:réad", String(repeating: "r", count: 96) + ":read",
        ])
    func refused(text: String) {
        #expect(Scope(text) == nil)
        #expect(Scope(utf8: Array(text.utf8).span) == nil)
    }
}

@Suite("Scope set")
struct ScopeSetTests {
    private func set(_ texts: some Sequence<String>) -> ScopeSet { ScopeSet(texts.compactMap { Scope($0) }) }

    @Test("holds each scope once, in the order of bytes")
    func order() throws {
        let scopes = set(["b:x", "a:x", "b:x", "a.b:x", "a_b:x", "a:wx"])
        #expect(scopes.text == "a.b:x a:wx a:x a_b:x b:x")
        #expect(scopes.count == 5)
        #expect(scopes == ScopeSet(text: scopes.text))
        #expect(scopes.description == scopes.text)
        var seen: [String] = []
        scopes.forEach { seen.append(String(copying: $0)) }
        #expect(seen == scopes.scopes.map(\.text))
    }

    @Test("of no scope is the empty text")
    func empty() {
        #expect(ScopeSet().text.isEmpty)
        #expect(ScopeSet(text: "") == ScopeSet())
        #expect(ScopeSet().isEmpty)
        #expect(ScopeSet().contains([UInt8]().span) == false)
    }

    @Test(
        "is read back only from the text it is written as",
        arguments: ["b:x a:x", "a:x a:x", "a:x  b:x", " a:x", "a:x ", "a:x,b:x", "a", "a:x b", " "])
    func refused(text: String) {
        #expect(ScopeSet(text: text) == nil)
    }

    @Test("does what a set of strings does")
    func model() {
        var random = SplitMix(seed: 8)
        let universe = (0..<12).map { "r\(String(repeating: "x", count: $0 % 5)).\($0):read" }
        for _ in 0..<500 {
            let left = Set(universe.filter { _ in Bool.random(using: &random) })
            let right = Set(universe.filter { _ in Bool.random(using: &random) })
            let (leftSet, rightSet) = (set(left), set(right))
            #expect(leftSet.intersection(rightSet) == set(left.intersection(right)))
            #expect(leftSet.union(rightSet) == set(left.union(right)))
            #expect(leftSet.missing(from: rightSet) == set(left.subtracting(right)))
            #expect((leftSet == rightSet) == (left == right))
            for text in universe {
                #expect(leftSet.contains(Array(text.utf8).span) == left.contains(text))
                #expect(Scope(text).map { leftSet.contains($0) } == left.contains(text))
            }
        }
    }

    @Test("does not hold a part of a scope, or two in a row")
    func parts() {
        let scopes = set(["issues:read", "issues:write"])
        for text in [
            "", "issues", "issues:rea", "ssues:read", "issues:read ", "issues:read issues:write", "issues:writeX",
        ] {
            #expect(scopes.contains(Array(text.utf8).span) == false, "\(text)")
        }
    }
}
