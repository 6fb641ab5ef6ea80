import LinuxIO
import TokenCore
import TokenStore
import TokenWire

/// Makes one copy of the store and hands it to the loop piece by piece. On the copy's own thread.
struct BackupSender: Sendable {
    static let stopping = Refusal(.storeUnavailable, "the daemon stops; ask for the copy again when it is back")

    let context: CallContext
    let store: Store
    let facts: DaemonFacts
    let transfer: BackupTransfer
    let inbox: LoopInbox
    /// To be called when nothing more is wanted of the store, before the peer can know.
    let letGo: @Sendable () -> Void

    func run() {
        let start = SystemClock.monotonicNanoseconds()
        do throws(Refusal) {
            let copy = try makeCopy()
            let madeAt = SystemClock.monotonicNanoseconds()
            try send(copy)
            facts.log.write(
                .info, "a copy of the store was sent",
                [
                    "uid": String(context.peer.credentials.userID), "bytes": String(copy.byteCount),
                    "seq": String(copy.sequence), "hash": copy.head.hexadecimal,
                    "copy_ms": String((madeAt - start) / 1_000_000),
                    "send_ms": String((SystemClock.monotonicNanoseconds() - madeAt) / 1_000_000),
                    "trace": context.traceID,
                ])
        } catch {
            letGo()
            facts.log.write(
                .warning, "no copy of the store was sent", ["error": error.message, "trace": context.traceID])
            hand(endsCall: true) { [facts] output, streamID in
                facts.failures.note(error.wireReason)
                output.appendResponse(stream: streamID, status: error.status(traceID: context.traceID))
            }
        }
    }

    private func makeCopy() throws(Refusal) -> StoreCopy {
        do throws(CopyFailure) {
            return try store.makeCopy { refusal == nil }
        } catch {
            switch error {
            case .unwanted:
                throw refusal ?? Self.stopping
            case .storeTooBusy:
                throw Refusal(
                    .storeUnavailable,
                    "the store changed too much while it was copied; ask again when less is going on")
            case .store(let failure):
                throw Refusal(.storeUnavailable, "the store could not be copied: \(failure)")
            }
        }
    }

    private func send(_ copy: StoreCopy) throws(Refusal) {
        var hash = SHA256()
        var offset: Int64 = 0
        while offset < copy.byteCount {
            if let refusal { throw refusal }
            let chunk = try chunk(of: copy, from: offset)
            hash.update(chunk.span)
            offset += Int64(chunk.count)
            var piece = BackupResponse(chunk: chunk, totalByteCount: UInt64(copy.byteCount))
            let isLast = offset == copy.byteCount
            if isLast {
                piece.digest = hash.finalize().bytes
                piece.headSeq = UInt64(copy.sequence)
                piece.headHash = copy.head.bytes
            }
            if isLast { letGo() }
            hand(piece, isLast: isLast)
            if !isLast { transfer.waitForTaking(until: context.deadlineNanoseconds) }
        }
    }

    private func chunk(of copy: StoreCopy, from offset: Int64) throws(Refusal) -> [UInt8] {
        let chunk: [UInt8]
        do throws(SystemError) {
            chunk = try copy.read(from: offset, byteCount: WireLimits.backupChunkByteCountMax)
        } catch {
            throw Refusal(.storeUnavailable, "the copy could not be read: \(error)")
        }
        // Nobody else has the file: it can't have become shorter.
        if chunk.isEmpty { throw Refusal(.internalError, "the copy ended before its end") }
        return chunk
    }

    /// Why to go no further; none while there is no reason.
    private var refusal: Refusal? {
        switch transfer.ending {
        case .peerIsGone: Refusal(.storeUnavailable, "the peer is gone")
        case .daemonStops: Self.stopping
        case nil:
            SystemClock.monotonicNanoseconds() < context.deadlineNanoseconds ?? .max
                ? nil : Refusal(.deadlineExceeded, "the time that the caller gave the copy has passed")
        }
    }

    private func hand(_ piece: BackupResponse, isLast: Bool) {
        hand(endsCall: isLast) { [facts, context] output, streamID in
            do throws(WireError) {
                try output.appendData(stream: streamID, payload: piece)
                if isLast { output.appendDataEnd(stream: streamID) }
            } catch {
                output.appendResponse(stream: streamID, status: facts.noteTooLarge(error, traceID: context.traceID))
            }
        }
    }

    private func hand(endsCall: Bool, _ encode: @escaping @Sendable (inout WireBuffer, UInt32) -> Void) {
        inbox.add(
            LoopInbox.Reply(
                registration: context.call.registration, streamID: context.call.streamID, endsCall: endsCall,
                encode: encode))
    }
}
