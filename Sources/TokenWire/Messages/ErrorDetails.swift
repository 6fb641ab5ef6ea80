/// Why a call failed, for a program (`google.rpc.ErrorInfo`).
package struct ErrorInfo: WireMessage, Equatable, Sendable {
    package var reason: String
    package var domain: String
    /// "trace_id" is always there.
    package var metadata: [KeyValue]

    package init(reason: String = "", domain: String = "", metadata: [KeyValue] = []) {
        self.reason = reason
        self.domain = domain
        self.metadata = metadata
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, reason)
        sink.text(2, domain)
        sink.map(3, metadata)
    }
}

extension ErrorInfo {
    /// A received `ErrorInfo`.
    package struct View: WireView, ~Escapable {
        package private(set) var reason: UTF8Span
        package private(set) var domain: UTF8Span
        package private(set) var metadata: MessageList<KeyValue.View>

        @_lifetime(immortal)
        package init() {
            reason = .empty
            domain = .empty
            metadata = MessageList()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): reason = try reader.text()
                case (2, .lengthDelimited): domain = try reader.text()
                case (3, .lengthDelimited): try metadata.read(field, in: body, from: &reader)
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        reason = String(copying: view.reason)
        domain = String(copying: view.domain)
        metadata = view.metadata.map { KeyValue(copying: $0) }.sortedByKey
    }
}

/// Which fields were refused (`google.rpc.BadRequest`).
package struct BadRequest: WireMessage, Equatable, Sendable {
    package var fieldViolations: [FieldViolation]

    package init(fieldViolations: [FieldViolation] = []) {
        self.fieldViolations = fieldViolations
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.messages(1, fieldViolations)
    }
}

extension BadRequest {
    /// A received `BadRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var fieldViolations: MessageList<FieldViolation.View>

        @_lifetime(immortal)
        package init() {
            fieldViolations = MessageList()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): try fieldViolations.read(field, in: body, from: &reader)
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        fieldViolations = view.fieldViolations.map { FieldViolation(copying: $0) }
    }
}

/// One refused field (`google.rpc.BadRequest.FieldViolation`).
package struct FieldViolation: WireMessage, Equatable, Sendable {
    /// Path of the field, for example `scopes[2]`.
    package var field: String
    package var description: String

    package init(field: String = "", description: String = "") {
        self.field = field
        self.description = description
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, field)
        sink.text(2, description)
    }
}

extension FieldViolation {
    /// A received `FieldViolation`.
    package struct View: WireView, ~Escapable {
        package private(set) var field: UTF8Span
        package private(set) var description: UTF8Span

        @_lifetime(immortal)
        package init() {
            field = .empty
            description = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): self.field = try reader.text()
                case (2, .lengthDelimited): description = try reader.text()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        field = String(copying: view.field)
        description = String(copying: view.description)
    }
}
