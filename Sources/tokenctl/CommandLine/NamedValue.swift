import TokenClient

/// A value of which there are a few, each with a name: on the command line, in JSON and in tables.
protocol NamedValue {
    var text: String { get }
    static var choices: [Self] { get }
}

extension TokenState: NamedValue {
    static let choices: [TokenState] = [.active, .expired, .revoked, .disabled, .ownerSuspended]

    var text: String {
        switch self {
        case .active: "active"
        case .expired: "expired"
        case .revoked: "revoked"
        case .disabled: "disabled"
        case .ownerSuspended: "owner_suspended"
        case .unrecognized(let number): "state_\(number)"
        }
    }
}

extension MemberStatus: NamedValue {
    static let choices: [MemberStatus] = [.active, .suspended]

    var text: String {
        switch self {
        case .active: "active"
        case .suspended: "suspended"
        case .unrecognized(let number): "status_\(number)"
        }
    }
}

extension WorkspaceState: NamedValue {
    static let choices: [WorkspaceState] = [.active, .suspended, .ended]

    var text: String {
        switch self {
        case .active: "active"
        case .suspended: "suspended"
        case .ended: "ended"
        case .unrecognized(let number): "state_\(number)"
        }
    }
}

extension NamedValue where Self: Equatable {
    /// In green when it is the first of the choices, the good one, and else in red.
    var styledText: String { Terminal.styled(text, self == Self.choices.first ? .good : .bad) }
}
