/// A message without fields. On the wire all such messages are one; fields that a newer peer adds are passed over.
package struct EmptyMessage: WireMessage, Equatable, Sendable {
    package init() {}

    package func write<Sink: FieldSink>(to sink: inout Sink) {}
}

extension EmptyMessage {
    /// A received `EmptyMessage`.
    package struct View: WireView, ~Escapable {
        @_lifetime(immortal)
        package init() {}

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() { try reader.skip(field) }
        }
    }

    package init(copying view: View) {}
}

package typealias ListScopesRequest = EmptyMessage
package typealias WhoAmIRequest = EmptyMessage
package typealias ReloadRequest = EmptyMessage
package typealias GetMetricsRequest = EmptyMessage
package typealias BackupRequest = EmptyMessage
package typealias RevokeSelfResponse = EmptyMessage
