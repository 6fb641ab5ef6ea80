import TokenStore
import TokenWire

/// Checks as many events of the chain as one call may have.
struct ChainWork: SlicedWork {
    private let dispatcher: Dispatcher
    private var check: ChainCheck
    private let known: ChainCheck.Anchor?

    init(_ dispatcher: Dispatcher, _ check: ChainCheck, known: ChainCheck.Anchor?) {
        self.dispatcher = dispatcher
        self.check = check
        self.known = known
    }

    mutating func advance(_ context: CallContext) throws -> Bool {
        let rest = StoreReader.chainCallRowCountMax - check.checkedCount
        try dispatcher.reader.advance(&check, rowCount: min(rest, StoreReader.chainSliceRowCountMax))
        return check.isFinished || check.checkedCount >= StoreReader.chainCallRowCountMax
    }

    func answer(streamID: UInt32, into output: inout WireBuffer) throws {
        var check = check
        if check.checkedCount == 0 && check.isFinished && check.finding == nil {
            let pruned = check.floor.sequence == 0 ? "" : "; those up to \(check.floor.sequence) were pruned"
            throw Refusal.invalid("first_seq", "no event lies in this range\(pruned)")
        }
        if check.finding == nil, let known, let finding = try dispatcher.reader.finding(of: known, outside: check) {
            check.find(finding)
        }
        let message = VerifyChainResponse(check, markSequence: dispatcher.store.state.current.sequence)
        dispatcher.answer(streamID, message, &output)
    }

    var heldByteCount: Int { 1_024 }
}
