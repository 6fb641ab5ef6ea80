import TokenCore
import TokenStore
import TokenWire

extension Dispatcher {
    /// The cursor of a list that a caller asked for.
    func cursor(_ method: Method, _ caller: Caller, filters: [String]) -> PageCursor {
        PageCursor(
            of: method, for: caller.principal.id, in: caller.principal.workspaceID, filters: filters,
            key: store.cursorKey)
    }
}

/// The place in one list where its next page begins, as an opaque text that only this daemon makes.
struct PageCursor {
    private let binding: [UInt8]
    private let key: [UInt8]

    /// The text is good for this method, caller, workspace and these filters alone.
    init(of method: Method, for callerID: String, in workspaceID: String, filters: [String], key: [UInt8]) {
        var binding = [method.rawValue]
        for part in [callerID, workspaceID] + filters {
            withUnsafeBytes(of: UInt32(part.utf8.count).bigEndian) { binding += $0 }
            binding += part.utf8
        }
        self.binding = binding
        self.key = key
    }

    func text(below number: Int64) -> String {
        let payload = withUnsafeBytes(of: number.bigEndian) { Array($0) }
        return AuthenticatedCursor.seal(payload: payload.span, binding: binding.span, key: key.span)
    }

    /// The number below which the page begins; of an empty text the first page's.
    func position(_ text: UTF8Span) throws(Refusal) -> Int64 {
        if text.isEmpty { return .max }
        guard let payload = AuthenticatedCursor.open(text.span, binding: binding.span, key: key.span),
            payload.count == 8
        else {
            throw .invalid(
                "page_token", "is not what this list gave; keep the filters as they were, or begin again without it")
        }
        return Int64(bitPattern: payload.reduce(0) { $0 << 8 | UInt64($1) })
    }
}

extension TokenFilter {
    /// Each field as text, in a fixed order: what a page token is bound to.
    var parts: [String] {
        [
            state.map { "\($0)" } ?? "", scope?.text ?? "", expiresBefore?.description ?? "",
            unusedSince?.description ?? "", namePrefix,
        ]
    }
}

extension AccountFilter {
    /// Each field as text, in a fixed order: what a page token is bound to.
    var parts: [String] { [namePrefix, scope?.text ?? "", isDisabled.map { "\($0)" } ?? ""] }
}

extension MemberFilter {
    /// Each field as text, in a fixed order: what a page token is bound to.
    var parts: [String] { [role, isSuspended.map { "\($0)" } ?? "", userID] }
}

extension EventFilter {
    /// Each field as text, in a fixed order: what a page token is bound to.
    var parts: [String] {
        [actor, action, target, start?.description ?? "", end?.description ?? ""]
    }
}
