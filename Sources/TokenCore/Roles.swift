/// What each role of a member grants. Each inherits all that the roles before it grant.
package struct Roles: Sendable, Equatable {
    package struct Definition: Sendable, Equatable {
        package var name: String
        /// What it adds to what it inherits.
        package var additions: ScopeSet

        package init(name: String, additions: ScopeSet) {
            self.name = name
            self.additions = additions
        }
    }

    package enum Failure: Error, Equatable, Sendable {
        /// Without it nobody could ever hold every scope.
        case lacksTenantAdmin
        case repeated(String)
        /// Not 1 to 64 lower-case letters, digits and `_`.
        case invalidName(String)
    }

    /// Holds every scope of the catalogue, whatever its definition adds.
    package static let tenantAdmin = "tenant_admin"

    /// From the least to the most powerful.
    package let definitions: [Definition]
    private let granted: [String: ScopeSet]

    /// A scope that the catalogue does not have is held by nobody, so no role grants it.
    package init(_ definitions: [Definition], in catalogue: Catalogue) throws(Failure) {
        var names: Set<String> = []
        for definition in definitions {
            guard Self.isName(definition.name) else { throw .invalidName(definition.name) }
            guard names.insert(definition.name).inserted else { throw .repeated(definition.name) }
        }
        guard names.contains(Self.tenantAdmin) else { throw .lacksTenantAdmin }
        self.init(checked: definitions, catalogue)
    }

    /// Of definitions that have been found to be as `init(_:in:)` wants them.
    init(checked definitions: [Definition], _ catalogue: Catalogue) {
        var inherited = ScopeSet()
        var granted: [String: ScopeSet] = [:]
        for definition in definitions {
            inherited = inherited.union(definition.additions.intersection(catalogue.scopes))
            if definition.name == Self.tenantAdmin { inherited = catalogue.scopes }
            granted[definition.name] = inherited
        }
        self.definitions = definitions
        self.granted = granted
    }

    static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                byte &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "_")
            }
    }

    package var names: [String] { definitions.map(\.name) }

    package func contains(_ role: String) -> Bool { granted[role] != nil }

    /// All that a role grants, inherited and added; nothing for a role that isn't defined.
    package func grants(_ role: String) -> ScopeSet { granted[role] ?? ScopeSet() }

    /// The definitions in force unless a file replaces them. A test holds them to what `init(_:in:)` checks.
    package static func standard(in catalogue: Catalogue) -> Roles {
        Roles(checked: standardDefinitions, catalogue)
    }

    private static let standardDefinitions = [
        definition("read_only", "issues:read", "patterns:read", "predictions:read", "recommendations:read"),
        definition("viewer"),
        definition("executive"),
        definition(
            "analyst", "issues:write", "patterns:write", "predictions:write", "recommendations:write", "ingest:write"),
        definition("compliance_admin", "workspace.compliance:read", "workspace.compliance:write", "audit:read"),
        definition("security_admin", "members:write", "connectors:admin", "webhooks:admin"),
        definition(tenantAdmin),
    ]

    private static func definition(_ name: String, _ additions: String...) -> Definition {
        Definition(name: name, additions: ScopeSet(additions.compactMap { Scope($0) }))
    }
}
