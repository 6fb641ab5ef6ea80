extension LoadReport {
    func json(names: inout UserNames) -> JSON {
        .object([
            ("version", .string(version)), ("ready", .bool(isReady)), ("uptime_seconds", .decimal(uptimeSeconds)),
            ("seconds", .decimal(seconds)), ("since_start", .bool(isSinceStart)),
            ("connections", .decimal(connectionCount)),
            ("verifications_per_second", .decimal(verificationsPerSecond)),
            ("cache_hit_share", .optional(cacheHitShare)),
            ("reported_verifications_per_second", .decimal(reportedPerSecond)),
            ("outcomes_per_second", Self.json(outcomes)), ("failures_per_second", Self.json(failures)),
            ("changes_per_second", .decimal(changesPerSecond)), ("waiting_changes", .decimal(queueLength)),
            ("changes_per_commit", .optional(operationsPerCommit)),
            ("commit_p50_seconds", .optional(commitMedian)), ("commit_p99_seconds", .optional(commitP99)),
            ("wal_bytes", .decimal(walByteCount)), ("checkpoints_per_second", .decimal(checkpointsPerSecond)),
            ("processor_share", .decimal(processorShare)), ("resident_bytes", .decimal(residentByteCount)),
            ("dropped_log_events", .decimal(droppedLogEventCount)),
            ("methods", .array(methods.map(\.json))),
            (
                "peers",
                .array(
                    users.map { user in
                        .object([
                            ("uid", .string(user.id)), ("name", .string(names.text(ofUser: user.id))),
                            ("requests_per_second", .decimal(user.perSecond)),
                            ("connections", .decimal(user.connectionCount)),
                        ])
                    })
            ),
        ])
    }

    private static func json(_ rates: [Rate]) -> JSON { .object(rates.map { ($0.name, .decimal($0.perSecond)) }) }
}

extension LoadReport.Method {
    fileprivate var json: JSON {
        .object([
            ("method", .string(name)), ("requests_per_second", .decimal(perSecond)),
            ("p50_seconds", .optional(median)), ("p99_seconds", .optional(p99)),
        ])
    }
}
