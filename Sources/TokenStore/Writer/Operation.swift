package import TokenCore

/// A change of the store, carried out by the writer inside a savepoint of its own.
///
/// Whatever was judged before is judged again here, from what the transaction reads: a caller that has been revoked
/// meanwhile changes nothing.
package protocol Operation<Output>: Sendable {
    associatedtype Output: Sendable
    func perform(in transaction: WriteTransaction) throws(ChangeFailure) -> Output
    /// It is done on a full disk too, with the room that was kept for that: it takes rights away, or writes nothing. One that
    /// does so only at times asks `WriteTransaction.checkTakesOnly`. What could be asked for without end takes none of that room.
    var mayUseReserve: Bool { get }
}

extension Operation {
    package var mayUseReserve: Bool { false }
}

/// Why an operation did not do its work.
package enum ChangeFailure: Error {
    /// It must not: the savepoint is rolled back, the batch goes on.
    case refused(Refusal)
    /// SQLite could not: what that means for the batch is the writer's to find out.
    case sqlite(SQLiteError)
}

/// Runs what only SQLite can refuse.
func sqlite<Value>(_ body: () throws(SQLiteError) -> Value) throws(ChangeFailure) -> Value {
    do throws(SQLiteError) {
        return try body()
    } catch {
        throw .sqlite(error)
    }
}

/// For whom, and through which peer, an operation is asked for.
package struct Origin: Sendable {
    package let claim: CallerClaim
    package let peerUserID: UInt32
    package let peerProcessID: Int32
    /// Ties the answer, the log and the event together.
    package let traceID: String
    /// CLOCK_MONOTONIC; an operation that is not begun by then is not begun.
    package let deadlineNanoseconds: Int64?
    /// Tokens of other workspaces don't exist for the peer.
    package let reach: WorkspaceReach

    package init(
        claim: CallerClaim, peerUserID: UInt32, peerProcessID: Int32, traceID: String, deadlineNanoseconds: Int64?,
        reach: WorkspaceReach = .everywhere
    ) {
        self.claim = claim
        self.peerUserID = peerUserID
        self.peerProcessID = peerProcessID
        self.traceID = traceID
        self.deadlineNanoseconds = deadlineNanoseconds
        self.reach = reach
    }
}

/// Whom a call says it is made for. Nothing here is believed: the store resolves it at each use.
package enum CallerClaim: Sendable {
    /// The digest of the bearer token.
    case bearer(Digest)
    /// A user named by a peer with the `delegate` grant.
    case delegated(userID: String, workspaceID: String)
    /// The host's operator, by a peer with the `operate` grant.
    case host
    /// Nobody: the few calls that need no caller.
    case none
}

/// An operation with the one who waits for it, its type erased so that the queue can hold it.
protocol Job: Sendable {
    var origin: Origin { get }
    var mayUseReserve: Bool { get }
    func perform(in transaction: WriteTransaction) throws(ChangeFailure)
    /// Called exactly once, after COMMIT has returned or failed.
    func finish(_ refusal: Refusal?)
}

final class OperationJob<Work: Operation>: Job {
    let origin: Origin
    private let operation: Work
    private let completion: @Sendable (Result<Work.Output, Refusal>) -> Void
    // Only the writer's thread reads and writes it, between perform and finish.
    private nonisolated(unsafe) var output: Work.Output?

    init(
        _ operation: Work, origin: Origin, completion: @escaping @Sendable (Result<Work.Output, Refusal>) -> Void
    ) {
        self.operation = operation
        self.origin = origin
        self.completion = completion
    }

    var mayUseReserve: Bool { operation.mayUseReserve }

    func perform(in transaction: WriteTransaction) throws(ChangeFailure) {
        output = try operation.perform(in: transaction)
    }

    func finish(_ refusal: Refusal?) {
        if let output, refusal == nil {
            completion(.success(output))
        } else {
            completion(.failure(refusal ?? .storeUnavailable))
        }
    }
}
