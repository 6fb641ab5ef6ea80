internal import TokenWire

/// An audit event by its number and hash: what is enough to know later whether the audit was changed.
public struct ChainHead: Hashable, Sendable {
    /// The event's number.
    public let sequence: UInt64
    /// Its hash, 32 bytes.
    public let hash: [UInt8]

    /// An event that is known from elsewhere, such as a line of the daemon's log.
    public init(sequence: UInt64, hash: [UInt8]) {
        self.sequence = sequence
        self.hash = hash
    }
}

/// What a check of the audit's chain found. It ends at the first fault.
public struct ChainReport: Hashable, Sendable {
    /// Whether no fault was found.
    public var isIntact: Bool { fault == nil }
    /// Number of the first event that was checked.
    public let first: UInt64
    /// The last event that was found right; nil if none was.
    public let last: ChainHead?
    /// What is wrong; nil if nothing is.
    public let fault: ChainFault?
    /// Number of the event at fault, of missing ones the first; nil if nothing is wrong.
    public let faultSequence: UInt64?
    /// The newest event that was pruned because its time was over; nil if none was.
    public let floor: ChainHead?
    /// Number of the event that the store's rollback mark names.
    public let markSequence: UInt64
    /// How many of the events are accepted recoveries. Only before such a one may numbers jump.
    public let recoveryCount: Int
}

/// What is wrong with an audit's chain. See PROTOCOL.md ("Checking the chain").
public enum ChainFault: Hashable, Sendable {
    /// The event's hash is not that of what it says and of the hash before it.
    case edited
    /// The event is missing, and nothing explains it.
    case deleted
    /// The event is genuine, but had another number.
    case reordered
    /// The chain ends before this event, which was there.
    case cut
    /// The chain was computed anew, from this event or an earlier one on.
    case rewritten
    /// A fault that this version of the library doesn't know, by its number in the protocol.
    case unrecognized(Int32)
}

extension ChainFault {
    init(_ wire: TokenWire.ChainFault) {
        switch wire {
        case .edited: self = .edited
        case .deleted: self = .deleted
        case .reordered: self = .reordered
        case .cut: self = .cut
        case .rewritten: self = .rewritten
        default: self = .unrecognized(wire.rawValue)
        }
    }
}

/// What one call finds: a chain is checked by as many as it takes.
struct ChainSlice: Answer {
    let report: ChainReport
    /// Where the next call goes on; nil at the end.
    let next: UInt64?

    init?(decoding payload: Span<UInt8>) throws(WireError) {
        let view = try VerifyChainResponse.View(payload)
        if view.intact != (view.fault == .unspecified) { return nil }
        func head(_ sequence: UInt64, _ hash: Span<UInt8>) -> ChainHead? {
            sequence == 0 ? nil : ChainHead(sequence: sequence, hash: [UInt8](copying: hash))
        }
        report = ChainReport(
            first: view.firstSeq, last: head(view.lastSeq, view.lastHash),
            fault: view.intact ? nil : ChainFault(view.fault), faultSequence: view.intact ? nil : view.brokenSeq,
            floor: head(view.floorSeq, view.floorHash), markSequence: view.markSeq,
            recoveryCount: Int(view.recoveryCount))
        next = view.nextSeq == 0 ? nil : view.nextSeq
    }
}
