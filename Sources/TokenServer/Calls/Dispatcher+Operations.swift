import Glibc
import LinuxIO
import TokenCore
import TokenStore
import TokenWire

extension Dispatcher {
    func bootstrap(_ payload: Span<UInt8>, _ context: CallContext) throws -> Disposition {
        let request = try BootstrapRequest.View(payload)
        var checks = FieldChecks()
        let workspaceID = checks.workspaceID("workspace_id", request.workspaceID)
        let userID = checks.userID("user_id", request.userID)
        let tokenName = request.tokenName.isEmpty ? "bootstrap" : checks.name("token_name", request.tokenName)
        try checks.finish()
        let secret = NewSecret(.personal, prefixes)
        let operation = Bootstrap(
            workspaceID: workspaceID, userID: userID, tokenName: tokenName, secret: secret.draft)
        return submit(operation, secret, context)
    }

    /// Version and readiness for every peer that may verify; all figures for the operator.
    func getStatus(_ payload: Span<UInt8>, _ context: CallContext) throws -> GetStatusResponse {
        let request = try GetStatusRequest.View(payload)
        let unreadyReason = facts.unreadyReason
        var response = GetStatusResponse(version: Version.current, isReady: unreadyReason == nil)
        response.notReadyReason = unreadyReason ?? ""
        if !context.peer.holds(.operate) { return response }
        let figures = try reader.figures(tokenCountMax: WireLimits.countedTokenCountMax)
        let head = store.state.current
        response.pid = UInt32(getpid())
        response.startedAt = Timestamp(facts.startedAt)
        response.uptimeSeconds = (SystemClock.boottimeNanoseconds() - facts.startedAtBoottime) / 1_000_000_000
        response.storePath = store.paths.directory
        response.storeUUID = store.id.description
        response.schemaVersion = UInt32(store.schemaVersion)
        response.headSeq = UInt64(head.sequence)
        response.headHash = head.head.bytes
        response.connectionCount = UInt64(facts.admission.connectionCount)
        response.verificationCount = facts.verificationCount
        response.verificationCacheHitCount = facts.cacheHitCount
        response.writeCount = head.changeCount
        response.tokenCount = UInt64(figures.tokenCount)
        response.workspaceCount = UInt64(figures.workspaceCount)
        response.walByteCount = store.writeAheadLogByteCount
        if request.withSettings { response.settings = reloader.settingsInForce.map(TokenWire.SettingValue.init) }
        response.now = Timestamp(Store.systemClock())
        response.clockMark = Timestamp(store.clock.mark)
        if let hindrance = store.state.hindrance {
            response.hindrance = hindrance.text(directory: store.paths.directory)
            response.hinderedSince = Timestamp(hindrance.since)
        }
        return response
    }

    func getMetrics(_ payload: Span<UInt8>) throws -> GetMetricsResponse {
        _ = try GetMetricsRequest.View(payload)
        var report = MetricsReport(of: facts, store)
        return GetMetricsResponse(text: report.text())
    }

    /// Begins to send a copy of the store.
    func backup(_ payload: Span<UInt8>, _ context: CallContext) throws -> Disposition {
        _ = try BackupRequest.View(payload)
        return .copied(try backups.begin(context, inbox))
    }

    /// The standard health check: "" is the daemon, and each service it serves has its full name. Where changes fail for a
    /// full disk it serves all the same: tokens verify, and a restart would make no room.
    func checkHealth(_ payload: Span<UInt8>) throws -> HealthCheckResponse {
        let request = try HealthCheckRequest.View(payload)
        let isKnown =
            request.service.isEmpty || Service.allCases.contains { request.service.span.equals($0.name) }
        if !isKnown { throw Refusal.notFound("service") }
        return HealthCheckResponse(status: facts.isReady ? .serving : .notServing)
    }
}
