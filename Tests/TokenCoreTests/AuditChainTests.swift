import Testing

@testable import TokenCore

@Suite("Audit chain")
struct AuditChainTests {
    static let event = AuditEvent(
        sequence: 1, at: Instant(microseconds: 1_795_457_400_123_456), workspaceID: "ws_acme", actor: "usr_1",
        peerUID: 1000,
        peerPID: 4242, action: "token.created", target: "tok_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        metadata: [.init("name", "CI é"), .init("kind", "personal")], traceID: "4bf92f3577b34da6")
    static let hash = "79722ed9f4ecfd79fe4077937ea8c8e39b898be70abe2891173e9de3d952e7f6"

    /// Computed with Python's struct and hashlib from the encoding as AuditChain describes it.
    @Test("gives the hashes that another implementation gives")
    func known() throws {
        let first = AuditChain.hash(previous: .zero, event: Self.event)
        #expect(first.hexadecimal == Self.hash)
        let host = AuditEvent(
            sequence: 2, at: Instant(microseconds: -1), workspaceID: nil, actor: "uid:0", peerUID: nil, peerPID: nil,
            action: "host.started", target: "")
        let second = AuditChain.hash(previous: first, event: host)
        #expect(second.hexadecimal == "93ef8129302c59725d584bb2d011bab50a8f81b4aa85a2246a367cf42b4c747e")
    }

    @Test("covers every field of the event and the hash before it")
    func everyField() {
        let changes: [(inout AuditEvent) -> Void] = [
            { $0.sequence = 2 }, { $0.at = .epoch }, { $0.workspaceID = nil }, { $0.actor = "usr_2" },
            { $0.peerUID = nil },
            { $0.peerUID = 0 }, { $0.peerPID = 1 }, { $0.action = "token.rolled" }, { $0.target = "" },
            { $0.metadata = [] },
            { $0.metadata[0].value = "CI e\u{301}" }, { $0.metadata[1].key = "Kind" }, { $0.traceID = "" },
            { event in
                // The same bytes in a row, divided elsewhere.
                event.actor = "usr_1t"
                event.action = "oken.created"
            },
            { event in
                event.metadata = [.init("name", "CI é"), .init("kindp", "ersonal")]
            },
        ]
        var hashes: Set<Digest> = [AuditChain.hash(previous: .zero, event: Self.event)]
        for change in changes {
            var event = Self.event
            change(&event)
            #expect(hashes.insert(AuditChain.hash(previous: .zero, event: event)).inserted)
        }
        let other = Digest(hashing: [UInt8]().span)
        #expect(hashes.insert(AuditChain.hash(previous: other, event: Self.event)).inserted)
    }

    @Test("sorts metadata by bytes, not as text")
    func metadataOrder() {
        var event = Self.event
        event.metadata.reverse()
        #expect(AuditChain.hash(previous: .zero, event: event).hexadecimal == Self.hash)
        // é as one scalar is C3 A9 and as two 65 CC 81; to String they are equal.
        event.metadata = [.init("é", "1"), .init("e\u{301}", "2"), .init("z", "4"), .init("z", "3")]
        let body = AuditChain.body(of: event)
        let values = ["2", "3", "4", "1"].compactMap { value in
            body.indices.first { body[$0...].starts(with: [0, 0, 0, 1] + Array(value.utf8)) }
        }
        #expect(values.count == 4)
        #expect(values == values.sorted())
    }
}
