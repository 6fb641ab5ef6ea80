import TokenCore
import TokenStore

/// What a list has pages of, as it is held until the page is whole.
protocol ListElement: Sendable {
    /// Of its texts and lists, which have allocations of their own.
    var textByteCount: Int { get }
}

extension ListElement {
    /// About how many bytes it holds.
    var heldByteCount: Int { MemoryLayout<Self>.size + textByteCount + 256 }
}

extension TokenRecord: ListElement {
    var textByteCount: Int {
        id.utf8.count + workspaceID.utf8.count + ownerID.utf8.count + name.utf8.count + hint.utf8.count
            + createdBy.utf8.count + scopes.byteCount
    }
}

extension ServiceAccountRecord: ListElement {
    var textByteCount: Int {
        id.utf8.count + workspaceID.utf8.count + name.utf8.count + createdBy.utf8.count + 2 * scopes.byteCount
    }
}

extension MemberRecord: ListElement {
    var textByteCount: Int { workspaceID.utf8.count + userID.utf8.count + role.utf8.count }
}

extension WorkspaceRecord: ListElement {
    var textByteCount: Int { id.utf8.count }
}

extension EventRecord: ListElement {
    var textByteCount: Int {
        let texts = (event.workspaceID?.utf8.count ?? 0) + event.actor.utf8.count + event.action.utf8.count
        let others = event.target.utf8.count + event.traceID.utf8.count
        return event.metadata.reduce(texts + others) { $0 + 96 + $1.key.utf8.count + $1.value.utf8.count }
    }
}
