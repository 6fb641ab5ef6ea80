/// Asks for a page of events, newest first.
package struct ListEventsRequest: WireMessage, Equatable, Sendable {
    package var pageSize: Int32
    package var pageToken: String
    package var actor: String
    /// An action, or with a trailing ".*" all under that prefix.
    package var action: String
    package var target: String
    package var startTime: Timestamp?
    package var endTime: Timestamp?

    package init(
        pageSize: Int32 = 0, pageToken: String = "", actor: String = "", action: String = "", target: String = "",
        startTime: Timestamp? = nil, endTime: Timestamp? = nil
    ) {
        self.pageSize = pageSize
        self.pageToken = pageToken
        self.actor = actor
        self.action = action
        self.target = target
        self.startTime = startTime
        self.endTime = endTime
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.int32(1, pageSize)
        sink.text(2, pageToken)
        sink.text(3, actor)
        sink.text(4, action)
        sink.text(5, target)
        sink.message(6, startTime)
        sink.message(7, endTime)
    }
}

extension ListEventsRequest {
    /// A received `ListEventsRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var pageSize: Int32 = 0
        package private(set) var pageToken: UTF8Span
        package private(set) var actor: UTF8Span
        package private(set) var action: UTF8Span
        package private(set) var target: UTF8Span
        package private(set) var startTime: Timestamp?
        package private(set) var endTime: Timestamp?

        @_lifetime(immortal)
        package init() {
            pageToken = .empty
            actor = .empty
            action = .empty
            target = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .varint): pageSize = try reader.int32()
                case (2, .lengthDelimited): pageToken = try reader.text()
                case (3, .lengthDelimited): actor = try reader.text()
                case (4, .lengthDelimited): action = try reader.text()
                case (5, .lengthDelimited): target = try reader.text()
                case (6, .lengthDelimited): startTime = try reader.timestamp(field, in: body, after: startTime)
                case (7, .lengthDelimited): endTime = try reader.timestamp(field, in: body, after: endTime)
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        pageSize = view.pageSize
        pageToken = String(copying: view.pageToken)
        actor = String(copying: view.actor)
        action = String(copying: view.action)
        target = String(copying: view.target)
        startTime = view.startTime
        endTime = view.endTime
    }
}

/// A page of events.
package struct ListEventsResponse: WireMessage, Equatable, Sendable {
    package var events: [AuditEvent]
    /// Empty on the last page.
    package var nextPageToken: String
    package var totalSize: Int32

    package init(events: [AuditEvent] = [], nextPageToken: String = "", totalSize: Int32 = 0) {
        self.events = events
        self.nextPageToken = nextPageToken
        self.totalSize = totalSize
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.messages(1, events)
        sink.text(2, nextPageToken)
        sink.int32(3, totalSize)
    }
}

extension ListEventsResponse {
    /// A received `ListEventsResponse`.
    package struct View: WireView, ~Escapable {
        package private(set) var events: MessageList<AuditEvent.View>
        package private(set) var nextPageToken: UTF8Span
        package private(set) var totalSize: Int32 = 0

        @_lifetime(immortal)
        package init() {
            events = MessageList()
            nextPageToken = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): try events.read(field, in: body, from: &reader)
                case (2, .lengthDelimited): nextPageToken = try reader.text()
                case (3, .varint): totalSize = try reader.int32()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        events = view.events.map { AuditEvent(copying: $0) }
        nextPageToken = String(copying: view.nextPageToken)
        totalSize = view.totalSize
    }
}
