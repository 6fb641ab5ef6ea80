package import TokenCore

/// The catalogue of scopes and what the roles grant of it: what turns recorded scopes into effective ones.
package struct AccessRules: Sendable {
    package let catalogue: Catalogue
    package let roles: Roles

    package init(catalogue: Catalogue, roles: Roles) {
        self.catalogue = catalogue
        self.roles = roles
    }

    package static let builtIn = AccessRules(catalogue: .standard, roles: .standard(in: .standard))

    /// What a token with these scopes may do now. A member's is bounded by the role; what the catalogue dropped is held by
    /// nobody.
    func effectiveScopes(recorded: ScopeSet, role: String?) -> ScopeSet {
        recorded.intersection(role.map(roles.grants) ?? catalogue.scopes)
    }
}
