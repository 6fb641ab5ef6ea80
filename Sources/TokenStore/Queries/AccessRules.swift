package import TokenCore

/// The catalogue of scopes, what the roles grant of it, and how long tokens may live: what turns recorded scopes into
/// effective ones, and bounds what is made.
package struct AccessRules: Sendable, Equatable {
    package let catalogue: Catalogue
    package let roles: Roles
    package let lifetimes: LifetimeLimits

    package init(catalogue: Catalogue, roles: Roles, lifetimes: LifetimeLimits = LifetimeLimits()) {
        self.catalogue = catalogue
        self.roles = roles
        self.lifetimes = lifetimes
    }

    package static let builtIn = AccessRules(catalogue: .standard, roles: .standard(in: .standard))

    /// So many scopes a token may have.
    package static let tokenScopeCountMax = 50

    /// What the operator gives a tenant administrator's token: all that the role grants. Of more than a token may have, those
    /// by which the workspace is managed, and as many others as there is room for.
    var administratorScopes: ScopeSet {
        let all = roles.grants(Roles.tenantAdmin)
        if all.count <= Self.tokenScopeCountMax { return all }
        let managing = all.intersection(Power.management)
        let others = all.missing(from: managing).scopes
        return managing.union(ScopeSet(others.prefix(Self.tokenScopeCountMax - managing.count)))
    }

    /// What a token with these scopes may do now. A member's is bounded by the role; what the catalogue dropped is held by
    /// nobody.
    func effectiveScopes(recorded: ScopeSet, role: String?) -> ScopeSet {
        recorded.intersection(role.map(roles.grants) ?? catalogue.scopes)
    }
}

/// A role that members have and the rules lack.
struct MissingRole {
    let name: String
    let memberCount: Int64
}

extension SQLiteConnection {
    /// The role most members have of those that `roles` lacks. Members that have ended count no more, nor those of a
    /// workspace that has.
    ///
    /// It reads all members, so its statement is none of those that are kept.
    func roleMissing(from roles: Roles) throws(SQLiteError) -> MissingRole? {
        let statement = try prepare(
            """
            SELECT principal.role, count(*) AS member_count
            FROM principal JOIN workspace ON workspace.number = principal.workspace
            WHERE principal.kind = 1 AND principal.ended_at IS NULL AND workspace.state <> 3
            GROUP BY principal.role ORDER BY member_count DESC, principal.role
            """)
        defer { statement.finalize() }
        while try statement.step() {
            let name = statement.text(0)
            if !roles.contains(name) { return MissingRole(name: name, memberCount: statement.integer(1)) }
        }
        return nil
    }
}
