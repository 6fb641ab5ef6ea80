import Foundation
import Testing

@Suite("tokenbench as it is run", .serialized) struct CommandTests {
    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test(
        arguments: [
            ([], 64, "Usage: tokenbench <command>"),
            (["--help"], 0, "tokenbench run --daemon"),
            (["--help"], 0, "70 interrupted"),
            (["run", "--help"], 0, "taskset -c 1 tokenbench run"),
            (["run", "--help"], 0, "tokenbench's own processor time is not counted at a fixed rate"),
            (["history", "--help"], 0, "--kill-every 15s"),
            (["seed", "--help"], 0, "TOKEND_TOKENS="),
            (["rum"], 64, "there is no command “rum”"),
            (["run"], 64, "--tokens-file FILE, or --tokens N"),
            (["run", "--daemon", "--socket", "x"], 64, "exclude each other"),
            (["run", "--daemon", "--depth", "65"], 64, "no number from 1 to 64"),
            (["run", "--daemon", "--hit-rate", "95"], 64, "write 0.95 or 95%"),
            (["run", "--daemon", "--duration", "5"], 64, "write 500ms, 10s or 2m"),
            (["run", "--daemon", "--connections", "0"], 64, "add --writers N"),
            (["run", "--daemon", "--connections", "0", "--writers", "1", "--rate", "5"], 64, "writers have no rate"),
            (["run", "--tokens", "1", "--daemon-cores", "0"], 64, "--daemon-cores goes with --daemon"),
            (["run", "--tokens", "1", "--socket", "/nonexistent/tokend.sock"], 69, "/nonexistent/operator.sock"),
            (["run", "--tokens", "1", "--socket", "/\(String(repeating: "x", count: 200))/s"], 64, "socketPath must"),
            (["run", "--tokens", "1", "--tokens-file", "x"], 64, "exclude each other"),
            (["seed"], 64, "--tokens is missing"),
            (["seed", "--tokens", "1", "--tokens-out", "-"], 64, "“-” is no name of a file here"),
            (["history", "--ways", "memory,disk"], 64, "there are memory, socket and store"),
            (["history", "--ways", ","], 64, "--ways “,” has an empty name"),
            (["history", "--kill-at", ","], 64, "--kill-at “,” has an empty name"),
            (["history", "--lose-page"], 64, "goes with --kill-every"),
            (["history-reader"], 64, "are needed"),
            (["seed", "--tokens", "1", "--tokens-out", "/nonexistent/x"], 73, "/nonexistent/x: No such file"),
            (["verifier"], 64, "--tokens-file FILE, or --tokens N"),
            (["start", "--rounds", "0"], 64, "no number from 1 to 1000"),
            (["verifier", "--daemon", "--hits", "5", "--duration", "1s"], 64, "exclude each other"),
            (["verifier", "--tokens", "1", "--directory", "x"], 64, "--directory goes with --daemon"),
            (["verifier", "--tokens", "1", "--tokens-file", "x"], 64, "exclude each other"),
            (["verifier", "--daemon", "--tokens-file", "x"], 64, "exclude each other"),
            (["compare", "a.json"], 64, "compare takes A.json and B.json"),
            (["compare", "/nonexistent", "/nonexistent"], 65, "/nonexistent can't be read: No such file"),
            (["run", "--tokens-file", "/nonexistent"], 65, "/nonexistent can't be read: No such file"),
            (["compare", "/dev", "/dev"], 65, "/dev can't be read: it is no file of text"),
        ] as [([String], Int32, String)])
    func aCommandLineAnswersAsExpected(arguments: [String], exitCode: Int32, expected: String) throws {
        let outcome = try Tokenbench.run(arguments)
        #expect(outcome.exitCode == exitCode)
        #expect((outcome.output + outcome.errors).contains(expected))
    }

    @Test func aShortRunCountsEveryKindOfCallAndLeavesNothing() throws {
        try Tokenbench.withDirectory { directory in
            let outcome = try Tokenbench.run([
                "run", "--daemon", "--directory", directory, "--tokens", "200", "--connections", "2", "--depth", "3",
                "--hit-rate", "50%", "--writes", "20%", "--writers", "1", "--duration", "500ms", "--warmup", "100ms",
                "--json",
            ])
            #expect(outcome.exitCode == 0, "\(outcome.errors)")
            let report = try object(outcome.output)
            #expect((report["failures"] as? [String: Any])?.isEmpty == true)
            let calls = try #require(report["calls"] as? [String: [String: Any]])
            for kind in ["verify", "create", "revoke"] {
                let latency = try #require(calls[kind]?["latency"] as? [String: Double])
                let (p50, p9999, largest) = (latency["p50"] ?? 0, latency["p9999"] ?? 0, latency["maximum"] ?? 0)
                #expect(0 < p50 && p50 <= p9999 && p9999 <= largest)
            }
            let daemon = try #require(report["daemon"] as? [String: Any])
            #expect((daemon["processor_microseconds_per_call"] as? Double ?? 0) > 0)
            #expect((daemon["resident_kibibytes"] as? Int ?? 0) > 1_000)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
        }
    }

