/// The scopes that can be granted, in groups as a client shows them.
package struct Catalogue: Sendable, Equatable {
    package struct Entry: Sendable, Equatable {
        package var scope: Scope
        package var description: String

        package init(scope: Scope, description: String) {
            self.scope = scope
            self.description = description
        }
    }

    package struct Group: Sendable, Equatable {
        package var name: String
        package var entries: [Entry]

        package init(name: String, entries: [Entry]) {
            self.name = name
            self.entries = entries
        }
    }

    package enum Failure: Error, Equatable, Sendable {
        case repeatedScope(Scope)
        case repeatedGroup(String)
    }

    package let groups: [Group]
    /// All of them: what a tenant admin holds.
    package let scopes: ScopeSet

    /// A scope stands in one group, once.
    package init(groups: [Group]) throws(Failure) {
        var names: Set<String> = []
        var scopes: Set<Scope> = []
        for group in groups {
            guard names.insert(group.name).inserted else { throw .repeatedGroup(group.name) }
            for entry in group.entries {
                guard scopes.insert(entry.scope).inserted else { throw .repeatedScope(entry.scope) }
            }
        }
        self.init(checked: groups)
    }

    /// Of groups that have been found to be as `init(groups:)` wants them.
    init(checked groups: [Group]) {
        self.groups = groups
        scopes = ScopeSet(groups.flatMap { $0.entries.map(\.scope) })
    }

    /// The catalogue in force unless a file replaces it. A test holds it to what `init(groups:)` checks.
    package static let standard = Catalogue(checked: [
        group(
            "Data",
            ("issues:read", "Read issues and their analysis"),
            ("issues:write", "Create and update issues"),
            ("patterns:read", "Read patterns"),
            ("patterns:write", "Write patterns"),
            ("predictions:read", "Read predictions"),
            ("predictions:write", "Write predictions"),
            ("recommendations:read", "Read recommendations"),
            ("recommendations:write", "Write recommendations")),
        group(
            "Integrations",
            ("connectors:admin", "Manage connectors"),
            ("ingest:write", "Send events for ingestion"),
            ("webhooks:admin", "Manage webhooks")),
        group(
            "Workspace",
            ("members:write", "Add members and change their roles"),
            ("members:admin", "Remove members"),
            ("workspace:write", "Change workspace settings"),
            ("workspace.compliance:read", "Read compliance settings"),
            ("workspace.compliance:write", "Change compliance settings")),
        group("AI & Reports"),
        group(
            "Admin",
            ("workspace:admin", "Manage service accounts and other members' tokens"),
            ("audit:read", "Read the audit log"),
            ("governance:read", "Read governance rules"),
            ("governance:write", "Create and update governance rules")),
    ])

    private static func group(_ name: String, _ entries: (String, String)...) -> Group {
        Group(
            name: name,
            entries: entries.compactMap { text, description in
                Scope(text).map { Entry(scope: $0, description: description) }
            })
    }
}
