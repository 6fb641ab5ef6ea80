/// One event of the audit. PROTOCOL.md ("Audit") gives the bytes that its hash covers; these are not they.
package struct AuditEvent: WireMessage, Equatable, Sendable {
    package var seq: UInt64
    package var at: Timestamp?
    package var workspaceID: String
    package var actor: String
    package var peerUID: UInt32?
    package var peerPID: UInt32
    package var action: String
    package var target: String
    /// Sorted by key when sent; of equal keys the last one counts.
    package var metadata: [KeyValue]
    package var traceID: String
    package var hash: [UInt8]

    package init(
        seq: UInt64 = 0, at: Timestamp? = nil, workspaceID: String = "", actor: String = "", peerUID: UInt32? = nil,
        peerPID: UInt32 = 0, action: String = "", target: String = "", metadata: [KeyValue] = [],
        traceID: String = "", hash: [UInt8] = []
    ) {
        self.seq = seq
        self.at = at
        self.workspaceID = workspaceID
        self.actor = actor
        self.peerUID = peerUID
        self.peerPID = peerPID
        self.action = action
        self.target = target
        self.metadata = metadata
        self.traceID = traceID
        self.hash = hash
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.uint64(1, seq)
        sink.message(2, at)
        sink.text(3, workspaceID)
        sink.text(4, actor)
        sink.optionalUInt32(5, peerUID)
        sink.uint32(6, peerPID)
        sink.text(7, action)
        sink.text(8, target)
        sink.map(9, metadata)
        sink.text(10, traceID)
        sink.bytes(11, hash.span)
    }
}

extension AuditEvent {
    /// A received `AuditEvent`.
    package struct View: WireView, ~Escapable {
        package private(set) var seq: UInt64 = 0
        package private(set) var at: Timestamp?
        package private(set) var workspaceID: UTF8Span
        package private(set) var actor: UTF8Span
        package private(set) var peerUID: UInt32?
        package private(set) var peerPID: UInt32 = 0
        package private(set) var action: UTF8Span
        package private(set) var target: UTF8Span
        package private(set) var metadata: MessageList<KeyValue.View>
        package private(set) var traceID: UTF8Span
        package private(set) var hash: Span<UInt8>

        @_lifetime(immortal)
        package init() {
            workspaceID = .empty
            actor = .empty
            action = .empty
            target = .empty
            metadata = MessageList()
            traceID = .empty
            hash = Span()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .varint): seq = try reader.varint()
                case (2, .lengthDelimited): at = try reader.timestamp(field, in: body, after: at)
                case (3, .lengthDelimited): workspaceID = try reader.text()
                case (4, .lengthDelimited): actor = try reader.text()
                case (5, .varint): peerUID = try reader.uint32()
                case (6, .varint): peerPID = try reader.uint32()
                case (7, .lengthDelimited): action = try reader.text()
                case (8, .lengthDelimited): target = try reader.text()
                case (9, .lengthDelimited): try metadata.read(field, in: body, from: &reader)
                case (10, .lengthDelimited): traceID = try reader.text()
                case (11, .lengthDelimited): hash = try reader.lengthDelimited()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        seq = view.seq
        at = view.at
        workspaceID = String(copying: view.workspaceID)
        actor = String(copying: view.actor)
        peerUID = view.peerUID
        peerPID = view.peerPID
        action = String(copying: view.action)
        target = String(copying: view.target)
        metadata = view.metadata.map { KeyValue(copying: $0) }.sortedByKey
        traceID = String(copying: view.traceID)
        hash = [UInt8](copying: view.hash)
    }
}
