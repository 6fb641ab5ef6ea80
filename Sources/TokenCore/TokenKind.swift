/// Whom a token acts for. The raw values are those of the protocol and of the store.
package enum TokenKind: UInt8, Sendable, CaseIterable {
    /// One member of a workspace.
    case personal = 1
    /// A machine principal of a workspace, which belongs to no user.
    case serviceAccount = 2

    /// The letter after the prefix of the token's text.
    var letter: UInt8 {
        switch self {
        case .personal: UInt8(ascii: "u")
        case .serviceAccount: UInt8(ascii: "s")
        }
    }

    init?(letter: UInt8) {
        switch letter {
        case UInt8(ascii: "u"): self = .personal
        case UInt8(ascii: "s"): self = .serviceAccount
        default: return nil
        }
    }
}
