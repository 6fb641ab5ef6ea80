import Glibc
import LinuxIO
import Testing
import TokenCore
import TokenStore
import TokenWire

@testable import TokenServer

extension ServerTests {
    @Suite("The configuration read again")
    struct ReloadTests {
        let fixture: ServerFixture
        let host: RawClient

        init() throws {
            fixture = try ServerFixture(changeRate: ChangeRate())
            host = try fixture.operatorClient()
        }

        /// Another file beside the configuration.
        private func path(_ name: String) -> String { TrustedPath.parent(of: fixture.configurationPath) + "/" + name }

        private func reload(_ text: String) throws -> Reply {
            try write(text, to: fixture.configurationPath)
            return try host.call(.reload, ReloadRequest())
        }

        private func eventCount() throws -> Int32 {
            try host.call(.listEvents, ListEventsRequest(action: "configuration.reloaded")).events().totalSize
        }

        private func delegate(_ client: RawClient) throws -> ErrorReason? {
            try client.call(.whoAmI, EmptyMessage(), metadata: .delegated("ann", "ws_acme")).status?.reason
        }

        // MARK: What comes in force

        @Test func aConnectionThatIsOpenIsJudgedByTheNewPolicy() throws {
            let client = try fixture.client()
            #expect(try delegate(client) == .forbidden)
            let given = try reload("grant = user:0 delegate ws_acme ws_other").reloaded()
            #expect(given == ReloadResponse(changedSettings: ["grant"]))
            #expect(try delegate(client) == nil)
            #expect(try reload("grant = user:0 verify ws_other").reloaded().changedSettings == ["grant"])
            #expect(try delegate(client) == .forbidden)
            let request = VerifyRequest(token: fixture.admin)
            #expect(try client.call(.verify, request).verified().outcome == .unknown)
            #expect(try reload("").reloaded().changedSettings == ["grant"])
            #expect(try client.call(.verify, request).verified().outcome == .valid)
        }

        @Test func aDefaultFileThatHasGoneIsNoOrderToLiftItsLimits() throws {
            var source = ConfigurationSource()
            source.defaultFile = path("default.conf")
            #expect(try source.load().file == nil)
            try write("changes-burst = 7", to: source.defaultFile)
            let inForce = try source.load()
            #expect(inForce.settings.changeRate.burst == 7)
            unlink(source.defaultFile)
            #expect(throws: ConfigurationProblem.self) { try source.load(after: inForce) }
            // One that comes back counts, and a start without it is fine.
            try write("", to: source.defaultFile)
            #expect(try source.load(after: inForce).settings.changeRate == ChangeRate())
            unlink(source.defaultFile)
            #expect(try source.load(after: ConfigurationSource().load()).file == nil)
        }

        @Test func anAuditKeptForTooShortHasAReasonOfItsOwn() throws {
            let status = try #require(try reload("changes-burst = 7\naudit-retention-days = 364").status)
            #expect(status.reason == .retentionBelowMinimum && status.code == .failedPrecondition)
            #expect(
                status.message
                    == "\(fixture.configurationPath):2: audit-retention-days: the audit is kept for at least 365 days")
        }

        @Test func theStatusTellsOfWhichLineASettingIsNow() throws {
            func places(_ name: String) throws -> [String] {
                let status = try host.call(.getStatus, GetStatusRequest(withSettings: true)).daemonStatus()
                return status.settings.filter { $0.name == name }.map { "\($0.value) \($0.place)" }
            }
            let file = fixture.configurationPath
            #expect(try places("changes-burst") == ["100 "])
            _ = try reload("changes-burst = 7\ngrant = user:0 verify *\ngrant = user:1 verify *").reloaded()
            #expect(try places("changes-burst") == ["7 \(file):1"])
            #expect(try places("grant") == ["user:0 verify * \(file):2", "user:1 verify * \(file):3"])
            // The same in another line, and one that waits for a restart.
            #expect(try reload("\nchanges-burst = 7\nevent-loops = 2").reloaded().changedSettings == ["grant"])
            _ = try reload("\n\nchanges-burst = 7\nevent-loops = 2").reloaded()
            #expect(try places("changes-burst") == ["7 \(file):3"])
            #expect(try places("event-loops") == ["1 "])
        }

