/// Asks how the daemon is.
package struct GetStatusRequest: WireMessage, Equatable, Sendable {
    /// Whether to tell every setting too.
    package var withSettings: Bool

    package init(withSettings: Bool = false) {
        self.withSettings = withSettings
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.bool(1, withSettings)
    }
}

extension GetStatusRequest {
    /// A received `GetStatusRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var withSettings = false

        @_lifetime(immortal)
        package init() {}

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .varint): withSettings = try reader.bool()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        withSettings = view.withSettings
    }
}

/// How the daemon is. Fields after `isReady` are filled for the grant `operate` only.
package struct GetStatusResponse: WireMessage, Equatable, Sendable {
    package var version: String
    package var isReady: Bool
    package var notReadyReason: String
    package var pid: UInt32
    package var startedAt: Timestamp?
    package var uptimeSeconds: Int64
    package var storePath: String
    package var storeUUID: String
    package var schemaVersion: UInt32
    package var headSeq: UInt64
    package var headHash: [UInt8]
    package var connectionCount: UInt64
    package var verificationCount: UInt64
    package var verificationCacheHitCount: UInt64
    package var writeCount: UInt64
    package var tokenCount: UInt64
    package var workspaceCount: UInt64
    package var walByteCount: UInt64
    package var settings: [SettingValue]
    package var now: Timestamp?
    /// The latest time that the store believes.
    package var clockMark: Timestamp?
    /// Why changes fail; empty if they don't.
    package var hindrance: String
    package var hinderedSince: Timestamp?

    package init(
        version: String = "", isReady: Bool = false, notReadyReason: String = "", pid: UInt32 = 0,
        startedAt: Timestamp? = nil, uptimeSeconds: Int64 = 0, storePath: String = "", storeUUID: String = "",
        schemaVersion: UInt32 = 0, headSeq: UInt64 = 0, headHash: [UInt8] = [], connectionCount: UInt64 = 0,
        verificationCount: UInt64 = 0, verificationCacheHitCount: UInt64 = 0, writeCount: UInt64 = 0,
        tokenCount: UInt64 = 0, workspaceCount: UInt64 = 0, walByteCount: UInt64 = 0, settings: [SettingValue] = [],
        now: Timestamp? = nil, clockMark: Timestamp? = nil, hindrance: String = "", hinderedSince: Timestamp? = nil
    ) {
        self.version = version
        self.isReady = isReady
        self.notReadyReason = notReadyReason
        self.pid = pid
        self.startedAt = startedAt
        self.uptimeSeconds = uptimeSeconds
        self.storePath = storePath
        self.storeUUID = storeUUID
        self.schemaVersion = schemaVersion
        self.headSeq = headSeq
        self.headHash = headHash
        self.connectionCount = connectionCount
        self.verificationCount = verificationCount
        self.verificationCacheHitCount = verificationCacheHitCount
        self.writeCount = writeCount
        self.tokenCount = tokenCount
        self.workspaceCount = workspaceCount
        self.walByteCount = walByteCount
        self.settings = settings
        self.now = now
        self.clockMark = clockMark
        self.hindrance = hindrance
        self.hinderedSince = hinderedSince
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, version)
        sink.bool(2, isReady)
        sink.text(3, notReadyReason)
        sink.uint32(4, pid)
        sink.message(5, startedAt)
        sink.int64(6, uptimeSeconds)
        sink.text(7, storePath)
        sink.text(8, storeUUID)
        sink.uint32(9, schemaVersion)
        sink.uint64(10, headSeq)
        sink.bytes(11, headHash.span)
        sink.uint64(12, connectionCount)
        sink.uint64(13, verificationCount)
        sink.uint64(14, verificationCacheHitCount)
        sink.uint64(15, writeCount)
        sink.uint64(16, tokenCount)
        sink.uint64(17, workspaceCount)
        sink.uint64(18, walByteCount)
        sink.messages(19, settings)
        sink.message(20, now)
        sink.message(21, clockMark)
        sink.text(22, hindrance)
        sink.message(23, hinderedSince)
    }
}

