import TokenCore
import TokenStore
import TokenWire

/// Reads the fields of a request and collects what is wrong with them, so that one answer names every field.
struct FieldChecks {
    private var problems: [Refusal.Field] = []

    /// Refuses the request if any field was wrong.
    func finish() throws(Refusal) {
        guard let first = problems.first else { return }
        let others = problems.count == 1 ? "" : " (and \(problems.count - 1) more)"
        throw Refusal(.validationError, "\(first.name): \(first.problem)\(others)", fields: problems)
    }

    mutating func note(_ field: String, _ problem: String) {
        problems.append(Refusal.Field(name: field, problem: problem))
    }

    mutating func name(_ field: String, _ text: UTF8Span) -> String {
        let name = String(copying: text)
        do throws(NameRule.Refusal) {
            try NameRule.check(name)
        } catch {
            switch error {
            case .empty: note(field, "is empty; give a name of 1 to \(NameRule.scalarCountMax) characters")
            case .tooManyScalars: note(field, "has more than \(NameRule.scalarCountMax) characters")
            case .tooManyBytes: note(field, "has more than \(NameRule.byteCountMax) bytes")
            case .forbidden(let scalar):
                note(
                    field,
                    "holds U+\(String(scalar.value, radix: 16, uppercase: true)), a control, format or "
                        + "bidirectional character")
            }
        }
        return name
    }

    /// At least one scope, or with `mayBeEmpty` none.
    mutating func scopes(_ field: String, _ list: borrowing TextList, mayBeEmpty: Bool = false) -> ScopeSet {
        if list.isEmpty && !mayBeEmpty { note(field, "is empty; name at least one scope") }
        if list.count > ServerLimits.scopeCountMax { note(field, "has more than \(ServerLimits.scopeCountMax) scopes") }
        var scopes: [TokenCore.Scope] = []
        var cursor = list.makeCursor()
        while let text = cursor.next() {
            if let scope = TokenCore.Scope(utf8: text.span) {
                scopes.append(scope)
            } else {
                // Its place and not its text, which may be anything: a token put into the wrong field.
                note(field, "number \(scopes.count + 1) is no scope; one is resource:verb")
                break
            }
        }
        return ScopeSet(scopes)
    }

    /// A scope to filter by; none when the client named none.
    mutating func optionalScope(_ field: String, _ text: UTF8Span) -> TokenCore.Scope? {
        if text.isEmpty { return nil }
        let scope = TokenCore.Scope(utf8: text.span)
        if scope == nil { note(field, "is no scope; one is resource:verb") }
        return scope
    }

    mutating func instant(_ field: String, _ timestamp: Timestamp?) -> Instant? {
        guard let timestamp else { return nil }
        let instant = Instant(seconds: timestamp.seconds, nanoseconds: timestamp.nanoseconds)
        if instant == nil { note(field, "is no time between the years 1 and 9999") }
        return instant
    }

    /// None when the client gave none.
    mutating func requestID(_ field: String, _ text: UTF8Span) -> RequestID? {
        if text.isEmpty { return nil }
        let request = RequestID(String(copying: text))
        if request == nil { note(field, "is no UUID") }
        return request
    }

    mutating func overlapSeconds(_ field: String, _ seconds: UInt32) -> Int64 {
        if seconds > RollToken.overlapSecondsMax {
            note(field, "is more than \(RollToken.overlapSecondsMax), seven days")
        }
        return Int64(seconds)
    }

    mutating func pageSize(_ field: String, _ size: Int32) -> Int {
        if size == 0 { return WireLimits.pageSizeDefault }
        if !(1...Int32(WireLimits.pageSizeMax)).contains(size) { note(field, "is not 1 to \(WireLimits.pageSizeMax)") }
        return Int(size)
    }

    mutating func userID(_ field: String, _ text: UTF8Span) -> String {
        let id = String(copying: text)
        if !IdentifierRule.isUserID(id) {
            note(field, "is not 1 to \(IdentifierRule.byteCountMax) visible ASCII characters without \" and \\")
        }
        return id
    }

    mutating func workspaceID(_ field: String, _ text: UTF8Span) -> String {
        let id = String(copying: text)
        if !IdentifierRule.isWorkspaceID(id) {
            note(
                field,
                "does not begin with \(IdentifierRule.workspacePrefix), or is not 4 to "
                    + "\(IdentifierRule.byteCountMax) visible ASCII characters without \" and \\")
        }
        return id
    }
}