        @Test func aStreamEndsWhenItsPeerMayNoLongerAskForIt() throws {
            _ = try reload("grant = user:0 delegate ws_acme").reloaded()
            let client = try fixture.client()
            try client.begin(.tailEvents, TailEventsRequest(), metadata: .delegated("ann", "ws_acme"))
            #expect(try client.receiveFrame()?.header.type == .data)
            _ = try reload("").reloaded()
            _ = try fixture.createToken("news")
            var reply: Reply?
            while reply == nil, let frame = try client.receiveFrame() {
                if frame.header.type == .response { reply = try RawClient.reply(frame.header, frame.body) }
            }
            #expect(reply?.status?.reason == .forbidden)
        }

        @Test func anotherCatalogueAndOtherRolesCountFromTheNextCallOn() throws {
            let client = try fixture.client()
            let scope = VerifyRequest(token: fixture.admin, requiredScopes: ["issues:read"])
            #expect(try client.call(.verify, scope).verified().outcome == .valid)
            try write("[All]\nreports:read = Read reports\nworkspace:admin = Manage\n", to: path("scopes.conf"))
            try write("[reader]\nreports:*\n[tenant_admin]\n", to: path("roles.conf"))
            let text = "scopes-file = \(path("scopes.conf"))\nroles-file = \(path("roles.conf"))\n"
            #expect(try reload(text).reloaded().changedSettings == ["scopes-file", "roles-file"])
            let verified = try client.call(.verify, scope).verified()
            #expect(verified.outcome == .insufficientScope)
            #expect(
                try client.call(.verify, VerifyRequest(token: fixture.admin)).verified().scopes == ["workspace:admin"])
            let catalogue = try client.call(.listScopes, EmptyMessage()).decode {
                try ListScopesResponse(copying: ListScopesResponse.View($0)).groups
            }
            #expect(catalogue.map(\.name) == ["All"])
            let joining = try host.call(
                .putMember, PutMemberRequest(userID: "bob", role: "reader"), metadata: .delegated("ann", "ws_acme"))
            // Nobody has members:write any more.
            #expect(joining.status?.reason == .forbidden)
            #expect(try reload("").reloaded().changedSettings == ["scopes-file", "roles-file"])
            #expect(try client.call(.verify, scope).verified().outcome == .valid)
        }

        @Test func everyLoopJudgesByTheNewRulesFromTheAnswerOn() throws {
            let fixture = try ServerFixture(eventLoopCount: 3)
            let host = try fixture.operatorClient()
            let clients = try (0..<6).map { _ in try fixture.client() }
            let scopes = TrustedPath.parent(of: fixture.configurationPath) + "/scopes.conf"
            let request = VerifyRequest(token: fixture.admin, requiredScopes: ["issues:read"])
            for round in 0..<40 {
                let isNarrow = round % 2 == 0
                try write("[A]\n\(isNarrow ? "issues:write" : "issues:read") = x", to: scopes)
                try write("scopes-file = \(scopes)", to: fixture.configurationPath)
                _ = try host.call(.reload, ReloadRequest()).reloaded()
                for client in clients {
                    let verified = try client.call(.verify, request).verified()
                    #expect(verified.outcome == (isNarrow ? .insufficientScope : .valid))
                }
            }
        }

        @Test func limitsOfLifeAndOfChangesComeInForce() throws {
            let text = "max-lifetime-personal = 1h\nchanges-per-second = 1\nchanges-burst = 2\n"
            #expect(
                try reload(text).reloaded().changedSettings == [
                    "max-lifetime-personal", "changes-per-second", "changes-burst",
                ])
            let client = try fixture.client()
            func create(_ name: String) throws -> Reply {
                try client.call(
                    .createToken, CreateTokenRequest(name: name, scopes: ["issues:read"]),
                    metadata: [.bearer(fixture.admin)])
            }
            for name in ["a", "b"] {
                let status = try create(name).status
                #expect(status?.reason == .validationError)
                #expect(status?.badRequest?.fieldViolations.map(\.field) == ["expires_at"])
            }
            #expect(try create("c").status?.reason == .rateLimited)
        }

        // MARK: What does not

        @Test func whatNeedsARestartIsNamedAndLeavesNoEvent() throws {
            let text = "event-loops = 4\ntoken-prefixes = abc\nstore = /x\nsocket = /y\n"
            let expected = ReloadResponse(
                restartSettings: ["store", "socket", "event-loops", "token-prefixes"])
            #expect(try reload(text).reloaded() == expected)
            // Again, until it has been restarted.
            #expect(try reload(text).reloaded() == expected)
            #expect(try eventCount() == 0)
        }

        @Test func aReloadLeavesAnEventOnlyWhenSomethingHasChanged() throws {
            _ = try reload("changes-burst = 7").reloaded()
            _ = try reload("changes-burst = 7 # as before").reloaded()
            #expect(try eventCount() == 1)
            let event = try #require(
                try host.call(.listEvents, ListEventsRequest(action: "configuration.reloaded")).events().events.first)
            #expect(event.metadata == [KeyValue(key: "changed_settings", value: "changes-burst")])
            #expect(event.actor == "uid:0")
        }

        @Test(arguments: [
            ("grant = user:0 verify *\nchanges-burst = 0", "/tokend.conf:2", "changes-burst: must be a number"),
            ("grant = user:no-such-user verify *", "/tokend.conf:1", "has no user “no-such-user”"),
            ("grant = user:0 verify *\nscopes-file = SCOPES", "/scopes.conf:2", "“x” is no scope"),
            ("grant = user:0 verify *\nroles-file = ROLES", "/roles.conf:2", "the catalogue has no x:read"),
            ("scopes-file = /nonexistent/scopes.conf", "/nonexistent/scopes.conf", "No such file"),
            ("roles-file = /dev/null", "/dev/null", "has no role tenant_admin"),
            ("grant = user:0 verify *\nroles-file = FEW", "roles-file", "which 1 member has"),
        ])
        func aFaultAnywhereChangesNothingAndIsNamed(_ text: String, _ place: String, _ problem: String) throws {
            try write("[A]\nx = y", to: path("scopes.conf"))
            try write("[a]\nx:read\n[tenant_admin]", to: path("roles.conf"))
            try write("[analyst]\n[tenant_admin]", to: path("few.conf"))
            _ = try host.call(
                .putMember, PutMemberRequest(userID: "bob", role: "viewer"), metadata: .delegated("ann", "ws_acme")
            ).member()
            let reply = try reload(
                text.replacing("SCOPES", with: path("scopes.conf")).replacing("ROLES", with: path("roles.conf"))
                    .replacing("FEW", with: path("few.conf")))
            let status = try #require(reply.status)
            #expect(status.reason == .validationError)
            #expect(status.message.contains(problem), "\(status.message)")
            #expect(status.badRequest?.fieldViolations.first?.field.hasSuffix(place) == true)
            #expect(try eventCount() == 0)
            #expect(
                try fixture.client().call(.verify, VerifyRequest(token: fixture.admin)).verified().outcome == .valid)
        }

        @Test func reloadsAskedForTogetherFollowOneAnother() throws {
            try write("changes-burst = 7", to: fixture.configurationPath)
            let clients = try (0..<4).map { _ in try fixture.operatorClient() }
            for client in clients { for _ in 0..<4 { try client.begin(.reload, ReloadRequest()) } }
            var changed = 0
            for client in clients {
                for _ in 0..<4 {
                    let reply = try #require(try client.receive())
                    if try !reply.reloaded().changedSettings.isEmpty { changed += 1 }
                }
            }
            #expect(changed == 1)
            #expect(try eventCount() == 1)
        }
    }
}
