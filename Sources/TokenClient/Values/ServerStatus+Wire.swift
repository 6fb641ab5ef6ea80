internal import TokenWire

extension ServerStatus: Answer {
    init?(decoding payload: Span<UInt8>) throws(WireError) {
        let view = try GetStatusResponse.View(payload)
        version = String(copying: view.version)
        isReady = view.isReady
        notReadyReason = String(nonEmpty: view.notReadyReason)
        // No process has the id 0: without the grant `operate` none of these fields is sent.
        details = view.pid == 0 ? nil : Details(view)
    }
}

extension ServerStatus.Details {
    fileprivate init(_ view: GetStatusResponse.View) {
        processID = view.pid
        startedAt = view.startedAt.map(Timestamp.init)
        uptime = .seconds(view.uptimeSeconds)
        storePath = String(copying: view.storePath)
        storeUUID = String(copying: view.storeUUID)
        schemaVersion = view.schemaVersion
        headSequence = view.headSeq
        headHash = [UInt8](copying: view.headHash)
        connectionCount = view.connectionCount
        verificationCount = view.verificationCount
        verificationCacheHitCount = view.verificationCacheHitCount
        writeCount = view.writeCount
        tokenCount = view.tokenCount
        workspaceCount = view.workspaceCount
        writeAheadLogByteCount = view.walByteCount
        settings = view.settings.map { SettingValue($0) }
        now = view.now.map(Timestamp.init)
        clockMark = view.clockMark.map(Timestamp.init)
        hindrance = String(nonEmpty: view.hindrance)
        hinderedSince = view.hinderedSince.map(Timestamp.init)
    }
}

extension Health: Answer {
    init?(decoding payload: Span<UInt8>) throws(WireError) {
        let status = try HealthCheckResponse.View(payload).status
        switch status {
        case .serving: self = .serving
        case .notServing: self = .notServing
        case .serviceUnknown: self = .unknownService
        default: self = .unrecognized(status.rawValue)
        }
    }
}
