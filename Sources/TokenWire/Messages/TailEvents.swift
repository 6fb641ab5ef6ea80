/// Asks for events as they come.
package struct TailEventsRequest: WireMessage, Equatable, Sendable {
    /// Begins behind this number; nil begins with the next event.
    package var afterSeq: UInt64?
    package var actor: String
    /// An action, or with a trailing ".*" all under that prefix.
    package var action: String
    package var target: String

    package init(afterSeq: UInt64? = nil, actor: String = "", action: String = "", target: String = "") {
        self.afterSeq = afterSeq
        self.actor = actor
        self.action = action
        self.target = target
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.optionalUInt64(1, afterSeq)
        sink.text(2, actor)
        sink.text(3, action)
        sink.text(4, target)
    }
}

extension TailEventsRequest {
    /// A received `TailEventsRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var afterSeq: UInt64?
        package private(set) var actor: UTF8Span
        package private(set) var action: UTF8Span
        package private(set) var target: UTF8Span

        @_lifetime(immortal)
        package init() {
            actor = .empty
            action = .empty
            target = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .varint): afterSeq = try reader.varint()
                case (2, .lengthDelimited): actor = try reader.text()
                case (3, .lengthDelimited): action = try reader.text()
                case (4, .lengthDelimited): target = try reader.text()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        afterSeq = view.afterSeq
        actor = String(copying: view.actor)
        action = String(copying: view.action)
        target = String(copying: view.target)
    }
}

/// One message of the stream: events in the order of their numbers, or none as a sign of life.
package struct TailEventsResponse: WireMessage, Equatable, Sendable {
    package var events: [AuditEvent]
    /// Every event up to this number has been sent, or is not asked for.
    package var lastSeq: UInt64

    package init(events: [AuditEvent] = [], lastSeq: UInt64 = 0) {
        self.events = events
        self.lastSeq = lastSeq
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.messages(1, events)
        sink.uint64(2, lastSeq)
    }
}

extension TailEventsResponse {
    /// A received `TailEventsResponse`.
    package struct View: WireView, ~Escapable {
        package private(set) var events: MessageList<AuditEvent.View>
        package private(set) var lastSeq: UInt64 = 0

        @_lifetime(immortal)
        package init() {
            events = MessageList()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): try events.read(field, in: body, from: &reader)
                case (2, .varint): lastSeq = try reader.varint()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        events = view.events.map { AuditEvent(copying: $0) }
        lastSeq = view.lastSeq
    }
}
