import Testing

/// Which modules a target may import. The arrows of the architecture: SwiftPM would let a target import whatever its
/// dependencies import.
enum ImportTable {
    /// Modules of this package.
    static let modules: [String: Set<String>] = [
        "CSQLite": [],
        "CLinux": [],
        "TokenWire": [],
        "TokenCore": ["CLinux"],
        "LinuxIO": ["CLinux"],
        "TokenStore": ["TokenCore", "LinuxIO", "CSQLite"],
        "TokenServer": ["TokenWire", "TokenCore", "LinuxIO", "TokenStore"],
        "TokenClient": ["TokenWire", "LinuxIO", "TokenCore"],
        "tokend": ["TokenServer"],
        "tokenctl": ["TokenClient"],
        "tokenbench": ["TokenClient"],
    ]

    static let platform: Set = ["Glibc", "Synchronization", "Dispatch", "Foundation", "FoundationEssentials"]

    /// Of the platform: Foundation costs the daemon and every client 9 MB, and the codec and the rules of the domain
    /// do no I/O.
    static func platform(of target: String) -> Set<String> {
        switch target {
        case "TokenWire", "TokenCore": ["Synchronization"]
        case "tokenctl", "tokenbench": platform
        default: ["Glibc", "Synchronization", "Dispatch"]
        }
    }
}

extension SourceFile {
    func forbiddenImports() -> [Finding] {
        guard let target else { return [] }
        let allowed = ImportTable.platform(of: target).union(ImportTable.modules[target] ?? [])
        return findings(in: codeLines) { line in
            guard line.contains("import"),
                let match = line.firstMatch(
                    of: /^\s*((?:@\w+(?:\(\w+\))?\s+)*)(?:\w+\s+)?import\s+(?:[a-z]+\s+)?(\w+)/)
            else { return nil }
            if match.1.contains("@_exported") { return "@_exported would hide an import from this table" }
            return allowed.contains(String(match.2)) ? nil : "\(target) may not import \(match.2)"
        }
    }

    /// C that the pure target calls: SHA-256, which wants the processor's instructions, and erasing what was secret.
    func forbiddenCalls() -> [Finding] {
        if target != "TokenCore" { return [] }
        return findings(in: codeLines) { line in
            if !line.contains("clinux_") { return nil }
            return line.matches(of: /\bclinux_\w+/.wordBoundaryKind(.simple)).map(\.output)
                .first { !$0.hasPrefix("clinux_sha256") && $0 != "clinux_erase" }
                .map { "TokenCore may not call \($0)" }
        }
    }
}

@Suite("Imports") struct ImportTests {
    @Test("are those of the design") func repository() {
        #expect(Repository.sources.flatMap { $0.forbiddenImports() } == [])
        #expect(Repository.sources.flatMap { $0.forbiddenCalls() } == [])
    }

    @Test("every target is in the table") func targets() {
        #expect(Repository.targets.subtracting(ImportTable.modules.keys) == [])
        #expect(Repository.sources.count > 100)
    }

    @Test(
        "are found in every form",
        arguments: [
            "import TokenStore", "package import TokenStore", "@preconcurrency import TokenStore", "import Foundation",
            "    private import Foundation", "@_spi(Testing) public import TokenStore", "import struct Foundation.Date",
            "import FoundationEssentials", "import XCTest", "@_exported import TokenCore",
        ])
    func forbidden(line: String) {
        let file = SourceFile(path: "Sources/TokenClient/Cache/Sample.swift", text: "import TokenWire\n\(line)\n")
        #expect(file.forbiddenImports().map(\.line) == [2])
    }

    @Test(
        "that the table has are allowed",
        arguments: [
            "package import TokenWire", "import Glibc", "// import TokenStore", "/* import TokenStore */",
            "let text = \"import TokenStore\"", "let important = TokenStore.self",
        ])
    func allowed(line: String) {
        #expect(SourceFile(path: "Sources/TokenClient/Sample.swift", text: line).forbiddenImports() == [])
    }

    @Test("pure targets do no I/O", arguments: ["TokenWire", "TokenCore"]) func pure(target: String) {
        let file = SourceFile(path: "Sources/\(target)/Sample.swift", text: "import Glibc\nimport Dispatch")
        #expect(file.forbiddenImports().map(\.line) == [1, 2])
    }

    @Test("TokenCore calls little of CLinux") func calls() {
        let text = "clinux_erase(p, 1); clinux_sha256(p)\n_ = clinux_random(p, 1)"
        #expect(SourceFile(path: "Sources/TokenCore/Sample.swift", text: text).forbiddenCalls().map(\.line) == [2])
        #expect(SourceFile(path: "Sources/LinuxIO/Sample.swift", text: text).forbiddenCalls() == [])
    }
}