extension GetStatusResponse {
    /// A received `GetStatusResponse`.
    package struct View: WireView, ~Escapable {
        package private(set) var version: UTF8Span
        package private(set) var isReady = false
        package private(set) var notReadyReason: UTF8Span
        package private(set) var pid: UInt32 = 0
        package private(set) var startedAt: Timestamp?
        package private(set) var uptimeSeconds: Int64 = 0
        package private(set) var storePath: UTF8Span
        package private(set) var storeUUID: UTF8Span
        package private(set) var schemaVersion: UInt32 = 0
        package private(set) var headSeq: UInt64 = 0
        package private(set) var headHash: Span<UInt8>
        package private(set) var connectionCount: UInt64 = 0
        package private(set) var verificationCount: UInt64 = 0
        package private(set) var verificationCacheHitCount: UInt64 = 0
        package private(set) var writeCount: UInt64 = 0
        package private(set) var tokenCount: UInt64 = 0
        package private(set) var workspaceCount: UInt64 = 0
        package private(set) var walByteCount: UInt64 = 0
        package private(set) var settings: MessageList<SettingValue.View>
        package private(set) var now: Timestamp?
        package private(set) var clockMark: Timestamp?
        package private(set) var hindrance: UTF8Span
        package private(set) var hinderedSince: Timestamp?

        @_lifetime(immortal)
        package init() {
            version = .empty
            notReadyReason = .empty
            storePath = .empty
            storeUUID = .empty
            headHash = Span()
            settings = MessageList()
            hindrance = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): version = try reader.text()
                case (2, .varint): isReady = try reader.bool()
                case (3, .lengthDelimited): notReadyReason = try reader.text()
                case (4, .varint): pid = try reader.uint32()
                case (5, .lengthDelimited): startedAt = try reader.timestamp(field, in: body, after: startedAt)
                case (6, .varint): uptimeSeconds = try reader.int64()
                case (7, .lengthDelimited): storePath = try reader.text()
                case (8, .lengthDelimited): storeUUID = try reader.text()
                case (9, .varint): schemaVersion = try reader.uint32()
                case (10, .varint): headSeq = try reader.varint()
                case (11, .lengthDelimited): headHash = try reader.lengthDelimited()
                case (12, .varint): connectionCount = try reader.varint()
                case (13, .varint): verificationCount = try reader.varint()
                case (14, .varint): verificationCacheHitCount = try reader.varint()
                case (15, .varint): writeCount = try reader.varint()
                case (16, .varint): tokenCount = try reader.varint()
                case (17, .varint): workspaceCount = try reader.varint()
                case (18, .varint): walByteCount = try reader.varint()
                case (19, .lengthDelimited): try settings.read(field, in: body, from: &reader)
                case (20, .lengthDelimited): now = try reader.timestamp(field, in: body, after: now)
                case (21, .lengthDelimited): clockMark = try reader.timestamp(field, in: body, after: clockMark)
                case (22, .lengthDelimited): hindrance = try reader.text()
                case (23, .lengthDelimited): hinderedSince = try reader.timestamp(field, in: body, after: hinderedSince)
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        version = String(copying: view.version)
        isReady = view.isReady
        notReadyReason = String(copying: view.notReadyReason)
        pid = view.pid
        startedAt = view.startedAt
        uptimeSeconds = view.uptimeSeconds
        storePath = String(copying: view.storePath)
        storeUUID = String(copying: view.storeUUID)
        schemaVersion = view.schemaVersion
        headSeq = view.headSeq
        headHash = [UInt8](copying: view.headHash)
        connectionCount = view.connectionCount
        verificationCount = view.verificationCount
        verificationCacheHitCount = view.verificationCacheHitCount
        writeCount = view.writeCount
        tokenCount = view.tokenCount
        workspaceCount = view.workspaceCount
        walByteCount = view.walByteCount
        settings = view.settings.map { SettingValue(copying: $0) }
        now = view.now
        clockMark = view.clockMark
        hindrance = String(copying: view.hindrance)
        hinderedSince = view.hinderedSince
    }
}
