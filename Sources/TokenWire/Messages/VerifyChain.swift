/// What is wrong with a chain. A number that is not named here comes from a newer peer and is kept.
package struct ChainFault: RawRepresentable, Hashable, Sendable {
    package var rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }

    /// Nothing was found.
    package static let unspecified = ChainFault(rawValue: 0)
    /// The event's hash is not that of what it says and of the hash before it.
    package static let edited = ChainFault(rawValue: 1)
    /// The event is missing, and neither pruning nor an accepted recovery explains that.
    package static let deleted = ChainFault(rawValue: 2)
    /// The event is genuine, but had another number.
    package static let reordered = ChainFault(rawValue: 3)
    /// The chain ends before this event, which was there.
    package static let cut = ChainFault(rawValue: 4)
    /// Every hash is right, but this event has another one than the rollback mark or the request knows.
    package static let rewritten = ChainFault(rawValue: 5)
}

/// Asks to check the audit.
package struct VerifyChainRequest: WireMessage, Equatable, Sendable {
    /// 0 for the oldest kept.
    package var firstSeq: UInt64
    /// 0 for the newest.
    package var lastSeq: UInt64
    /// An event whose hash is known from elsewhere; 0 if none.
    package var knownSeq: UInt64
    package var knownHash: [UInt8]

    package init(firstSeq: UInt64 = 0, lastSeq: UInt64 = 0, knownSeq: UInt64 = 0, knownHash: [UInt8] = []) {
        self.firstSeq = firstSeq
        self.lastSeq = lastSeq
        self.knownSeq = knownSeq
        self.knownHash = knownHash
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.uint64(1, firstSeq)
        sink.uint64(2, lastSeq)
        sink.uint64(3, knownSeq)
        sink.bytes(4, knownHash.span)
    }
}

extension VerifyChainRequest {
    /// A received `VerifyChainRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var firstSeq: UInt64 = 0
        package private(set) var lastSeq: UInt64 = 0
        package private(set) var knownSeq: UInt64 = 0
        package private(set) var knownHash: Span<UInt8>

        @_lifetime(immortal)
        package init() {
            knownHash = Span()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .varint): firstSeq = try reader.varint()
                case (2, .varint): lastSeq = try reader.varint()
                case (3, .varint): knownSeq = try reader.varint()
                case (4, .lengthDelimited): knownHash = try reader.lengthDelimited()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        firstSeq = view.firstSeq
        lastSeq = view.lastSeq
        knownSeq = view.knownSeq
        knownHash = [UInt8](copying: view.knownHash)
    }
}

/// What a check of the audit found. It ends at the first fault.
package struct VerifyChainResponse: WireMessage, Equatable, Sendable {
    package var intact: Bool
    package var firstSeq: UInt64
    /// The last event found right; 0 if none was.
    package var lastSeq: UInt64
    package var lastHash: [UInt8]
    /// The first event at fault; 0 if none.
    package var brokenSeq: UInt64
    package var fault: ChainFault
    /// The newest event that was pruned; 0 if none was.
    package var floorSeq: UInt64
    package var floorHash: [UInt8]
    /// The event that the rollback mark names.
    package var markSeq: UInt64
    /// Accepted recoveries among the events checked.
    package var recoveryCount: UInt32
    /// Where the next call goes on; 0 at the end.
    package var nextSeq: UInt64

    package init(
        intact: Bool = false, firstSeq: UInt64 = 0, lastSeq: UInt64 = 0, lastHash: [UInt8] = [], brokenSeq: UInt64 = 0,
        fault: ChainFault = .unspecified, floorSeq: UInt64 = 0, floorHash: [UInt8] = [], markSeq: UInt64 = 0,
        recoveryCount: UInt32 = 0, nextSeq: UInt64 = 0
    ) {
        self.intact = intact
        self.firstSeq = firstSeq
        self.lastSeq = lastSeq
        self.lastHash = lastHash
        self.brokenSeq = brokenSeq
        self.fault = fault
        self.floorSeq = floorSeq
        self.floorHash = floorHash
        self.markSeq = markSeq
        self.recoveryCount = recoveryCount
        self.nextSeq = nextSeq
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.bool(1, intact)
        sink.uint64(2, firstSeq)
        sink.uint64(3, lastSeq)
        sink.bytes(4, lastHash.span)
        sink.uint64(5, brokenSeq)
        sink.enumeration(6, fault)
        sink.uint64(7, floorSeq)
        sink.bytes(8, floorHash.span)
        sink.uint64(9, markSeq)
        sink.uint32(10, recoveryCount)
        sink.uint64(11, nextSeq)
    }
}

extension VerifyChainResponse {
    /// A received `VerifyChainResponse`.
    package struct View: WireView, ~Escapable {
        package private(set) var intact = false
        package private(set) var firstSeq: UInt64 = 0
        package private(set) var lastSeq: UInt64 = 0
        package private(set) var lastHash: Span<UInt8>
        package private(set) var brokenSeq: UInt64 = 0
        package private(set) var fault = ChainFault.unspecified
        package private(set) var floorSeq: UInt64 = 0
        package private(set) var floorHash: Span<UInt8>
        package private(set) var markSeq: UInt64 = 0
        package private(set) var recoveryCount: UInt32 = 0
        package private(set) var nextSeq: UInt64 = 0

        @_lifetime(immortal)
        package init() {
            lastHash = Span()
            floorHash = Span()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .varint): intact = try reader.bool()
                case (2, .varint): firstSeq = try reader.varint()
                case (3, .varint): lastSeq = try reader.varint()
                case (4, .lengthDelimited): lastHash = try reader.lengthDelimited()
                case (5, .varint): brokenSeq = try reader.varint()
                case (6, .varint): fault = try reader.enumeration()
                case (7, .varint): floorSeq = try reader.varint()
                case (8, .lengthDelimited): floorHash = try reader.lengthDelimited()
                case (9, .varint): markSeq = try reader.varint()
                case (10, .varint): recoveryCount = try reader.uint32()
                case (11, .varint): nextSeq = try reader.varint()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        intact = view.intact
        firstSeq = view.firstSeq
        lastSeq = view.lastSeq
        lastHash = [UInt8](copying: view.lastHash)
        brokenSeq = view.brokenSeq
        fault = view.fault
        floorSeq = view.floorSeq
        floorHash = [UInt8](copying: view.floorHash)
        markSeq = view.markSeq
        recoveryCount = view.recoveryCount
        nextSeq = view.nextSeq
    }
}
