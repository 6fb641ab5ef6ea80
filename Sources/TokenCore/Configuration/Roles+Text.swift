extension Roles {
    package static let roleCountMax = 100

    /// Reads the roles of their own file: one `[role]` section a role, from the least to the most powerful, in it a line for
    /// each scope that the role adds, or `resource:*` for all of a resource's. `tenant_admin` has every scope, whatever is
    /// listed.
    package init(text: String, file: String, in catalogue: Catalogue) throws(ConfigurationProblem) {
        let text = try ConfigurationText(text, file: file)
        var definitions: [Definition] = []
        var roleLines = FirstLines()
        var scopeLines = FirstLines()
        for line in text.lines {
            if let name = try line.section() {
                try Self.checkRole(name, behind: definitions, line)
                if let earlier = roleLines.note(name, at: line) {
                    throw line.problem("the role \(name) stands in line \(earlier) already; keep one")
                }
                definitions.append(Definition(name: name, additions: ScopeSet()))
                scopeLines = FirstLines()
                continue
            }
            guard let role = definitions.last else {
                throw line.problem("stands before the first role; write a section such as [read_only] above it")
            }
            if let earlier = scopeLines.note(line.content, at: line) {
                throw line.problem("\(line.shown) stands in line \(earlier) already; keep one")
            }
            definitions[definitions.count - 1].additions = role.additions.union(try Self.scopes(line, catalogue))
        }
        if definitions.last?.name != Self.tenantAdmin {
            throw text.problem("has no role \(Self.tenantAdmin); write [\(Self.tenantAdmin)] as its last section")
        }
        self.init(checked: definitions, catalogue)
    }

    private static func checkRole(
        _ name: String, behind definitions: [Definition], _ line: ConfigurationText.Line
    ) throws(ConfigurationProblem) {
        guard isName(name) else {
            throw line.problem(
                "“\(ConfigurationText.Line.shown(name))” is no role; one has 1 to 64 lower-case letters, digits and _")
        }
        // Each role inherits what the ones before it grant.
        if definitions.last?.name == tenantAdmin && name != tenantAdmin {
            throw line.problem("the role \(name) would grant every scope; move it above [\(tenantAdmin)]")
        }
        if definitions.count == roleCountMax { throw line.problem("is one role more than \(roleCountMax)") }
    }

    private static func scopes(
        _ line: ConfigurationText.Line, _ catalogue: Catalogue
    ) throws(ConfigurationProblem) -> ScopeSet {
        let found: ScopeSet
        if line.content.hasSuffix(":*") {
            let resource = line.content.dropLast()
            found = ScopeSet(catalogue.scopes.scopes.filter { $0.text.hasPrefix(resource) })
        } else if let scope = Scope(line.content) {
            found = ScopeSet([scope]).intersection(catalogue.scopes)
        } else {
            throw line.problem(
                "“\(line.shown)” is no scope; one is resource:verb, and resource:* are all of a resource")
        }
        if found.isEmpty {
            throw line.problem("the catalogue has no \(line.shown); add it there, or remove it here")
        }
        return found
    }
}
