import TokenCore
import TokenStore
import TokenWire

/// What a list is filtered by.
extension FieldChecks {
    /// A text to filter by, which is kept while a list is worked on and as long as a stream lasts.
    mutating func filter(
        _ field: String, _ text: UTF8Span, byteCountMax: Int = WireLimits.filterByteCountMax
    ) -> String {
        if text.span.count > byteCountMax {
            note(field, "has more than \(byteCountMax) bytes")
            return ""
        }
        return String(copying: text)
    }

    /// No name has more bytes than a prefix of it may have.
    mutating func namePrefix(_ field: String, _ text: UTF8Span) -> String {
        filter(field, text, byteCountMax: NameRule.byteCountMax)
    }

    /// A state to filter tokens of this kind by; none when the client named none.
    mutating func tokenState(
        _ field: String, _ state: TokenState, of kind: TokenCore.TokenKind
    ) -> TokenRecord.State? {
        switch (state, kind) {
        case (.unspecified, _): return nil
        case (.active, _): return .active
        case (.expired, _): return .expired
        case (.revoked, _): return .revoked
        case (.ownerSuspended, .personal), (.disabled, .serviceAccount): return .paused
        default:
            note(field, kind == .personal ? "is no state of a personal token" : "is no state of an account's token")
            return nil
        }
    }

    /// Each service knows one kind of token, which a filter may name.
    mutating func kind(_ field: String, _ kind: TokenWire.TokenKind, of served: TokenCore.TokenKind) {
        if kind != .unspecified && kind != TokenWire.TokenKind(served) {
            note(field, "is no kind of this service; personal and service accounts' tokens have a service each")
        }
    }

    /// Whether a member is, or shall be, suspended; none when the client did not say.
    mutating func isSuspended(_ field: String, _ status: MemberStatus) -> Bool? {
        switch status {
        case .unspecified: return nil
        case .active: return false
        case .suspended: return true
        default:
            note(field, "is no status of a member: active or suspended")
            return nil
        }
    }

    /// None when the client did not say.
    mutating func workspaceState(
        _ field: String, _ state: TokenWire.WorkspaceState
    ) -> TokenStore.WorkspaceState? {
        if state == .unspecified { return nil }
        let known = TokenStore.WorkspaceState(rawValue: Int64(state.rawValue))
        if known == nil { note(field, "is no state of a workspace: active, suspended or ended") }
        return known
    }
}
