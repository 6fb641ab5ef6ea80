/// What a Request frame holds (`ttrpc.Request`).
package struct RequestEnvelope: WireMessage, Equatable, Sendable {
    package var service: String
    package var method: String
    package var payload: [UInt8]
    /// How long the caller will wait; 0 or less means no deadline.
    package var timeoutNanoseconds: Int64
    package var metadata: [KeyValue]

    package init(
        service: String = "", method: String = "", payload: [UInt8] = [], timeoutNanoseconds: Int64 = 0,
        metadata: [KeyValue] = []
    ) {
        self.service = service
        self.method = method
        self.payload = payload
        self.timeoutNanoseconds = timeoutNanoseconds
        self.metadata = metadata
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, service)
        sink.text(2, method)
        sink.bytes(3, payload.span)
        sink.int64(4, timeoutNanoseconds)
        sink.messages(5, metadata)
    }
}

extension RequestEnvelope {
    /// A received `RequestEnvelope`.
    package struct View: WireView, ~Escapable {
        package private(set) var service: UTF8Span
        package private(set) var method: UTF8Span
        package private(set) var payload: Span<UInt8>
        package private(set) var timeoutNanoseconds: Int64 = 0
        package private(set) var metadata: MessageList<KeyValue.View>

        @_lifetime(immortal)
        package init() {
            service = .empty
            method = .empty
            payload = Span()
            metadata = MessageList()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): service = try reader.text()
                case (2, .lengthDelimited): method = try reader.text()
                case (3, .lengthDelimited): payload = try reader.lengthDelimited()
                case (4, .varint): timeoutNanoseconds = try reader.int64()
                case (5, .lengthDelimited):
                    try metadata.read(field, in: body, from: &reader, countMax: WireLimits.metadataPairCountMax)
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        service = String(copying: view.service)
        method = String(copying: view.method)
        payload = [UInt8](copying: view.payload)
        timeoutNanoseconds = view.timeoutNanoseconds
        metadata = view.metadata.map { KeyValue(copying: $0) }
    }
}

/// What a Response frame holds (`ttrpc.Response`).
package struct ResponseEnvelope: WireMessage, Equatable, Sendable {
    /// Absent when the call went well.
    package var status: Status?
    package var payload: [UInt8]

    package init(status: Status? = nil, payload: [UInt8] = []) {
        self.status = status
        self.payload = payload
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.message(1, status)
        sink.bytes(2, payload.span)
    }
}

extension ResponseEnvelope {
    /// A received `ResponseEnvelope`.
    package struct View: WireView, ~Escapable {
        package private(set) var status: Status.View
        package private(set) var payload: Span<UInt8>

        @_lifetime(immortal)
        package init() {
            status = Status.View()
            payload = Span()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): try status.merge(body.embedded(field, from: &reader))
                case (2, .lengthDelimited): payload = try reader.lengthDelimited()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        status = view.status.isPresent ? Status(copying: view.status) : nil
        payload = [UInt8](copying: view.payload)
    }
}
