import LinuxIO
import TokenCore

/// Remembers the memberships and accounts that tokens hang on, with what of their workspaces an answer tells: many tokens
/// hang on one, and to read it takes as long as to read the token.
///
/// What is remembered is what the snapshot holds that is being read, not nearly so. A change of a role, a status or a
/// workspace's state that makes a remembered row wrong moves every epoch, from even to odd before its COMMIT and on to another
/// even number behind it (`WriteTransaction.touchAll`, `EpochPage`), and an epoch never falls. So one epoch is witness for
/// all. Let it be the even number E before a snapshot is taken and a row read from it, and E still after another snapshot
/// was taken. Then each such change had moved it on before the first look, and is in both snapshots; or it had not begun
/// by the second look, and is in neither. The row is the same in both.
///
/// Only what verifies is remembered: to enable an account moves no epoch, because nobody keeps a refusal. A principal's
/// number is never given again.
///
/// It belongs to one thread.
struct LivePrincipals {
    /// A power of two. Each number has one place, from which another one may drive it out.
    private static let placeCount = 512
    /// Any would do; a token's change moves the one of its secret alone.
    private static let witness = 0

    /// What is remembered of one.
    struct Principal {
        fileprivate var number: Int64 = 0
        /// Odd for none.
        fileprivate var epoch: UInt64 = 1
        fileprivate(set) var kind = TokenKind.personal
        /// The id, the workspace's id and a member's role, one behind the other. Its memory is kept for who has the place next.
        private var text: [UInt8] = []
        private var workspaceIDOffset = 0
        private var roleOffset = 0
        private var hasRole = false
    }

    /// None for a reader that remembers nothing.
    private let epochs: EpochMemory?
    private var places = [Principal](repeating: Principal(), count: placeCount)

    init(_ epochs: EpochMemory?) {
        self.epochs = epochs
    }

    /// The witness now: to be loaded before the snapshot is taken from which a row is remembered.
    var epoch: UInt64 { epochs?.epoch(Self.witness) ?? 1 }

    private func place(of number: Int64) -> Int {
        Int(truncatingIfNeeded: number) & (Self.placeCount - 1)
    }

    /// The principal as the snapshot has it that the caller reads, if it is remembered. The witness is looked at behind the
    /// snapshot: SQLite takes one with a full barrier (xShmBarrier).
    func find(_ number: Int64) -> Principal? {
        let principal = places[place(of: number)]
        return principal.number == number && principal.epoch % 2 == 0 && principal.epoch == epoch ? principal : nil
    }

    /// Remembers the statement's row, which is one of `selection`. `epoch` was loaded before its snapshot was taken; under
    /// an odd one it is never found.
    mutating func remember(_ row: SQLiteStatement, of number: Int64, epoch: UInt64) -> Principal {
        let place = place(of: number)
        places[place].number = number
        places[place].epoch = epoch
        places[place].read(row)
        return places[place]
    }
}

extension LivePrincipals {
    /// A membership or an account whose tokens verify: neither it nor its workspace has ended or is suspended.
    static let selection = """
        SELECT principal.kind, principal.id, workspace.id, principal.role
        FROM principal JOIN workspace ON workspace.number = principal.workspace
        WHERE principal.number = ?1 AND principal.ended_at IS NULL AND principal.is_paused = 0
            AND workspace.state = \(WorkspaceState.active.rawValue)
        """
}

extension LivePrincipals.Principal {
    fileprivate mutating func read(_ row: SQLiteStatement) {
        kind = TokenKind(stored: row.integer(0))
        text.removeAll(keepingCapacity: true)
        text.append(contentsOf: row.bytes(1))
        workspaceIDOffset = text.count
        text.append(contentsOf: row.bytes(2))
        roleOffset = text.count
        hasRole = !row.isNull(3)
        text.append(contentsOf: row.bytes(3))
    }

    /// Lends `body` the id, the workspace's id and a member's role.
    func lend(
        _ body: (
            _ id: UnsafeRawBufferPointer, _ workspaceID: UnsafeRawBufferPointer, _ role: UnsafeRawBufferPointer?
        ) -> Void
    ) {
        text.withUnsafeBytes { text in
            body(
                UnsafeRawBufferPointer(rebasing: text[..<workspaceIDOffset]),
                UnsafeRawBufferPointer(rebasing: text[workspaceIDOffset..<roleOffset]),
                hasRole ? UnsafeRawBufferPointer(rebasing: text[roleOffset...]) : nil)
        }
    }
}
