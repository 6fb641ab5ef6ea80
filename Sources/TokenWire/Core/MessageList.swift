/// A received list of messages.
///
/// Inlinable, because a walk in another module would otherwise look up `Element` at run time.
package struct MessageList<Element: WireView & ~Escapable>: ~Escapable {
    @usableFromInline var elements: ElementList

    @_lifetime(immortal)
    package init() {
        elements = ElementList()
    }

    @inlinable package var count: Int { elements.count }
    package var isEmpty: Bool { count == 0 }

    @_lifetime(self: copy self, copy body)
    mutating func read(
        _ field: WireField, in body: MessageBody, from reader: inout WireReader,
        countMax: Int = WireLimits.listElementCountMax
    ) throws(WireError) {
        let bytes = try reader.lengthDelimited()
        _ = try Element(bytes, at: reader.byteOffset - bytes.count)
        try elements.add(field, in: body, countMax: countMax)
    }

    @_lifetime(copy self)
    @inlinable
    package func makeCursor() -> MessageCursor<Element> { MessageCursor(elements.makeCursor()) }

    /// Calls `body` with each message in turn.
    @inlinable
    package func forEach<Failure: Error>(_ body: (Element) throws(Failure) -> Void) throws(Failure) {
        var cursor = makeCursor()
        while let element = cursor.next() { try body(element) }
    }

    /// The messages, each made into a value that owns what it holds.
    @inlinable
    package func map<Owned>(_ copy: (Element) -> Owned) -> [Owned] {
        var copies: [Owned] = []
        copies.reserveCapacity(count)
        forEach { copies.append(copy($0)) }
        return copies
    }
}

/// A walk over a received list of messages.
package struct MessageCursor<Element: WireView & ~Escapable>: ~Escapable {
    @usableFromInline var elements: ElementCursor

    @_lifetime(copy elements)
    @usableFromInline
    init(_ elements: ElementCursor) {
        self.elements = elements
    }

    /// The next message, or nil at the end.
    @_lifetime(copy self)
    @inlinable
    package mutating func next() -> Element? {
        guard let bytes = elements.next() else { return nil }
        // Was decoded without an error before.
        return try? Element(bytes)
    }
}
