#if DEBUG
    import Glibc
    import Synchronization

    /// What `TOKEND_FAILPOINTS` asks for.
    package final class FailpointSettings: Sendable {
        package static let current = FailpointSettings(getenv("TOKEND_FAILPOINTS").map { String(cString: $0) } ?? "")

        package let mistakes: Set<Mistake>
        package let leaseNanoseconds: Int64?
        private let waitMicroseconds: [Failpoint: UInt32]
        /// How many times each of these may still be passed.
        private let passesLeft: Mutex<[Failpoint: Int]>

        private init(_ text: String) {
            var mistakes: Set<Mistake> = []
            var waits: [Failpoint: UInt32] = [:]
            var kills: [Failpoint: Int] = [:]
            var lease: Int64?
            for item in text.split(separator: ",") {
                let parts = item.split(whereSeparator: { $0 == "=" || $0 == ":" }).map(String.init)
                switch (Failpoint(rawValue: parts[0]), parts.dropFirst().first, parts.last.flatMap(Int.init)) {
                case (let point?, "wait", let milliseconds?) where (1...1_000).contains(milliseconds):
                    waits[point] = UInt32(milliseconds) * 1_000
                case (let point?, "kill", let count?) where count > 0: kills[point] = count
                case (nil, _?, let milliseconds?) where parts[0] == "lease" && (1...60_000).contains(milliseconds):
                    lease = Int64(milliseconds) * 1_000_000
                default:
                    guard parts.count == 1, let mistake = Mistake(rawValue: parts[0]) else { Self.refuse(String(item)) }
                    mistakes.insert(mistake)
                }
            }
            self.mistakes = mistakes
            leaseNanoseconds = lease
            waitMicroseconds = waits
            passesLeft = Mutex(kills)
        }

        private static func refuse(_ item: String) -> Never {
            let points = Failpoint.allCases.map(\.rawValue).joined(separator: ", ")
            let mistakes = Mistake.allCases.map(\.rawValue).joined(separator: ", ")
            let text = """
                TOKEND_FAILPOINTS has “\(item)”, which is neither POINT=wait:MILLISECONDS, POINT=kill:COUNT, \
                lease=MILLISECONDS nor a mistake. Points: \(points). Mistakes: \(mistakes).

                """
            _ = Array(text.utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            exit(78)  // EX_CONFIG
        }

        package func pass(_ point: Failpoint) {
            if let microseconds = waitMicroseconds[point] { usleep(microseconds) }
            let isLast = passesLeft.withLock { left in
                left[point]? -= 1
                return left[point] == 0
            }
            if isLast { kill(getpid(), SIGKILL) }
        }
    }
#endif
