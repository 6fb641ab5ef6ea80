/// A pair of metadata (`ttrpc.KeyValue`), and an entry of any map of texts, which is read as one.
package struct KeyValue: WireMessage, Equatable, Sendable {
    package var key: String
    package var value: String

    package init(key: String = "", value: String = "") {
        self.key = key
        self.value = value
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, key)
        sink.text(2, value)
    }
}

extension KeyValue {
    /// A received `KeyValue`.
    package struct View: WireView, ~Escapable {
        package private(set) var key: UTF8Span
        package private(set) var value: UTF8Span

        @_lifetime(immortal)
        package init() {
            key = .empty
            value = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): key = try reader.text()
                case (2, .lengthDelimited): value = try reader.text()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        key = String(copying: view.key)
        value = String(copying: view.value)
    }
}

extension [KeyValue] {
    /// The entries of a map as they are sent: by the bytes of their keys, and of equal keys only the last one.
    package var sortedByKey: [KeyValue] {
        var entries: [KeyValue] = []
        // The sort is stable, so of equal keys the last one stays last.
        for entry in sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            if let last = entries.last, last.key.utf8.elementsEqual(entry.key.utf8) { entries.removeLast() }
            entries.append(entry)
        }
        return entries
    }
}

/// An entry of a map, to be sent: unlike in other messages, both fields are written even if they are empty.
struct MapEntry: WireMessage {
    var entry: KeyValue

    func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.element(1, entry.key)
        sink.element(2, entry.value)
    }
}
