/// Scopes, each once, in the order of their bytes.
///
/// They lie in one array, each after its length, so that a set is one allocation and one retain, and asking whether it
/// holds a scope reads along without making a String:
///
///     0b i s s u e s : r e a d 0e i n g e s t …
package struct ScopeSet: Hashable, Sendable {
    /// Sorted and unique; each a byte count from 1 to 100 and that many bytes. Equal sets have equal storage.
    private var storage: [UInt8] = []

    package init() {}

    package init(_ scopes: some Sequence<Scope>) {
        var last: Scope?
        for scope in scopes.sorted() where scope != last {
            append(scope.text.utf8)
            last = scope
        }
    }

    private mutating func append(_ scope: some Collection<UInt8>) {
        storage.append(UInt8(scope.count))
        storage.append(contentsOf: scope)
    }

    package var isEmpty: Bool { storage.isEmpty }
    package var byteCount: Int { storage.count }

    package var count: Int {
        var count = 0
        var position = 0
        while position < storage.count {
            position += 1 + Int(storage[position])
            count += 1
        }
        return count
    }

    package var scopes: [Scope] {
        var scopes: [Scope] = []
        forEach { bytes in
            if let scope = Scope(utf8: bytes) { scopes.append(scope) }
        }
        return scopes
    }

    /// Lends the bytes of each scope in order, for encoding a reply without a String.
    package func forEach<Failure: Error>(_ body: (Span<UInt8>) throws(Failure) -> Void) throws(Failure) {
        let bytes = storage.span
        var position = 0
        while position < bytes.count {
            let end = position + 1 + Int(bytes[position])
            try body(bytes.extracting((position + 1)..<end))
            position = end
        }
    }

    package func contains(_ scope: Scope) -> Bool {
        Array(scope.text.utf8).withUnsafeBufferPointer { contains(Span(_unsafeElements: $0)) }
    }

    /// Whether the scope with these bytes is a member. Allocates nothing.
    package func contains(_ scope: Span<UInt8>) -> Bool {
        let bytes = storage.span
        var position = 0
        while position < bytes.count {
            let end = position + 1 + Int(bytes[position])
            if end - position - 1 == scope.count, haveSameBytes(bytes.extracting((position + 1)..<end), scope) {
                return true
            }
            position = end
        }
        return false
    }

    package func intersection(_ other: ScopeSet) -> ScopeSet {
        filter { other.contains($0) }
    }

    package func union(_ other: ScopeSet) -> ScopeSet {
        ScopeSet(scopes + other.scopes)
    }

    /// What `held` lacks of these.
    package func missing(from held: ScopeSet) -> ScopeSet {
        filter { !held.contains($0) }
    }

    private func filter(_ isWanted: (Span<UInt8>) -> Bool) -> ScopeSet {
        var result = ScopeSet()
        forEach { scope in
            guard isWanted(scope) else { return }
            result.storage.append(UInt8(scope.count))
            for index in 0..<scope.count { result.storage.append(scope[index]) }
        }
        return result
    }
}

// Text: how a set is stored, and read back.
extension ScopeSet: CustomStringConvertible {
    /// The scopes in order, a space between two; empty for none.
    package var text: String { scopes.map(\.text).joined(separator: " ") }

    package var description: String { text }

    /// Reads `text` back. Nil unless it is exactly what `text` gives for a set, so that a stored set has one spelling.
    package init?(text: String) {
        var scopes: [Scope] = []
        if !text.isEmpty {
            for part in text.split(separator: " ", omittingEmptySubsequences: false) {
                guard let scope = Scope(String(part)), scopes.last.map({ $0 < scope }) ?? true else { return nil }
                scopes.append(scope)
            }
        }
        self.init(scopes)
    }
}