    @Test(arguments: [[], ["--whole", "--scope", "issues:read"]])
    func aVerifierAnswersFromMemoryOnEveryNumberOfThreads(_ options: [String]) throws {
        try Tokenbench.withDirectory { directory in
            let outcome = try Tokenbench.run(
                ["verifier", "--daemon", "--directory", directory, "--tokens", "20", "--threads", "3", "--hits", "500"]
                    + options + ["--json"])
            #expect(outcome.exitCode == 0, "\(outcome.errors)")
            let report = try object(outcome.output)
            let rows = try #require(report["rows"] as? [[String: Double]])
            #expect(rows.map { $0["threads"] } == [1, 2, 3])
            #expect(rows.map { $0["hits"] } == [500, 1_000, 1_500])
            #expect(rows.allSatisfy { ($0["nanoseconds_per_hit"] ?? 0) > 0 && $0["refused"] == 0 })
            #expect(rows.allSatisfy { ($0["asked_share"] ?? 1) < 0.5 })
            #expect(report["page_problem"] == nil)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
        }
    }

    @Test func eachStartIsTimedAndLeavesNothing() throws {
        try Tokenbench.withDirectory { directory in
            let outcome = try Tokenbench.run(["start", "--directory", directory, "--rounds", "2", "--json"])
            #expect(outcome.exitCode == 0, "\(outcome.errors)")
            let milliseconds = try #require(try object(outcome.output)["milliseconds"] as? [Double])
            #expect(milliseconds.count == 2)
            #expect(milliseconds.allSatisfy { 0 < $0 && $0 < 10_000 })
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
        }
    }

    @Test func aRunAtAFixedRateKeepsToIt() throws {
        try Tokenbench.withDirectory { directory in
            let outcome = try Tokenbench.run([
                "run", "--daemon", "--directory", directory, "--tokens", "50", "--connections", "2", "--threads", "2",
                "--rate", "200", "--duration", "1s", "--warmup", "100ms", "--json",
            ])
            let report = try object(outcome.output)
            let verify = try #require((report["calls"] as? [String: [String: Any]])?["verify"])
            let samples = try #require(verify["samples"] as? Int)
            #expect(samples + (report["missed"] as? Int ?? 0) == 200)
            // A machine that has other work to do may miss a few.
            #expect(samples >= 190)
            let client = try #require(report["client"] as? [String: Any])
            #expect(client["peak_resident_kibibytes"] != nil && client["processor_microseconds_per_call"] == nil)
            #expect(verify["service_time"] != nil)
        }
    }

    @Test func aRateThatIsNotKeptIsSaidBesideTheJSON() throws {
        try Tokenbench.withDirectory { directory in
            let outcome = try Tokenbench.run([
                "run", "--daemon", "--directory", directory, "--tokens", "50", "--rate", "10000000", "--duration",
                "100ms", "--warmup", "0s", "--json",
            ])
            #expect(outcome.exitCode == 1)
            #expect(try object(outcome.output)["missed"] as? Int ?? 0 > 0)
            #expect(outcome.errors.contains("NOT MADE: "))
        }
    }

