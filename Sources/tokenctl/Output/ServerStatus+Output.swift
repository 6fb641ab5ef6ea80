import TokenClient

extension ServerStatus {
    var json: JSON {
        var members: [(String, JSON)] = [
            ("version", .string(version)), ("ready", .bool(isReady)),
            ("not_ready_reason", .optional(notReadyReason)),
        ]
        if let details {
            members += [
                ("pid", .count(details.processID)), ("started_at", .time(details.startedAt)),
                ("uptime_seconds", .number(details.uptime.components.seconds)),
                ("store_path", .string(details.storePath)), ("store_uuid", .string(details.storeUUID)),
                ("schema_version", .count(details.schemaVersion)), ("head_seq", .count(details.headSequence)),
                ("head_hash", .hexadecimal(details.headHash)), ("connections", .count(details.connectionCount)),
                ("verifications", .count(details.verificationCount)), ("writes", .count(details.writeCount)),
                ("tokens", .count(details.tokenCount)), ("workspaces", .count(details.workspaceCount)),
                ("wal_bytes", .count(details.writeAheadLogByteCount)),
                ("hindrance", .optional(details.hindrance)), ("hindered_since", .time(details.hinderedSince)),
            ]
            if !details.settings.isEmpty { members.append(("settings", .array(details.settings.map(\.json)))) }
        }
        return .object(members)
    }

    func text(now: Timestamp) -> String {
        let state =
            isReady
            ? Terminal.styled("serving", .good) : Terminal.styled("not serving: \(notReadyReason ?? "?")", .bad)
        var pairs: [(String, String?)] = [("tokend", version), ("state", state)]
        if let details {
            if let hindrance = details.hindrance {
                let since = details.hinderedSince.map { ", " + RelativeTime.full($0, from: now) } ?? ""
                pairs.append(("changes", Terminal.styled("fail\(since): \(hindrance)", .bad)))
            }
            pairs += [
                ("pid", String(details.processID)),
                ("started", details.startedAt.map { RelativeTime.full($0, from: now) }),
                ("store", "\(details.storePath) (\(details.storeUUID), schema \(details.schemaVersion))"),
                ("audit head", ChainHead(sequence: details.headSequence, hash: details.headHash).text),
                ("connections", String(details.connectionCount)),
                ("verifications", String(details.verificationCount)), ("writes", String(details.writeCount)),
                ("tokens", details.tokenCountText), ("workspaces", String(details.workspaceCount)),
                ("wal", "\(details.writeAheadLogByteCount / 1024) KiB"),
            ]
        }
        let settings = details?.settings ?? []
        return TextTable.pairs(pairs) + (settings.isEmpty ? "" : "\n\n" + SettingValue.table(settings))
    }
}

extension ServerStatus.Details {
    /// The daemon counts so far and no farther.
    fileprivate var tokenCountText: String {
        tokenCount < Self.tokenCountMax ? String(tokenCount) : "\(tokenCount) or more"
    }
}
