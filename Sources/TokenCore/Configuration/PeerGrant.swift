/// A setting that can't be what it says: why, and what it must be.
package struct SettingProblem: Error, Equatable, Sendable {
    package let message: String
    /// Whether the audit would be kept for too short a time, which has a reason of its own in the protocol.
    package let isRetentionBelowMinimum: Bool

    package init(_ message: String, isRetentionBelowMinimum: Bool = false) {
        self.message = message
        self.isRetentionBelowMinimum = isRetentionBelowMinimum
    }
}

/// What the configuration says of peers on the service socket: in which workspaces they may do what.
package struct PeerGrant: Sendable, Equatable {
    package enum Subject: Sendable, Equatable {
        case user(UInt32)
        case group(UInt32)
    }

    /// What is granted beside the limit to the workspaces.
    package enum Right: String, Sendable {
        /// Nothing that the socket does not give: the limit alone.
        case verify
        /// Acting for users.
        case delegate
    }

    package var subject: Subject
    package var right: Right
    package var workspaces: WorkspaceReach

    package init(subject: Subject, right: Right, workspaces: WorkspaceReach) {
        self.subject = subject
        self.right = right
        self.workspaces = workspaces
    }
}

// MARK: - Its text: `user:api delegate ws_a ws_b`, `group:500 verify *`

extension PeerGrant {
    /// A user or a group as the text names it.
    package enum Name: Sendable, Equatable {
        case user(String)
        case group(String)
    }

    package static let form = "user:NAME or group:NAME, then verify or delegate, then workspaces or *"

    /// `find` gives the id that this host knows a name by, none for a name it does not know.
    package init(
        text: String, find: (Name) throws(SettingProblem) -> UInt32?
    ) throws(SettingProblem) {
        let words = text.split { $0 == " " || $0 == "\t" }.map(String.init)
        guard words.count >= 3, let right = Right(rawValue: words[1]) else {
            throw SettingProblem("must be \(Self.form), such as user:api delegate ws_a")
        }
        subject = try Self.subject(words[0], find)
        self.right = right
        workspaces = try Self.workspaces(words.dropFirst(2))
    }

    private static func subject(
        _ word: String, _ find: (Name) throws(SettingProblem) -> UInt32?
    ) throws(SettingProblem) -> Subject {
        if word.hasPrefix("user:") {
            let name = String(word.dropFirst("user:".utf8.count))
            return .user(try id(name, kind: "user", find(.user(name))))
        }
        if word.hasPrefix("group:") {
            let name = String(word.dropFirst("group:".utf8.count))
            return .group(try id(name, kind: "group", find(.group(name))))
        }
        throw SettingProblem("“\(ConfigurationText.Line.shown(word))” names nobody; it must be \(form)")
    }

    /// A number stands for itself, whether or not the host has a name for it.
    private static func id(
        _ name: String, kind: String, _ found: @autoclosure () throws(SettingProblem) -> UInt32?
    ) throws(SettingProblem) -> UInt32 {
        let isNumber = !name.isEmpty && name.utf8.allSatisfy { $0 &- UInt8(ascii: "0") < 10 }
        let shown = ConfigurationText.Line.shown(name)
        // The last number is no id: chown(2) and others take it for "none".
        guard let id = isNumber ? UInt32(name) : try found(), id != .max else {
            throw SettingProblem("this host has no \(kind) “\(shown)”; add it, or correct the name")
        }
        if id == PeerPolicy.overflowID {
            throw SettingProblem(
                "\(kind) \(shown) has the id 65534, which stands for many; grant to a \(kind) of its own")
        }
        return id
    }

    private static func workspaces(_ words: ArraySlice<String>) throws(SettingProblem) -> WorkspaceReach {
        if words.contains("*") {
            if words.count > 1 { throw SettingProblem("* stands for every workspace; give it alone") }
            return .everywhere
        }
        for word in words where !IdentifierRule.isWorkspaceID(word) {
            throw SettingProblem(
                "“\(ConfigurationText.Line.shown(word))” is no workspace; an id begins with "
                    + "\(IdentifierRule.workspacePrefix)")
        }
        return .only(Set(words))
    }
}
