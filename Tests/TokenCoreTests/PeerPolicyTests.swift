import Testing

@testable import TokenCore

@Suite("Peer policy")
struct PeerPolicyTests {
    static let everything = PeerPower(grants: [.verify, .act, .delegate, .operate], delegation: .everywhere)
    static let client = PeerPower(grants: [.verify, .act], delegation: .only([]))

    private func peer(_ uid: UInt32, _ gid: UInt32 = 100, _ groups: [UInt32] = []) -> PeerIdentity {
        PeerIdentity(uid: uid, gid: gid, groups: groups)
    }

    @Test(
        "whoever can open the service socket may verify and act, root no more than others",
        arguments: [0, 1, 990, 1000, 65534, .max] as [UInt32])
    func serviceSocket(uid: UInt32) {
        #expect(PeerPolicy().power(of: peer(uid, 0, [0]), on: .service, daemonUID: 990) == Self.client)
    }

    @Test("on the operator socket root and the daemon's own user may do everything, others nothing")
    func operatorSocket() {
        let policy = PeerPolicy(grants: [
            .init(subject: .user(1000), right: .delegate, workspaces: .everywhere),
            .init(subject: .user(0), right: .verify, workspaces: .only(["ws_a"])),
        ])
        #expect(policy.power(of: peer(0), on: .operator, daemonUID: 990) == Self.everything)
        #expect(policy.power(of: peer(990), on: .operator, daemonUID: 990) == Self.everything)
        for uid in [1, 989, 1000, 65534] as [UInt32] {
            #expect(policy.power(of: peer(uid, 0, [0, 990]), on: .operator, daemonUID: 990) == .none)
        }
    }

    @Test("65534 stands for many users and groups, so it matches none")
    func overflowID() {
        let policy = PeerPolicy(grants: [
            .init(subject: .user(65534), right: .delegate, workspaces: .everywhere),
            .init(subject: .group(65534), right: .delegate, workspaces: .everywhere),
        ])
        #expect(policy.power(of: peer(65534, 65534, [65534]), on: .service, daemonUID: 65534) == Self.client)
        #expect(policy.power(of: peer(65534, 65534, [65534]), on: .operator, daemonUID: 65534) == .none)
    }

    @Test("the configuration gives delegation to a user or a group, in the workspaces it names")
    func delegations() {
        let policy = PeerPolicy(grants: [
            .init(subject: .user(1000), right: .delegate, workspaces: .only(["ws_a"])),
            .init(subject: .group(500), right: .delegate, workspaces: .only(["ws_b"])),
            .init(subject: .group(600), right: .delegate, workspaces: .everywhere),
        ])
        func delegation(_ peer: PeerIdentity) -> WorkspaceReach? {
            let power = policy.power(of: peer, on: .service, daemonUID: 990)
            #expect(power.grants.contains([.verify, .act]))
            #expect(!power.grants.contains(.operate))
            return power.grants.contains(.delegate) ? power.delegation : nil
        }
        #expect(delegation(peer(1001)) == nil)
        #expect(delegation(peer(0)) == nil)
        #expect(delegation(peer(1000)) == .only(["ws_a"]))
        #expect(delegation(peer(1001, 500)) == .only(["ws_b"]))
        #expect(delegation(peer(1001, 100, [7, 500])) == .only(["ws_b"]))
        #expect(delegation(peer(1000, 500)) == .only(["ws_a", "ws_b"]))
        #expect(delegation(peer(1000, 500, [600])) == .everywhere)
        #expect(delegation(peer(500)) == nil)
    }

