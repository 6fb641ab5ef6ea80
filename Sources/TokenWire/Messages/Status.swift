/// How a call failed (`google.rpc.Status`), with the two details that tokend uses.
package struct Status: WireMessage, Equatable, Sendable, Error {
    package var code: StatusCode
    /// What happened and what to do; never a secret.
    package var message: String
    package var errorInfo: ErrorInfo?
    package var badRequest: BadRequest?

    /// A message of more than `WireLimits.statusMessageByteCountMax` bytes is cut at a character.
    package init(code: StatusCode, message: String, errorInfo: ErrorInfo? = nil, badRequest: BadRequest? = nil) {
        self.code = code
        self.message = message.beginning(byteCountMax: WireLimits.statusMessageByteCountMax)
        self.errorInfo = errorInfo
        self.badRequest = badRequest
    }

    /// A failure as PROTOCOL.md ("Errors") has it: the reason gives the code, the trace id leads to the daemon's log.
    package init(
        _ reason: ErrorReason, message: String, traceID: String, metadata: [KeyValue] = [],
        violations: [FieldViolation] = []
    ) {
        let trace = KeyValue(key: "trace_id", value: traceID)
        self.init(
            code: reason.code, message: message,
            errorInfo: ErrorInfo(reason: reason.rawValue, domain: ErrorReason.domain, metadata: metadata + [trace]),
            badRequest: violations.isEmpty ? nil : BadRequest(fieldViolations: violations))
    }

    /// The reason, if it is one that is known here.
    package var reason: ErrorReason? {
        guard let errorInfo, errorInfo.domain == ErrorReason.domain else { return nil }
        return ErrorReason(rawValue: errorInfo.reason)
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.enumeration(1, code)
        sink.text(2, message)
        if let errorInfo { sink.element(3, message: AnyMessage(typeURL: ErrorInfo.typeURL, value: errorInfo)) }
        if let badRequest { sink.element(3, message: AnyMessage(typeURL: BadRequest.typeURL, value: badRequest)) }
    }
}

extension Status {
    /// A received `Status`.
    package struct View: WireView, ~Escapable {
        /// Whether the field that holds this message came at all.
        package private(set) var isPresent = false
        package private(set) var code = StatusCode.ok
        package private(set) var message: UTF8Span
        package private(set) var details: MessageList<AnyMessageView>

        @_lifetime(immortal)
        package init() {
            message = .empty
            details = MessageList()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            isPresent = true
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .varint): code = StatusCode(rawValue: try reader.int32())
                case (2, .lengthDelimited): message = try reader.text()
                case (3, .lengthDelimited): try details.read(field, in: body, from: &reader)
                default: try reader.skip(field)
                }
            }
        }
    }

    /// Of the details, those that are not known here, or don't decode, are left out.
    package init(copying view: View) {
        code = view.code
        message = String(copying: view.message)
        view.details.forEach { detail in
            if detail.typeURL.equals(ErrorInfo.typeURL), let view = try? ErrorInfo.View(detail.value) {
                errorInfo = ErrorInfo(copying: view)
            } else if detail.typeURL.equals(BadRequest.typeURL), let view = try? BadRequest.View(detail.value) {
                badRequest = BadRequest(copying: view)
            }
        }
    }
}

extension ErrorInfo {
    static var typeURL: StaticString { "type.googleapis.com/google.rpc.ErrorInfo" }
}

extension BadRequest {
    static var typeURL: StaticString { "type.googleapis.com/google.rpc.BadRequest" }
}
