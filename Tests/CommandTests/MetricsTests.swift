import Foundation
import Testing

@Suite("tokenctl metrics", .serialized)
struct MetricsTests {
    let daemon: RunningDaemon

    init() throws {
        daemon = try RunningDaemon()
    }

    @Test func aFileIsReplacedAsAWholeAndReadableByAll() throws {
        let printed = try daemon.tokenctl("metrics")
        #expect(printed.exitCode == 0)
        #expect(printed.output.hasPrefix("# HELP tokend_build_info ") && printed.output.hasSuffix("\n"))
        let path = daemon.directory + "/tokend.prom"
        try Data("old".utf8).write(to: URL(fileURLWithPath: path))
        let old = try #require(FileHandle(forReadingAtPath: path))
        let written = try daemon.tokenctl("metrics", "--output-file", path)
        #expect(written.exitCode == 0 && written.output.isEmpty)
        // Whoever has opened the old file reads it to its end.
        #expect(try old.readToEnd() == Data("old".utf8))
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.contains("\ntokend_ready 1\n") && text.hasSuffix("\n"))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o644)
        let files = try FileManager.default.contentsOfDirectory(atPath: daemon.directory)
        #expect(files.filter { $0.hasPrefix("tokend.prom") } == ["tokend.prom"])
    }

    @Test func aFileThatCannotBeIsNamed() throws {
        let refused = try daemon.tokenctl("metrics", "--output-file", daemon.directory + "/none/tokend.prom")
        #expect(refused.exitCode == 73)
        #expect(refused.errors.contains("/none/tokend.prom: No such file or directory"))
        let onDirectory = try daemon.tokenctl("metrics", "--output-file", daemon.directory)
        #expect(onDirectory.exitCode == 73)
    }

    @Test func inJSONEachSampleHasItsLabels() throws {
        let output = try daemon.tokenctl("metrics", "--json").output
        let samples = try #require(JSONSerialization.jsonObject(with: Data(output.utf8)) as? [[String: Any]])
        let failed = try #require(
            samples.first {
                $0["name"] as? String == "tokend_requests_failed_total"
                    && ($0["labels"] as? [String: String])?["reason"] == "forbidden"
            })
        #expect(failed["value"] as? Int == 0)
    }
}