    @Test("whom a grant names is limited to the workspaces of all that name it, delegated there or not")
    func limits() {
        let policy = PeerPolicy(grants: [
            .init(subject: .user(1000), right: .delegate, workspaces: .only(["ws_a"])),
            .init(subject: .group(500), right: .verify, workspaces: .only(["ws_b", "ws_c"])),
            .init(subject: .group(600), right: .verify, workspaces: .everywhere),
        ])
        func power(_ peer: PeerIdentity) -> PeerPower { policy.power(of: peer, on: .service, daemonUID: 990) }
        #expect(power(peer(1001)).reach == .everywhere)
        #expect(power(peer(1000)).reach == .only(["ws_a"]))
        #expect(power(peer(1001, 500)).reach == .only(["ws_b", "ws_c"]))
        #expect(!power(peer(1001, 500)).grants.contains(.delegate))
        let both = power(peer(1000, 500))
        #expect(both.reach == .only(["ws_a", "ws_b", "ws_c"]))
        #expect(both.delegation == .only(["ws_a"]))
        let free = power(peer(1000, 500, [600]))
        #expect(free.reach == .everywhere)
        #expect(free.delegation == .only(["ws_a"]))
    }

    @Test("a grant reaches the workspaces it names")
    func reach() {
        #expect(WorkspaceReach.everywhere.covers("ws_a"))
        #expect(WorkspaceReach.only(["ws_a"]).covers("ws_a"))
        #expect(!WorkspaceReach.only(["ws_a"]).covers("ws_b"))
        #expect(!WorkspaceReach.only([]).covers(""))
        #expect(WorkspaceReach.only([]).isLimited)
        #expect(!WorkspaceReach.everywhere.isLimited)
    }
}

@Suite("The text of a grant")
struct PeerGrantTests {
    private func grant(_ text: String) throws(SettingProblem) -> PeerGrant {
        try PeerGrant(text: text) { name in
            switch name {
            case .user("api"), .group("api"): 1000
            case .user("nobody"), .group("nogroup"): 65534
            case .group("billing"): 500
            default: nil
            }
        }
    }

    @Test("names a user or a group, what it may do, and where")
    func read() throws {
        #expect(
            try grant("user:api delegate ws_a ws_b")
                == PeerGrant(subject: .user(1000), right: .delegate, workspaces: .only(["ws_a", "ws_b"])))
        #expect(
            try grant("group:billing \t verify  ws_a")
                == PeerGrant(subject: .group(500), right: .verify, workspaces: .only(["ws_a"])))
        #expect(
            try grant("user:0 verify *") == PeerGrant(subject: .user(0), right: .verify, workspaces: .everywhere))
        #expect(
            try grant("group:4242 delegate *")
                == PeerGrant(subject: .group(4242), right: .delegate, workspaces: .everywhere))
    }

    @Test(
        "says what is wrong with it",
        arguments: [
            ("", "must be user:NAME or group:NAME, then verify"), ("user:api", "must be user:NAME"),
            ("user:api verify", "must be user:NAME"), ("user:api ws_a", "must be user:NAME"),
            ("user:api act ws_a", "must be user:NAME"), ("user:api operate *", "must be user:NAME"),
            ("api verify *", "“api” names nobody; it must be user:NAME"),
            ("uid:7 verify *", "“uid:7” names nobody"),
            ("user:eve verify *", "this host has no user “eve”; add it, or correct the name"),
            ("group:eve verify *", "this host has no group “eve”"), ("user: verify *", "this host has no user “”"),
            ("user:-1 verify *", "this host has no user “-1”"),
            ("user:4294967295 verify *", "this host has no user “4294967295”"),
            ("user:4294967296 verify *", "this host has no user “4294967296”"),
            ("user:65534 verify *", "user 65534 has the id 65534, which stands for many"),
            ("user:nobody verify *", "user nobody has the id 65534"),
            ("group:nogroup delegate *", "group nogroup has the id 65534"),
            ("user:api verify acme", "“acme” is no workspace; an id begins with ws_"),
            ("user:api verify ws_", "“ws_” is no workspace"), ("user:api verify ws_a,ws_\"", "is no workspace"),
            ("user:api verify ws_a *", "* stands for every workspace; give it alone"),
        ])
    func refused(text: String, problem: String) throws {
        let thrown = try #require(throws: SettingProblem.self) { try grant(text) }
        #expect(thrown.message.hasPrefix(problem) || thrown.message.contains(problem), "\(thrown.message)")
    }
}
