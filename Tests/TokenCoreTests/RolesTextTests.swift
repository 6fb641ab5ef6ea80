import Testing

@testable import TokenCore

@Suite("The file of roles")
struct RolesTextTests {
    private func roles(_ text: String) throws(ConfigurationProblem) -> Roles {
        try Roles(text: text, file: "roles.conf", in: .standard)
    }

    private func problem(_ text: String) -> String? {
        do throws(ConfigurationProblem) {
            _ = try roles(text)
            return nil
        } catch {
            return error.description
        }
    }

    @Test("each section is a role that grants its lines and what the sections above it grant")
    func layered() throws {
        let roles = try roles(
            """
            [guest]   # the least
            issues:read
            [officer]
            workspace.compliance:*
            issues:read
            [nothing_more]
            [tenant_admin]
            """)
        #expect(roles.names == ["guest", "officer", "nothing_more", "tenant_admin"])
        #expect(roles.grants("guest").text == "issues:read")
        #expect(
            roles.grants("officer").text == "issues:read workspace.compliance:read workspace.compliance:write")
        #expect(roles.grants("nothing_more") == roles.grants("officer"))
        #expect(roles.grants("tenant_admin") == Catalogue.standard.scopes)
    }

    @Test("an asterisk stands for the verbs of that resource, not of one whose name begins with it")
    func asterisk() throws {
        let roles = try roles("[a]\nworkspace:*\n[tenant_admin]\nissues:read")
        #expect(roles.grants("a").text == "workspace:admin workspace:write")
        #expect(roles.grants("tenant_admin") == Catalogue.standard.scopes)
    }

    @Test("the built-in roles written down grant what they grant")
    func builtIn() throws {
        let standard = Roles.standard(in: .standard)
        let text = standard.definitions.map { definition in
            "[\(definition.name)]\n" + definition.additions.scopes.map { "\($0)\n" }.joined()
        }.joined()
        #expect(try roles(text) == standard)
    }

    @Test(
        "a wrong line is named with what to do",
        arguments: [
            ("", "roles.conf: has no role tenant_admin; write [tenant_admin] as its last section"),
            ("[viewer]\nissues:read", "roles.conf: has no role tenant_admin; write [tenant_admin] as its last section"),
            (
                "issues:read\n[tenant_admin]",
                "roles.conf:1: stands before the first role; write a section such as [read_only] above it"
            ),
            ("[tenant_admin", "roles.conf:1: “[tenant_admin” is no section; write it as [name]"),
            ("[Viewer]", "roles.conf:1: “Viewer” is no role; one has 1 to 64 lower-case letters, digits and _"),
            ("[]", "roles.conf:1: “” is no role; one has 1 to 64 lower-case letters, digits and _"),
            ("[a]\n[b]\n[a]\n[tenant_admin]", "roles.conf:3: the role a stands in line 1 already; keep one"),
            (
                "[tenant_admin]\n[tenant_admin]",
                "roles.conf:2: the role tenant_admin stands in line 1 already; keep one"
            ),
            (
                "[tenant_admin]\n[support]\nissues:read",
                "roles.conf:2: the role support would grant every scope; move it above [tenant_admin]"
            ),
            (
                "[a]\nissues:delete\n[tenant_admin]",
                "roles.conf:2: the catalogue has no issues:delete; add it there, or remove it here"
            ),
            (
                "[a]\nissue:*\n[tenant_admin]",
                "roles.conf:2: the catalogue has no issue:*; add it there, or remove it here"
            ),
            (
                "[a]\n*\n[tenant_admin]",
                "roles.conf:2: “*” is no scope; one is resource:verb, and resource:* are all of a resource"
            ),
            (
                "[a]\nissues:read = x\n[tenant_admin]",
                "roles.conf:2: “issues:read = x” is no scope; one is resource:verb, and resource:* are all of a resource"
            ),
            ("[a]\nissues:read\nissues:read", "roles.conf:3: issues:read stands in line 2 already; keep one"),
            (
                "[tenant_admin]\nissues:delete",
                "roles.conf:2: the catalogue has no issues:delete; add it there, or remove it here"
            ),
            ("[a]\nissues\u{7f}:read", "roles.conf:2: holds a control character"),
        ])
    func wrongLines(text: String, expected: String) {
        #expect(problem(text) == expected)
    }

    @Test("there may be 100 roles")
    func limit() {
        func text(_ count: Int) -> String { (1..<count).map { "[r\($0)]\n" }.joined() + "[tenant_admin]\n" }
        #expect(problem(text(100)) == nil)
        #expect(problem(text(101)) == "roles.conf:101: is one role more than 100")
    }
}

@Suite("Durations of settings")
struct DurationTextTests {
    @Test(
        "are a number and a unit",
        arguments: [("1s", 1), ("90d", 7_776_000), ("12h", 43_200), ("15m", 900), ("2w", 1_209_600), ("0d", 0)])
    func read(text: String, seconds: Int64) {
        #expect(DurationText.parse(text) == seconds)
    }

    @Test(
        "are nothing else",
        arguments: ["", "d", "90", "-1d", "+1d", " 1d", "1 d", "1D", "1y", "1.5h", "9223372036854775807w", "١d"])
    func refused(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(
        "are written in the largest unit that divides them",
        arguments: [(7_776_000, "90d"), (43_200, "12h"), (90, "90s"), (3_660, "61m"), (1_209_600, "14d"), (0, "0s")])
    func written(seconds: Int64, text: String) {
        #expect(DurationText.text(seconds: seconds) == text)
    }
}

@Suite("A value in force")
struct InForceTests {
    @Test("a copy is the newest until the value is replaced")
    func replaced() {
        let inForce = InForce("old")
        let old = inForce.copy()
        #expect(inForce.isNewest(old.generation))
        inForce.replace(with: "new")
        #expect(!inForce.isNewest(old.generation))
        #expect(old.value == "old")
        let new = inForce.copy()
        #expect(new.value == "new")
        #expect(inForce.isNewest(new.generation))
    }
}
