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
        let policy = PeerPolicy(delegations: [.init(subject: .user(1000), workspaces: .everywhere)])
        #expect(policy.power(of: peer(0), on: .operator, daemonUID: 990) == Self.everything)
        #expect(policy.power(of: peer(990), on: .operator, daemonUID: 990) == Self.everything)
        for uid in [1, 989, 1000, 65534] as [UInt32] {
            #expect(policy.power(of: peer(uid, 0, [0, 990]), on: .operator, daemonUID: 990) == .none)
        }
    }

    @Test("65534 stands for many users and groups, so it matches none")
    func overflowID() {
        let policy = PeerPolicy(delegations: [
            .init(subject: .user(65534), workspaces: .everywhere),
            .init(subject: .group(65534), workspaces: .everywhere),
        ])
        #expect(policy.power(of: peer(65534, 65534, [65534]), on: .service, daemonUID: 65534) == Self.client)
        #expect(policy.power(of: peer(65534, 65534, [65534]), on: .operator, daemonUID: 65534) == .none)
    }

    @Test("the configuration gives delegation to a user or a group, in the workspaces it names")
    func delegations() {
        let policy = PeerPolicy(delegations: [
            .init(subject: .user(1000), workspaces: .only(["ws_a"])),
            .init(subject: .group(500), workspaces: .only(["ws_b"])),
            .init(subject: .group(600), workspaces: .everywhere),
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

    @Test("a grant reaches the workspaces it names")
    func reach() {
        #expect(WorkspaceReach.everywhere.covers("ws_a"))
        #expect(WorkspaceReach.only(["ws_a"]).covers("ws_a"))
        #expect(!WorkspaceReach.only(["ws_a"]).covers("ws_b"))
        #expect(!WorkspaceReach.only([]).covers(""))
    }
}
