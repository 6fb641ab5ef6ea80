/// Counts of verifications that a client answered from its own memory.
package struct ReportUsageRequest: WireMessage, Equatable, Sendable {
    package var usages: [TokenUsage]

    package init(usages: [TokenUsage] = []) {
        self.usages = usages
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.messages(1, usages)
    }
}

extension ReportUsageRequest {
    /// A received `ReportUsageRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var usages: MessageList<TokenUsage.View>

        @_lifetime(immortal)
        package init() {
            usages = MessageList()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): try usages.read(field, in: body, from: &reader)
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        usages = view.usages.map { TokenUsage(copying: $0) }
    }
}

/// Use of one token since the last report.
package struct TokenUsage: WireMessage, Equatable, Sendable {
    package var tokenID: String
    /// Verifications answered without the daemon.
    package var count: UInt64
    /// The last of them.
    package var lastUsedAt: Timestamp?

    package init(tokenID: String = "", count: UInt64 = 0, lastUsedAt: Timestamp? = nil) {
        self.tokenID = tokenID
        self.count = count
        self.lastUsedAt = lastUsedAt
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, tokenID)
        sink.uint64(2, count)
        sink.message(3, lastUsedAt)
    }
}

extension TokenUsage {
    /// A received `TokenUsage`.
    package struct View: WireView, ~Escapable {
        package private(set) var tokenID: UTF8Span
        package private(set) var count: UInt64 = 0
        package private(set) var lastUsedAt: Timestamp?

        @_lifetime(immortal)
        package init() {
            tokenID = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): tokenID = try reader.text()
                case (2, .varint): count = try reader.varint()
                case (3, .lengthDelimited): lastUsedAt = try reader.timestamp(field, in: body, after: lastUsedAt)
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        tokenID = String(copying: view.tokenID)
        count = view.count
        lastUsedAt = view.lastUsedAt
    }
}

package typealias ReportUsageResponse = EmptyMessage
