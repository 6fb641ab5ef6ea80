import Testing

@testable import TokenCore

@Suite("Catalogue and roles")
struct RolesTests {
    static let catalogue = [
        (
            "Data",
            [
                "issues:read", "issues:write", "patterns:read", "patterns:write", "predictions:read",
                "predictions:write",
                "recommendations:read", "recommendations:write",
            ]
        ),
        ("Integrations", ["connectors:admin", "ingest:write", "webhooks:admin"]),
        (
            "Workspace",
            [
                "members:write", "members:admin", "workspace:write", "workspace.compliance:read",
                "workspace.compliance:write",
            ]
        ),
        ("AI & Reports", []),
        ("Admin", ["workspace:admin", "audit:read", "governance:read", "governance:write"]),
    ]

    static let reads = ["issues:read", "patterns:read", "predictions:read", "recommendations:read"]
    static let analyst =
        reads + ["issues:write", "patterns:write", "predictions:write", "recommendations:write", "ingest:write"]
    static let compliance = analyst + ["workspace.compliance:read", "workspace.compliance:write", "audit:read"]
    static let security = compliance + ["members:write", "connectors:admin", "webhooks:admin"]
    static let roles = [
        ("read_only", reads), ("viewer", reads), ("executive", reads), ("analyst", analyst),
        ("compliance_admin", compliance),
        ("security_admin", security), ("tenant_admin", catalogue.flatMap { $0.1 }),
    ]

    static func set(_ texts: [String]) -> ScopeSet { ScopeSet(texts.compactMap { Scope($0) }) }

    @Test("the catalogue has its five groups, each scope once and described")
    func groups() throws {
        let standard = Catalogue.standard
        #expect(standard.groups.map(\.name) == Self.catalogue.map { $0.0 })
        #expect(standard.groups.map { $0.entries.map(\.scope.text) } == Self.catalogue.map { $0.1 })
        #expect(standard.groups.flatMap(\.entries).allSatisfy { !$0.description.isEmpty })
        #expect(standard.groups[0].entries[0].description == "Read issues and their analysis")
        #expect(standard.groups[0].entries[1].description == "Create and update issues")
        #expect(standard.scopes == Self.set(Self.catalogue.flatMap { $0.1 }))
        #expect(standard.scopes.count == 20)
        #expect(try Catalogue(groups: standard.groups) == standard)
    }

    @Test("a catalogue names no group and no scope twice")
    func repeated() throws {
        let scope = try #require(Scope("a:read"))
        let entry = Catalogue.Entry(scope: scope, description: "Read a")
        #expect(throws: Catalogue.Failure.repeatedScope(scope)) {
            try Catalogue(groups: [.init(name: "A", entries: [entry]), .init(name: "B", entries: [entry])])
        }
        #expect(throws: Catalogue.Failure.repeatedGroup("A")) {
            try Catalogue(groups: [.init(name: "A", entries: [entry]), .init(name: "A", entries: [])])
        }
    }

    @Test("a role grants what it adds and all before it grant", arguments: roles)
    func grants(role: String, scopes: [String]) {
        let standard = Roles.standard(in: .standard)
        #expect(standard.grants(role) == Self.set(scopes))
        #expect(standard.contains(role))
    }

    @Test("the roles rise from read_only to tenant_admin")
    func hierarchy() throws {
        let standard = Roles.standard(in: .standard)
        #expect(standard.names == Self.roles.map { $0.0 })
        for (lower, upper) in zip(standard.names, standard.names.dropFirst()) {
            #expect(standard.grants(lower).missing(from: standard.grants(upper)).isEmpty)
        }
        #expect(try Roles(standard.definitions, in: .standard) == standard)
    }

    @Test("a role that isn't defined grants nothing")
    func unknownRole() {
        #expect(Roles.standard(in: .standard).grants("root").isEmpty)
        #expect(!Roles.standard(in: .standard).contains("root"))
    }

    @Test("no role grants a scope that the catalogue has not, and tenant_admin grants every one it has")
    func otherCatalogue() throws {
        let entries = ["issues:read", "reports:read"].compactMap { Scope($0) }.map {
            Catalogue.Entry(scope: $0, description: "x")
        }
        let roles = Roles.standard(in: try Catalogue(groups: [.init(name: "A", entries: entries)]))
        #expect(roles.grants("read_only").text == "issues:read")
        #expect(roles.grants("security_admin").text == "issues:read")
        #expect(roles.grants("tenant_admin").text == "issues:read reports:read")
    }

    @Test("roles are named once, in small letters, and tenant_admin is among them")
    func refused() {
        func roles(_ names: String...) throws {
            _ = try Roles(names.map { .init(name: $0, additions: ScopeSet()) }, in: .standard)
        }
        #expect(throws: Roles.Failure.lacksTenantAdmin) { try roles() }
        #expect(throws: Roles.Failure.lacksTenantAdmin) { try roles("viewer") }
        #expect(throws: Roles.Failure.repeated("viewer")) { try roles("viewer", "viewer", "tenant_admin") }
        for name in ["", "Viewer", "a b", "a-b", String(repeating: "a", count: 65)] {
            #expect(throws: Roles.Failure.invalidName(name)) { try roles(name, "tenant_admin") }
        }
        #expect(throws: Never.self) { try roles("tenant_admin") }
    }
}
