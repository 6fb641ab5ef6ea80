import Glibc
import LinuxIO
import Testing

@testable import TokenServer

/// A pipe that a log writes to and a test reads, or does not.
private final class Pipe {
    let readEnd: Int32
    let writeEnd: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw ClientFailure(what: "pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    var output: LogOutput { LogOutput(descriptor: writeEnd, journal: nil) }

    /// Reads lines until one has this text.
    func lines(upTo text: String) throws -> [Substring] {
        try lines { $0.contains { $0.contains(text) } }
    }

    /// Reads lines until they are all that is awaited; fails when nothing has come for ten seconds.
    func lines(_ areAll: ([Substring]) -> Bool) throws -> [Substring] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            var source = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
            guard poll(&source, 1, 10_000) == 1 else { throw ClientFailure(what: "a log of \(bytes.count) bytes") }
            guard case .bytes(let count) = chunk.withUnsafeMutableBytes({ LinuxIO.read(readEnd, into: $0) }) else {
                throw ClientFailure(what: "read")
            }
            bytes += chunk.prefix(count)
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            if bytes.last == UInt8(ascii: "\n"), areAll(lines) { return lines }
        }
    }
}

@Suite("The log")
struct LogTests {
    @Test func eventsBelowTheLevelAreNotWrittenAndAReloadChangesIt() throws {
        let pipe = try Pipe()
        let log = try Log(LogSettings(format: .auto, level: .warning), output: pipe.output)
        log.write(.info, "one")
        log.write(.warning, "two")
        log.adopt(LogSettings(format: .auto, level: .debug))
        log.write(.debug, "three")
        log.close()
        let lines = try pipe.lines(upTo: "three")
        #expect(
            lines.map { $0.split(separator: " ", maxSplits: 1).last } == [
                "level=warning message=two", "level=debug message=three",
            ])
    }

    @Test func aMessageThatCouldFloodIsToldOnceAMinuteAndFurtherOnesToWhoeverDebugs() throws {
        let pipe = try Pipe()
        let log = try Log(LogSettings(format: .logfmt, level: .debug), output: pipe.output)
        for _ in 0..<3 { log.limited(.warning, "no descriptor is left") }
        log.limited(.warning, "another")
        log.close()
        let levels = try pipe.lines(upTo: "another").map { $0.split(separator: " ")[1] }
        #expect(levels == ["level=warning", "level=debug", "level=debug", "level=warning"])
    }

    @Test func nobodyWaitsForALogThatIsNotReadAndWhatWasDroppedIsToldOnceItIs() throws {
        let pipe = try Pipe()
        let log = try Log(output: pipe.output)
        let text = String(repeating: "x", count: 4_000)
        let count = 600
        for _ in 0..<count { log.write(.info, "much", ["text": text]) }
        let dropped = Int(log.droppedEventCount)
        #expect(dropped > 0)
        // A reader that is stuck does not keep the daemon from ending.
        log.close(waitingAtMostMilliseconds: 1)
        // The thread may have begun when the queue was full already: then it tells of what was dropped twice, or events
        // follow the one time.
        let report = /time=\S+ level=warning message="events were dropped: .*" count=(\d+)/
        func reported(_ lines: [Substring]) -> [Int] {
            lines.compactMap { $0.wholeMatch(of: report).flatMap { Int($0.1) } }
        }
        let lines = try pipe.lines {
            reported($0).reduce(0, +) == dropped && $0.count >= count - dropped + reported($0).count
        }
        #expect(lines.count == count - dropped + reported(lines).count)
    }

    @Test func aLogWithoutAReaderLosesEventsAndNothingElse() throws {
        let log = try Log(output: LogOutput(descriptor: -1, journal: nil))
        log.write(.info, "one")
        log.close()
        #expect(log.droppedEventCount == 1)
    }

    @Test func theJournalGetsDatagramsAndWithoutItThereAreLinesWithTheirPriority() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/journal"
        let receiver = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(receiver) }
        #expect(try UnixAddress(path: path).withSocketAddress { bind(receiver, $0, $1) } == 0)
        let pipe = try Pipe()
        let log = try Log(
            output: LogOutput(descriptor: pipe.writeEnd, journal: JournalSocket(path: path)))
        log.write(.error, "changes fail", ["error": "disk full"])
        var datagram = [UInt8](repeating: 0, count: 1_024)
        let count = recv(receiver, &datagram, datagram.count, 0)
        #expect(
            String(decoding: datagram.prefix(max(count, 0)), as: UTF8.self) == """
                MESSAGE=changes fail error="disk full"
                PRIORITY=3
                SYSLOG_IDENTIFIER=tokend
                TOKEND_ERROR=disk full

                """)
        unlink(path)
        log.write(.warning, "the journal is gone")
        log.close()
        let line = try #require(try pipe.lines(upTo: "gone").last)
        #expect(line.wholeMatch(of: /<4>time=\S+Z level=warning message="the journal is gone"/) != nil)
    }

    @Test func standardErrorIsTheJournalOnlyIfDeviceAndInodeSaySo() throws {
        let pipe = try Pipe()
        var status = stat()
        #expect(fstat(pipe.writeEnd, &status) == 0)
        #expect(StandardError.isStream("\(status.st_dev):\(status.st_ino)", pipe.writeEnd))
        for text in ["", "\(status.st_dev):\(status.st_ino + 1)", "\(status.st_dev)", "0:0"] {
            #expect(!StandardError.isStream(text, pipe.writeEnd))
        }
        #expect(!StandardError.isStream("\(status.st_dev):\(status.st_ino)", -1))
    }
}