    @Test func aSeededStoreIsVerifiedFromItsFileAndComparedWithItself() throws {
        try Tokenbench.withDirectory { directory in
            let (store, tokens) = (directory + "/store", directory + "/tokens")
            let seed = ["seed", "--store", store, "--tokens", "300", "--tokens-out", tokens, "--directory", directory]
            let seeded = try Tokenbench.run(seed)
            #expect(seeded.exitCode == 0, "\(seeded.errors)")
            let attributes = try FileManager.default.attributesOfItem(atPath: tokens)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
            let secrets = try String(contentsOfFile: tokens, encoding: .utf8).split(separator: "\n")
            #expect(Set(secrets).count == 300)
            #expect(secrets.allSatisfy { $0.hasPrefix("clpu_") && $0.count == 54 })
            #expect(try Tokenbench.run(seed).errors.contains("remove it, or name another"))

            let daemon = Process()
            daemon.executableURL = Tokenbench.directory.appendingPathComponent("tokend")
            daemon.arguments = [
                "serve", "--store", store, "--socket", directory + "/tokend.sock", "--config", "/dev/null",
            ]
            daemon.standardError = FileHandle.nullDevice
            try daemon.run()
            defer {
                daemon.terminate()
                daemon.waitUntilExit()
            }
            for _ in 0..<500 where !FileManager.default.fileExists(atPath: directory + "/operator.sock") {
                usleep(10_000)
            }
            let outcome = try Tokenbench.run([
                "run", "--socket", directory + "/tokend.sock", "--tokens-file", tokens, "--duration", "200ms",
                "--warmup", "0s", "--json",
            ])
            #expect(outcome.exitCode == 0, "\(outcome.errors)")
            #expect((try object(outcome.output)["settings"] as? [String: Any])?["tokens"] as? Int == 300)
            let saved = directory + "/run.json"
            try outcome.output.write(toFile: saved, atomically: true, encoding: .utf8)
            let comparison = try Tokenbench.run(["compare", saved, saved])
            #expect(comparison.exitCode == 0)
            #expect(comparison.output.contains("1.00 ×") && !comparison.output.contains("differ"))
        }
    }

    @Test func anInterruptedRunTellsWhatItHasAndCleansUp() throws {
        try Tokenbench.withDirectory { directory in
            let (output, errors) = (Pipe(), Pipe())
            let process = try Tokenbench.start(
                ["run", "--daemon", "--directory", directory, "--tokens", "10", "--warmup", "0s", "--duration", "60s"],
                output, errors)
            let isServing = {
                let names = try? FileManager.default.subpathsOfDirectory(atPath: directory)
                return names?.contains { $0.hasSuffix("operator.sock") } == true
            }
            for _ in 0..<1000 where !isServing() { usleep(10_000) }
            sleep(1)
            process.interrupt()
            let text = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            #expect(String(decoding: text, as: UTF8.self).contains("Interrupted: "))
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
        }
    }

    /// As with `tokenbench run --daemon | true`.
    @Test func aRunWhoseOutputNobodyReadsStopsItsDaemon() throws {
        try Tokenbench.withDirectory { directory in
            let (output, errors) = (Pipe(), Pipe())
            let process = try Tokenbench.start(
                [
                    "run", "--daemon", "--directory", directory, "--tokens", "10", "--warmup", "0s", "--duration",
                    "100ms",
                ], output, errors)
            try output.fileHandleForReading.close()
            process.waitUntilExit()
            #expect(process.terminationReason == .exit && process.terminationStatus == 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
        }
    }

    /// Whoever keeps it for `compare` would have half a report, or none.
    @Test(arguments: ["/dev/full", "/dev/null"]) func aResultThatIsLostIsAnError(_ path: String) throws {
        let output = try #require(FileHandle(forWritingAtPath: path))
        let errors = Pipe()
        let process = try Tokenbench.start(["--help"], output, errors)
        let complaint = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == (path == "/dev/full" ? 73 : 0))
        #expect(String(decoding: complaint, as: UTF8.self).contains("No space left") == (path == "/dev/full"))
    }

    /// A reader of a history, because it runs for as long as its board says nothing.
    @Test func aCrashShowsNothingOfTheMemory() throws {
        try Tokenbench.withDirectory { directory in
            let board = directory + "/board"
            #expect(FileManager.default.createFile(atPath: board, contents: Data(count: 256)))
            let (output, errors) = (Pipe(), Pipe())
            let process = try Tokenbench.start(
                [
                    "history-reader", "--socket", directory + "/tokend.sock", "--board", board, "--places", "1",
                    "--first", "0", "--ways", "socket",
                ], output, errors, environment: ["SWIFT_BACKTRACE": "enable=yes,color=no"])
            // It tells something now and then from its start on.
            #expect(try output.fileHandleForReading.read(upToCount: 1)?.count == 1)
            let limits = try String(contentsOfFile: "/proc/\(process.processIdentifier)/limits", encoding: .utf8)
            #expect(limits.contains(/Max core file size +0 +0\b/))
            kill(process.processIdentifier, SIGSEGV)
            let complaint = try errors.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGSEGV)
            #expect(complaint.isEmpty)
        }
    }
}
