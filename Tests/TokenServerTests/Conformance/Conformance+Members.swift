import TokenWire

extension Conformance {
    static let members: [Conformance] = [
        .yes(.putMember, "who joins", leaving: "member.added") { _ in
            PutMemberRequest(userID: "zoe", role: "viewer")
        },
        .yes(.putMember, "another role", leaving: "member.role_changed") { _ in
            PutMemberRequest(userID: "bob", role: "viewer")
        },
        .yes(.putMember, "suspended", leaving: "member.suspended") { _ in
            PutMemberRequest(userID: "bob", status: .suspended)
        },
        .yes(.putMember, "back again", leaving: "member.reactivated", after: suspendBob) { _ in
            PutMemberRequest(userID: "bob", status: .active)
        },
        .yes(.putMember, "role and status at once", leaving: "member.role_changed", "member.suspended") { _ in
            PutMemberRequest(userID: "bob", role: "viewer", status: .suspended)
        },
        .yes(.putMember, "as is") { _ in PutMemberRequest(userID: "bob", role: "analyst", status: .active) },
        .no(.putMember, .validationError, "who joins without a role", naming: "role") { _ in
            PutMemberRequest(userID: "zoe")
        },
        .no(.putMember, .validationError, "a role that is none", naming: "role") { _ in
            PutMemberRequest(userID: "bob", role: "emperor")
        },
        .no(.putMember, .validationError, "nobody, and no status", naming: "user_id", "status") { _ in
            PutMemberRequest(userID: "", status: MemberStatus(rawValue: 9))
        },
        .no(.putMember, .forbidden, "without the scope", as: .bearer("bob"), naming: "members:write") { _ in
            PutMemberRequest(userID: "zoe", role: "viewer")
        },
        .no(
            .putMember, .forbidden, "to more than the caller holds", as: .bearer("usher"),
            naming: "ingest:write", "issues:write", "patterns:write", "predictions:write", "recommendations:write",
            after: addUsher
        ) { _ in PutMemberRequest(userID: "zoe", role: "analyst") },
        .no(.putMember, .lastAdmin, "the last administrator, demoted") { _ in
            PutMemberRequest(userID: "ann", role: "viewer")
        },
        .no(.putMember, .lastAdmin, "the last administrator, suspended") { _ in
            PutMemberRequest(userID: "ann", status: .suspended)
        },
        .yes(.listMembers, "all") { _ in ListMembersRequest() },
        .no(.listMembers, .forbidden, "without the scope", as: .bearer("bob"), naming: "members:write") { _ in
            ListMembersRequest()
        },
        .no(.listMembers, .validationError, "a status that is none", naming: "page_size", "status") { _ in
            ListMembersRequest(pageSize: 101, status: MemberStatus(rawValue: 9))
        },
        .yes(.removeMember, "one", leaving: "member.removed") { _ in RemoveMemberRequest(userID: "bob") },
        .no(.removeMember, .notFound, "nobody") { _ in RemoveMemberRequest(userID: "zoe") },
        .no(.removeMember, .lastAdmin, "the last administrator") { _ in RemoveMemberRequest(userID: "ann") },
        .no(.removeMember, .forbidden, "without the scope", as: .bearer("bob"), naming: "members:admin") { _ in
            RemoveMemberRequest(userID: "bob")
        },
    ]

    @Sendable private static func suspendBob(_ world: World) throws {
        _ = try world.call(.putMember, PutMemberRequest(userID: "bob", status: .suspended), .user("ann")).member()
    }

    /// A token that may let viewers join and nobody above them.
    @Sendable private static func addUsher(_ world: World) throws {
        try world.createToken(
            "usher", of: "ann",
            ["members:write", "issues:read", "patterns:read", "predictions:read", "recommendations:read"])
    }

