import Glibc
import LinuxIO
import Testing
import TokenServer

extension ServerTests {
    @Suite("The process until it serves", .serialized)
    struct StartTests {
        @Test func aSignalBeforeItServesEndsItAtOnce() throws {
            let place = try DaemonProcess.Place()
            // Blocked and pending when the daemon begins: it is the first thing that the daemon hears.
            let script = "kill -TERM $$; exec \"$@\" 2>>\(place.logPath)"
            let daemon = try DaemonProcess.spawn(
                "/usr/bin/env",
                ["--block-signal=TERM", "sh", "-c", script, "sh", try DaemonProcess.executable, "serve"]
                    + ["--store", place.storePath, "--socket", place.socketPath], nil)
            var status: Int32 = 0
            #expect(waitpid(daemon, &status, 0) == daemon)
            #expect(status & 0x7f == SIGTERM)
            #expect(try !place.log().contains("message=ready"))
            #expect(try place.log().contains("ending before the daemon serves"))
            _ = try DaemonProcess(place)
        }

        /// A socket that is there may have taken a call, whatever the daemon has yet to do before it is ready.
        @Test func aSignalThatComesOnceASocketIsThereIsObeyedInGoodOrder() throws {
            for _ in 0..<5 {
                let place = try DaemonProcess.Place()
                let daemon = try DaemonProcess(place, isAwaited: false)
                // As soon as can be: asking by turns with a sleep comes too late.
                let deadline = SystemClock.monotonicNanoseconds() + 10_000_000_000
                while access(place.socketPath, F_OK) != 0 && SystemClock.monotonicNanoseconds() < deadline {}
                daemon.kill(SIGTERM)
                #expect(daemon.waitForExit() == 0)
                #expect(access(place.socketPath, F_OK) != 0 && access(place.operatorPath, F_OK) != 0)
                #expect(try place.log().contains("audit head at stop"))
            }
        }

        @Test func aDaemonWithoutDescriptorsForItsLoopsIsNeverReady() throws {
            let place = try DaemonProcess.Place()
            var failedCount = 0
            for limit in stride(from: 12, through: 60, by: 3) {
                unlink(place.logPath)
                let script = "ulimit -n \(limit); exec \"$@\" 2>>\(place.logPath)"
                let daemon = try DaemonProcess.spawn(
                    "/bin/sh",
                    ["-c", script, "sh", try DaemonProcess.executable, "serve", "--store", place.storePath]
                        + ["--socket", place.socketPath, "--event-loops", "8"], nil)
                var status: Int32 = 0
                let hasEnded = eventually(withinMilliseconds: 10_000) {
                    waitpid(daemon, &status, WNOHANG) == daemon
                        || (try? place.log().contains("message=ready")) == true
                }
                #expect(hasEnded)
                let log = try place.log()
                if log.contains("message=ready") {
                    kill(daemon, SIGTERM)
                    waitpid(daemon, &status, 0)
                    #expect(status == 0, "\(log)")
                } else {
                    failedCount += 1
                }
            }
            #expect(failedCount > 3)
        }
    }
}
