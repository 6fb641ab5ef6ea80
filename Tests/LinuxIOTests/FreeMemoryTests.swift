import Foundation
import LinuxIO
import Testing

@Suite("Memory given back")
struct FreeMemoryTests {
    /// What of files is in this process's memory.
    private func fileKibibytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssFile:") })
        return try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) })
    }

    @Test func codeThatIsLetGoOfTakesNoMemoryUntilItRunsAgain() throws {
        let before = try fileKibibytes()
        FreeMemory.letGoOfCode()
        // Reading it runs some of it again.
        #expect(try fileKibibytes() < before * 3 / 4)
    }
}
