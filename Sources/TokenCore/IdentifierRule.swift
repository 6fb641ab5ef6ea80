/// Identifiers that others make: users and workspaces.
///
/// 1 to 128 bytes of visible ASCII, without space, `"` and `\`: they stand in logs and in the audit as they are, and
/// nothing in them may look like the end of a field.
package enum IdentifierRule {
    package static let byteCountMax = 128
    package static let workspacePrefix = "ws_"

    package static func isUserID(_ text: some Sequence<UInt8>) -> Bool {
        var byteCount = 0
        for byte in text {
            byteCount += 1
            guard byteCount <= byteCountMax, (0x21...0x7e).contains(byte),
                byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\")
            else { return false }
        }
        return byteCount > 0
    }

    package static func isUserID(_ text: String) -> Bool { isUserID(text.utf8) }

    /// Whether it reads as something else that the audit names as an actor: a peer, a token, a service account or the daemon.
    /// No user joins under such a name.
    package static func isNameOfAnotherActor(_ text: String) -> Bool {
        text == "tokend" || (["uid:"] + TypedID.allCases.map(\.prefix)).contains { text.utf8.starts(with: $0.utf8) }
    }

    /// As a user's, and it starts with `ws_` and does not end there.
    package static func isWorkspaceID(_ text: String) -> Bool {
        text.utf8.starts(with: workspacePrefix.utf8) && text.utf8.count > workspacePrefix.utf8.count
            && isUserID(text.utf8)
    }
}
