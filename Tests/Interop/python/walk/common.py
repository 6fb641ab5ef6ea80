"""What holds for every method alike, by PROTOCOL.md's table of methods: grants, callers, scopes, deadlines."""

from walk.rows import ANYONE, OPERATOR, acting, bearer, lacks, refused

REA, ADA = acting("rea"), acting("ada")
ROBOT, TOKEN = "{robot.service_account.id}", "{robot_token.token.id}"

# A request in which nothing is wrong, for each method that may be refused for other reasons than its request.
REQUESTS = {
    "ListScopes": {}, "WhoAmI": {}, "CreateToken": {"name": "x", "scopes": ["issues:read"]}, "ListTokens": {},
    "GetToken": {"id": "{boot.token.id}"}, "RollToken": {"id": "{boot.token.id}"},
    "RevokeToken": {"id": "{boot.token.id}"}, "RevokeSelf": {"token": "{boot.secret}"},
    "ImportTokens": {"tokens": [{"digest": "AAAA" * 10 + "AAA=", "name": "x", "scopes": ["issues:read"]}]},
    "CreateServiceAccount": {"name": "x"}, "ListServiceAccounts": {}, "DeleteServiceAccount": {"id": ROBOT},
    "GetServiceAccount": {"id": ROBOT}, "UpdateServiceAccount": {"id": ROBOT, "name": "x"},
    "IssueServiceAccountToken": {"service_account_id": ROBOT, "name": "x"},
    "RevokeServiceAccountToken": {"service_account_id": ROBOT, "id": TOKEN},
    "ListServiceAccountTokens": {"service_account_id": ROBOT},
    "RollServiceAccountToken": {"service_account_id": ROBOT, "id": TOKEN},
    "PutMember": {"user_id": "x", "role": "viewer"}, "ListMembers": {}, "RemoveMember": {"user_id": "rea"},
    "ListEvents": {}, "TailEvents": {}, "Bootstrap": {"workspace_id": "ws_x", "user_id": "x"}, "ListWorkspaces": {},
    "SetWorkspaceState": {"id": "ws_walk", "state": "WORKSPACE_STATE_SUSPENDED"}, "VerifyChain": {}, "Reload": {},
    "GetStatus": {}, "Verify": {"token": "{boot.secret}"}, "VerifyBatch": {}, "Check": {}, "GetCachePage": {},
    "ReportUsage": {}, "Backup": {}, "GetMetrics": {},
}

# Whom a method refuses who lacks one scope, whatever the request says.
SCOPES = {
    "ImportTokens": "workspace:admin", "CreateServiceAccount": "workspace:admin",
    "ListServiceAccounts": "workspace:admin", "DeleteServiceAccount": "workspace:admin",
    "GetServiceAccount": "workspace:admin", "UpdateServiceAccount": "workspace:admin",
    "IssueServiceAccountToken": "workspace:admin", "RevokeServiceAccountToken": "workspace:admin",
    "ListServiceAccountTokens": "workspace:admin", "RollServiceAccountToken": "workspace:admin",
    "PutMember": "members:write", "ListMembers": "members:write", "RemoveMember": "members:admin",
    "ListEvents": "audit:read", "TailEvents": "audit:read",
}


def rows(protocol_text):
    return [row for name in protocol_text.methods for row in rows_of(name, *protocol_text.methods[name])]


def rows_of(name, grants, caller):
    request = REQUESTS[name]
    if grants == {"operate"}:
        yield refused(name, "without the grant", ANYONE, request, "forbidden", facts={"missing_grant": "operate"})
        yield refused(name, "without the grant, before the payload is looked at", ANYONE, {}, "forbidden",
                      facts={"missing_grant": "operate"}, payload=b"\xff")
    if caller not in ("none", "optional") and not caller.startswith("none:"):
        yield refused(name, "without a caller", ANYONE, request, "unauthorized")
        yield refused(name, "by a token that does not verify", bearer("nonsense"), request, "unauthorized")
    if name in SCOPES:
        yield lacks(name, "without the scope", REA, request, SCOPES[name])
    # The host's operator may ask for everything, and names a user where one is needed.
    asked = OPERATOR if grants == {"operate"} or caller == "none" else ADA
    yield refused(name, "too late", asked, request, "deadline_exceeded", timeout_nano=1)
    yield refused(name, "a payload that ends in the middle", asked, {}, "validation_error", payload=b"\x0a\x05x")
    yield refused(name, "a field of a wire type that is none", asked, {}, "validation_error", payload=b"\x0f")

