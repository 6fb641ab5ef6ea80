/// State of a service, as the standard health check numbers it.
package struct ServingStatus: RawRepresentable, Hashable, Sendable {
    package var rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static let unknown = ServingStatus(rawValue: 0)
    package static let serving = ServingStatus(rawValue: 1)
    package static let notServing = ServingStatus(rawValue: 2)
    package static let serviceUnknown = ServingStatus(rawValue: 3)
}

/// Names what to check; empty for the daemon as a whole.
package struct HealthCheckRequest: WireMessage, Equatable, Sendable {
    package var service: String

    package init(service: String = "") {
        self.service = service
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, service)
    }
}

extension HealthCheckRequest {
    /// A received `HealthCheckRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var service: UTF8Span

        @_lifetime(immortal)
        package init() {
            service = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): service = try reader.text()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        service = String(copying: view.service)
    }
}

/// The state of what was asked for.
package struct HealthCheckResponse: WireMessage, Equatable, Sendable {
    package var status: ServingStatus

    package init(status: ServingStatus = .unknown) {
        self.status = status
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.enumeration(1, status)
    }
}

extension HealthCheckResponse {
    /// A received `HealthCheckResponse`.
    package struct View: WireView, ~Escapable {
        package private(set) var status = ServingStatus.unknown

        @_lifetime(immortal)
        package init() {}

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .varint): status = try reader.enumeration()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        status = view.status
    }
}