    static let host: [Conformance] = [
        .yes(.listEvents, "of the workspace") { _ in ListEventsRequest() },
        .yes(.listEvents, "of the host", as: .host) { _ in ListEventsRequest() },
        .no(.listEvents, .forbidden, "without the scope", as: .bearer("weak"), naming: "audit:read") { _ in
            ListEventsRequest()
        },
        .no(.listEvents, .unauthorized, "of the host on the service socket", as: .nobody) { _ in ListEventsRequest() },
        .no(.listEvents, .validationError, "times that are none", naming: "start_time", "end_time") { _ in
            ListEventsRequest(startTime: Timestamp(seconds: .max), endTime: Timestamp(seconds: .min))
        },
        .yes(.getStatus, "in short", as: .nobody) { _ in EmptyMessage() },
        .yes(.getMetrics, "for the operator", as: .host) { _ in EmptyMessage() },
        .yes(
            .bootstrap, "a workspace", as: .host, leaving: "workspace.created", "member.added", "token.created"
        ) { _ in BootstrapRequest(workspaceID: "ws_new", userID: "ann") },
        .no(.bootstrap, .conflict, "one that exists", as: .host) { _ in
            BootstrapRequest(workspaceID: "ws_acme", userID: "ann")
        },
        .no(.bootstrap, .validationError, "what is none", as: .host, naming: "workspace_id", "user_id") { _ in
            BootstrapRequest()
        },
        .yes(.listWorkspaces, "all", as: .host) { _ in ListWorkspacesRequest() },
        .no(.listWorkspaces, .validationError, "a state that is none", as: .host, naming: "page_size", "state") { _ in
            ListWorkspacesRequest(pageSize: -1, state: WorkspaceState(rawValue: 9))
        },
        .yes(.setWorkspaceState, "suspended", as: .host, leaving: "workspace.suspended") { _ in
            SetWorkspaceStateRequest(id: "ws_acme", state: .suspended)
        },
        .yes(
            .setWorkspaceState, "back again", as: .host, leaving: "workspace.reactivated",
            after: { try set(.suspended, $0) }
        ) {
            _ in SetWorkspaceStateRequest(id: "ws_acme", state: .active)
        },
        .yes(.setWorkspaceState, "as is", as: .host) { _ in
            SetWorkspaceStateRequest(id: "ws_acme", state: .active)
        },
        .yes(.setWorkspaceState, "ended", as: .host, leaving: "workspace.ended") { _ in
            SetWorkspaceStateRequest(id: "ws_acme", state: .ended)
        },
        .no(.setWorkspaceState, .conflict, "after its end", as: .host, after: { try set(.ended, $0) }) { _ in
            SetWorkspaceStateRequest(id: "ws_acme", state: .active)
        },
        .no(.setWorkspaceState, .notFound, "none", as: .host) { _ in
            SetWorkspaceStateRequest(id: "ws_none", state: .suspended)
        },
        .no(.setWorkspaceState, .validationError, "to no state", as: .host, naming: "state") { _ in
            SetWorkspaceStateRequest(id: "ws_acme")
        },
        .yes(.verifyChain, "all of it", as: .host) { _ in VerifyChainRequest() },
        .no(.verifyChain, .validationError, "half of what is known", as: .host, naming: "known_hash") { _ in
            VerifyChainRequest(knownSeq: 1)
        },
        .no(.verifyChain, .validationError, "an empty range", as: .host, naming: "first_seq") { _ in
            VerifyChainRequest(firstSeq: 5, lastSeq: 4)
        },
        .no(.verifyChain, .validationError, "a range above the newest event", as: .host, naming: "first_seq") { _ in
            VerifyChainRequest(firstSeq: 1_000_000)
        },
        .yes(.checkHealth, "of the daemon", as: .nobody) { _ in HealthCheckRequest() },
        .no(.checkHealth, .notFound, "of a service that is none", as: .nobody) { _ in
            HealthCheckRequest(service: "none")
        },
    ]

    private static func set(_ state: WorkspaceState, _ world: World) throws {
        let request = SetWorkspaceStateRequest(id: "ws_acme", state: state)
        _ = try world.call(.setWorkspaceState, request, .host).decode { _ in }
    }
}
