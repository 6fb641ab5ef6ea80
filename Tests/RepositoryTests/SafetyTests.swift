import Testing

extension SourceFile {
    func forcedCalls() -> [Finding] {
        findings(in: codeLines) { line in
            if !line.contains("!") { return nil }
            return line.firstMatch(of: /\b(?:try|as)!/.wordBoundaryKind(.simple)).map {
                "\($0.0) ends the process where an error should be answered"
            }
        }
    }

    /// Where the compiler is told to trust us and nobody wrote down why it may.
    func unargued() -> [Finding] {
        findings(in: codeLines) { line in
            line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") ? "" : nil
        }.compactMap { finding in
            let above = lines[..<(finding.line - 1)].reversed().map { $0.drop { $0 == " " } }
            // Attributes may stand between the comment and what it is about.
            guard let line = above.first(where: { !$0.hasPrefix("@") }), line.hasPrefix("//") else {
                return Finding(
                    path: path, line: finding.line, problem: "has no comment above that says why it is sound")
            }
            return nil
        }
    }

    /// Files with what a verification uses of another module. The compiler inlines across modules what is `public`, and
    /// nothing that is `package` (Swift 6.3.1, `@inlinable` or not), which made a verification from memory a third longer.
    private static let filesOnTheHotPath: Set = [
        "Sources/LinuxIO/AdaptivePolling.swift",
        "Sources/LinuxIO/Epochs/EpochLayout.swift", "Sources/LinuxIO/Epochs/EpochView.swift",
        "Sources/LinuxIO/Failpoints/Failpoint.swift", "Sources/LinuxIO/FileDescriptor.swift",
        "Sources/LinuxIO/Poller.swift", "Sources/LinuxIO/Prefetch.swift", "Sources/LinuxIO/SystemClock.swift",
        "Sources/TokenCore/Digest.swift", "Sources/TokenCore/Instant.swift",
        "Sources/TokenCore/Instant+RFC3339.swift", "Sources/TokenCore/Metrics/Counters.swift",
        "Sources/TokenCore/Metrics/HistogramShape.swift", "Sources/TokenWire/Buffer/WireBuffer.swift",
        "Sources/TokenWire/Core/Span+Bytes.swift", "Sources/TokenWire/Core/WireLimits.swift",
        "Sources/TokenWire/Frames/FrameHeader.swift", "Sources/TokenWire/Frames/PlainVerify.swift",
    ]

    /// The directories of TokenServer that a verification goes through, and what of them it does not: a loop opens its inbox
    /// only when another thread has woken it.
    private static let directoriesOnTheHotPath = ["Cache", "Calls", "Loop"].map { "Sources/TokenServer/\($0)/" }
    private static let fileBesideTheHotPath = "Sources/TokenServer/Loop/LoopInbox.swift"

    var isOnTheHotPath: Bool {
        if path == Self.fileBesideTheHotPath { return false }
        return Self.filesOnTheHotPath.contains(path) || Self.directoriesOnTheHotPath.contains { path.hasPrefix($0) }
    }

    /// A Mutex that is free is taken without a call, so that no count of calls would show one.
    func locksOnTheHotPath() -> [Finding] {
        if !isOnTheHotPath { return [] }
        return findings(in: codeLines) { line in
            line.contains("Mutex") || line.contains("withLock") || line.contains("pthread_")
                ? "no lock may be on the way of a verification" : nil
        }
    }

    func publicDeclarations() -> [Finding] {
        if target == nil || target == "TokenClient" || Self.filesOnTheHotPath.contains(path) { return [] }
        return findings(in: codeLines) { line in
            if !line.contains("public") && !line.contains("open") { return nil }
            return line.contains(/\bpublic\b|\bopen\s+(?:class|func|var|subscript)\b/.wordBoundaryKind(.simple))
                ? "only TokenClient has a public interface; use package" : nil
        }
    }
}

@Suite("Safety") struct SafetyTests {
    @Test("nothing is forced") func forced() {
        #expect(Repository.sources.flatMap { $0.forcedCalls() } == [])
    }

    @Test("every unchecked promise has its argument above it") func unargued() {
        #expect(Repository.sources.flatMap { $0.unargued() } == [])
    }

    @Test("no lock is on the way of a verification") func locks() {
        #expect(Repository.sources.flatMap { $0.locksOnTheHotPath() } == [])
        #expect(Repository.sources.count { $0.isOnTheHotPath } > 50)
    }

    @Test("only TokenClient is public, and what a verification uses") func publicInterface() {
        #expect(Repository.sources.flatMap { $0.publicDeclarations() } == [])
    }

    @Test("forced calls are found", arguments: ["let a = try! b()", "let c = d as! E", "f(\"\\(try! g())\")"])
    func findsForced(line: String) {
        #expect(SourceFile(path: "Sources/LinuxIO/Sample.swift", text: line).forcedCalls().count == 1)
    }

    @Test(
        "words in comments and strings force nothing", arguments: ["// try! it", "let a = \"as! is\"", "try b() as? C"])
    func allowsUnforced(line: String) {
        #expect(SourceFile(path: "Sources/LinuxIO/Sample.swift", text: line).forcedCalls() == [])
    }

    @Test(
        "unchecked promises without an argument are found",
        arguments: [
            "extension A: @unchecked Sendable {}", "// Sound.\n\nfinal class A: @unchecked Sendable {}",
            "let a = 1\nnonisolated(unsafe) var b = 2", "let a = 1 // Sound.\n@frozen\nstruct B: @unchecked Sendable {",
        ])
    func findsUnargued(text: String) {
        #expect(SourceFile(path: "Sources/LinuxIO/Sample.swift", text: text).unargued().count == 1)
    }

    @Test(
        "unchecked promises with one are not",
        arguments: [
            "// Sound: one owner.\nextension A: @unchecked Sendable {}",
            "/// One thread writes.\n@inline(never)\nprivate nonisolated(unsafe) static let a = 1",
            "// What @unchecked Sendable means.",
        ])
    func allowsArgued(text: String) {
        #expect(SourceFile(path: "Sources/LinuxIO/Sample.swift", text: text).unargued() == [])
    }

    @Test(
        "locks on the way of a verification are found",
        arguments: ["private let state = Mutex(State())", "state.withLock { $0 }", "pthread_mutex_lock(&mutex)"])
    func findsLock(line: String) {
        for path in ["Sources/TokenServer/Cache/Sample.swift", "Sources/LinuxIO/Poller.swift"] {
            #expect(SourceFile(path: path, text: line).locksOnTheHotPath().count == 1)
        }
        for path in ["Sources/TokenServer/Loop/LoopInbox.swift", "Sources/TokenServer/Log/Log.swift"] {
            #expect(SourceFile(path: path, text: line).locksOnTheHotPath() == [])
        }
    }

    @Test(
        "public declarations are found",
        arguments: ["public struct A {}", "@frozen public enum B {}", "open class C {}"])
    func findsPublic(line: String) {
        #expect(SourceFile(path: "Sources/TokenServer/Sample.swift", text: line).publicDeclarations().count == 1)
        #expect(SourceFile(path: "Sources/TokenClient/Sample.swift", text: line).publicDeclarations() == [])
    }

    @Test("calls of open(2) are not", arguments: ["let raw = open(path, O_RDONLY)", "package func open() {}"])
    func allowsOpen(line: String) {
        #expect(SourceFile(path: "Sources/LinuxIO/Sample.swift", text: line).publicDeclarations() == [])
    }
}
