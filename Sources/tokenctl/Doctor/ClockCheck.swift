import TokenClient

/// The daemon's clock against this process's, against its own past, and against what the store has seen.
struct ClockCheck {
    private static let subject = "clock"
    /// As much as the daemon takes for a step.
    private static let stepSecondsMax: Int64 = 5 * 60
    /// The daemon believes a step after so long.
    private static let probationSeconds: Int64 = 70 * 60
    private static let toleranceSeconds: Int64 = 2

    let findings: [Finding]

    /// `asked` is this process's clock before and after the daemon read its own.
    init(_ status: ServerStatus.Details, around asked: ClosedRange<Timestamp>) {
        self.init(
            now: status.now, asked: asked, mark: status.clockMark, startedAt: status.startedAt,
            uptimeSeconds: status.uptime.components.seconds)
    }

    init(
        now: Timestamp?, asked: ClosedRange<Timestamp>, mark: Timestamp?, startedAt: Timestamp?,
        uptimeSeconds: Int64
    ) {
        guard let now else {
            findings = []
            return
        }
        let problems = [
            Self.difference(now, asked), mark.flatMap { Self.mark($0, now, uptimeSeconds) },
            startedAt.flatMap { Self.step(since: $0, now, uptimeSeconds) },
        ].compactMap { $0 }
        findings =
            problems.isEmpty
            ? [.ok(Self.subject, "the daemon's clock is this process's, and has not been set")] : problems
    }

    private static func difference(_ now: Timestamp, _ asked: ClosedRange<Timestamp>) -> Finding? {
        let ahead = now.seconds - asked.upperBound.seconds
        let behind = asked.lowerBound.seconds - now.seconds
        guard max(ahead, behind) > toleranceSeconds else { return nil }
        return .problem(
            subject,
            "the daemon's clock is \(max(ahead, behind)) s \(ahead > 0 ? "ahead of" : "behind") this process's",
            remedy:
                "one of the two has a clock that is made up, as with libfaketime: tokens end at another time for it"
        )
    }

    private static func mark(_ mark: Timestamp, _ now: Timestamp, _ uptimeSeconds: Int64) -> Finding? {
        if mark.seconds - now.seconds > toleranceSeconds {
            return .problem(
                subject,
                "the clock says \(now), and the store has seen \(mark): tokens expire as if it were that time",
                remedy:
                    "set the clock (timedatectl); if it is right now, stop tokend and run: tokend recover --clock"
            )
        }
        let isFarAhead = now.seconds - mark.seconds > stepSecondsMax
        // So it is for a while behind every stop that was longer than a step.
        guard isFarAhead && uptimeSeconds >= probationSeconds else { return nil }
        return .warning(
            subject, "the clock has stepped ahead of \(mark), which the daemon does not believe yet",
            remedy: "look whether \(now) is right (timedatectl); after an hour it is believed for good")
    }

    private static func step(since start: Timestamp, _ now: Timestamp, _ uptimeSeconds: Int64)
        -> Finding?
    {
        let step = now.seconds - start.seconds - uptimeSeconds
        guard abs(step) > stepSecondsMax else { return nil }
        return .warning(
            subject,
            "the clock was set \(abs(step)) s \(step > 0 ? "ahead" : "back") since the daemon started",
            remedy: "look whether it is right now, and what sets it: timedatectl timesync-status")
    }
}
