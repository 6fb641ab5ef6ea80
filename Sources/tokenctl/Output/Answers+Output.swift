import TokenClient

extension CallerIdentity {
    var json: JSON {
        .object([
            ("principal_id", .string(principalID)), ("workspace_id", .string(workspaceID)), ("role", .optional(role)),
            ("scopes", .strings(scopes)), ("token", token?.json ?? .null),
        ])
    }
}

extension ScopeGroup {
    var json: JSON {
        .object([
            ("name", .string(name)),
            (
                "scopes",
                .array(
                    scopes.map { scope in
                        .object([
                            ("name", .string(scope.name)), ("description", .string(scope.description)),
                            ("grantable", .bool(scope.isGrantable)),
                        ])
                    })
            ),
        ])
    }
}

extension AuditEvent {
    var json: JSON {
        .object([
            ("seq", .number(Int64(clamping: sequence))), ("at", .string("\(at)")),
            ("workspace_id", .optional(workspaceID)),
            ("actor", .string(actor)), ("peer_uid", peerUserID.map { .number(Int64($0)) } ?? .null),
            ("peer_pid", peerProcessID.map { .number(Int64($0)) } ?? .null), ("action", .string(action)),
            ("target", .string(target)),
            ("metadata", .object(metadata.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
            ("trace_id", .string(traceID)), ("hash", .string(hexadecimal(hash))),
        ])
    }

    static func table(_ events: [AuditEvent]) -> String {
        var table = TextTable(header: ["seq", "at", "workspace", "actor", "action", "target", "metadata"])
        for event in events {
            let metadata = event.metadata.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            table.add([
                String(event.sequence), event.at.description, event.workspaceID ?? "-", event.actor, event.action,
                event.target, metadata.joined(separator: " "),
            ])
        }
        return table.text
    }
}

extension ServerStatus {
    var json: JSON {
        var members: [(String, JSON)] = [
            ("version", .string(version)), ("ready", .bool(isReady)),
            ("not_ready_reason", .optional(notReadyReason)),
        ]
        if let details {
            members += [
                ("pid", .number(Int64(details.processID))),
                ("started_at", .optional(details.startedAt?.description)),
                ("uptime_seconds", .number(details.uptime.components.seconds)),
                ("store_path", .string(details.storePath)), ("store_uuid", .string(details.storeUUID)),
                ("schema_version", .number(Int64(details.schemaVersion))),
                ("head_seq", .number(Int64(clamping: details.headSequence))),
                ("head_hash", .string(hexadecimal(details.headHash))),
                ("connections", .number(Int64(clamping: details.connectionCount))),
                ("verifications", .number(Int64(clamping: details.verificationCount))),
                ("writes", .number(Int64(clamping: details.writeCount))),
                ("tokens", .number(Int64(clamping: details.tokenCount))),
                ("workspaces", .number(Int64(clamping: details.workspaceCount))),
                ("wal_bytes", .number(Int64(clamping: details.writeAheadLogByteCount))),
            ]
        }
        return .object(members)
    }

    func text(now: Timestamp) -> String {
        let state =
            isReady
            ? Terminal.styled("serving", .good) : Terminal.styled("not serving: \(notReadyReason ?? "?")", .bad)
        var pairs: [(String, String?)] = [("tokend", version), ("state", state)]
        if let details {
            pairs += [
                ("pid", String(details.processID)),
                ("started", details.startedAt.map { RelativeTime.full($0, from: now) }),
                ("store", "\(details.storePath) (\(details.storeUUID), schema \(details.schemaVersion))"),
                ("audit head", "\(details.headSequence) \(hexadecimal(details.headHash))"),
                ("connections", String(details.connectionCount)),
                ("verifications", String(details.verificationCount)), ("writes", String(details.writeCount)),
                ("tokens", String(details.tokenCount)), ("workspaces", String(details.workspaceCount)),
                ("wal", "\(details.writeAheadLogByteCount / 1024) KiB"),
            ]
        }
        return TextTable.pairs(pairs)
    }
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }.joined()
}
