/// Where the elements of a repeated field lie, and how many they are. Nothing is copied: each walk reads the bytes
/// again.
@usableFromInline
struct ElementList: ~Escapable {
    private var container: Span<UInt8>
    private var fieldInContainer: UInt32 = 0
    private var field: UInt32 = 0
    @usableFromInline private(set) var count = 0

    @_lifetime(immortal)
    init() {
        container = Span()
    }

    /// Counts one more element of `field`, which was found in `body`.
    @_lifetime(self: copy self, copy body)
    mutating func add(_ field: WireField, in body: MessageBody, countMax: Int) throws(WireError) {
        guard count < countMax else { throw WireError(.tooManyElements, at: field.byteOffset) }
        container = body.container
        fieldInContainer = body.fieldInContainer
        self.field = field.number
        count += 1
    }

    @_lifetime(copy self)
    @usableFromInline
    func makeCursor() -> ElementCursor {
        ElementCursor(container, fieldInContainer: fieldInContainer, field: field)
    }
}

/// A walk over the elements of a repeated field.
@usableFromInline
struct ElementCursor: ~Escapable {
    private var outer: WireReader
    private var inner: WireReader
    private let fieldInContainer: UInt32
    private let field: UInt32

    @_lifetime(copy container)
    init(_ container: Span<UInt8>, fieldInContainer: UInt32, field: UInt32) {
        let nothing = container.extracting(first: 0)
        outer = WireReader(fieldInContainer == 0 ? nothing : container)
        inner = WireReader(fieldInContainer == 0 ? container : nothing)
        self.fieldInContainer = fieldInContainer
        self.field = field
    }

    @_lifetime(copy self)
    @usableFromInline
    mutating func next() -> Span<UInt8>? {
        while true {
            if let element = inner.nextElement(of: field) { return element }
            guard let piece = outer.nextElement(of: fieldInContainer) else { return nil }
            inner = WireReader(piece)
        }
    }
}

/// A received list of texts.
package struct TextList: ~Escapable {
    private var elements: ElementList

    @_lifetime(immortal)
    package init() {
        elements = ElementList()
    }

    package var count: Int { elements.count }
    package var isEmpty: Bool { count == 0 }

    @_lifetime(self: copy self, copy body)
    mutating func read(_ field: WireField, in body: MessageBody, from reader: inout WireReader) throws(WireError) {
        _ = try reader.text()
        try elements.add(field, in: body, countMax: WireLimits.listElementCountMax)
    }

    @_lifetime(copy self)
    package func makeCursor() -> TextCursor { TextCursor(elements.makeCursor()) }

    /// Calls `body` with each text in turn.
    package func forEach<Failure: Error>(_ body: (UTF8Span) throws(Failure) -> Void) throws(Failure) {
        var cursor = makeCursor()
        while let text = cursor.next() { try body(text) }
    }

    /// The texts, copied.
    package var strings: [String] {
        var copies: [String] = []
        copies.reserveCapacity(count)
        forEach { copies.append(String(copying: $0)) }
        return copies
    }
}

/// A walk over a received list of texts.
package struct TextCursor: ~Escapable {
    private var elements: ElementCursor

    @_lifetime(copy elements)
    init(_ elements: ElementCursor) {
        self.elements = elements
    }

    /// The next text, or nil at the end.
    @_lifetime(copy self)
    package mutating func next() -> UTF8Span? {
        guard let bytes = elements.next() else { return nil }
        // Was found to be UTF-8 when the list was decoded.
        return UTF8Span(unchecked: bytes)
    }
}
