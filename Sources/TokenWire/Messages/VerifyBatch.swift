/// Several tokens to judge, at most `WireLimits.verifyBatchCountMax`.
package struct VerifyBatchRequest: WireMessage, Equatable, Sendable {
    package var requests: [VerifyRequest]

    package init(requests: [VerifyRequest] = []) {
        self.requests = requests
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.messages(1, requests)
    }
}

extension VerifyBatchRequest {
    /// A received `VerifyBatchRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var requests: MessageList<VerifyRequest.View>

        @_lifetime(immortal)
        package init() {
            requests = MessageList()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): try requests.read(field, in: body, from: &reader)
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        requests = view.requests.map { VerifyRequest(copying: $0) }
    }
}

/// The judgements, in the order of the requests.
package struct VerifyBatchResponse: WireMessage, Equatable, Sendable {
    package var responses: [VerifyResponse]

    package init(responses: [VerifyResponse] = []) {
        self.responses = responses
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.messages(1, responses)
    }
}

extension VerifyBatchResponse {
    /// A received `VerifyBatchResponse`.
    package struct View: WireView, ~Escapable {
        package private(set) var responses: MessageList<VerifyResponse.View>

        @_lifetime(immortal)
        package init() {
            responses = MessageList()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): try responses.read(field, in: body, from: &reader)
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        responses = view.responses.map { VerifyResponse(copying: $0) }
    }
}
