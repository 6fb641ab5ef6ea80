/// The daemon's metrics, in Prometheus' text format.
package struct GetMetricsResponse: WireMessage, Equatable, Sendable {
    package var text: String

    package init(text: String = "") {
        self.text = text
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, text)
    }
}

extension GetMetricsResponse {
    /// A received `GetMetricsResponse`.
    package struct View: WireView, ~Escapable {
        package private(set) var text: UTF8Span

        @_lifetime(immortal)
        package init() {
            text = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): text = try reader.text()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        text = String(copying: view.text)
    }
}
