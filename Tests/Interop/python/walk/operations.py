"""OperationsService and Health: what the host's operator does."""

from walk.rows import ANYONE, OPERATOR, acting, bearer, event, refused, works
from walk.values import ANY, SECRET

ADA = acting("ada")


def bootstrap(workspace, user, keep, **fields):
    return works("Bootstrap", workspace, OPERATOR, {"workspace_id": workspace, "user_id": user, **fields}, {
        "secret": SECRET, "token": {
            "name": fields.get("token_name", "bootstrap"), "kind": "TOKEN_KIND_PERSONAL", "workspace_id": workspace,
            "owner_id": user, "scopes": [ANY] * 20, "created_by": "uid:{uid}", "state": "TOKEN_STATE_ACTIVE"}},
        event("workspace.created", workspace, workspace=workspace),
        event("member.added", user, workspace=workspace, role="tenant_admin"),
        event("token.created", f"{{{keep}.token.id}}", workspace=workspace), keep=keep)


# The workspace of the walk, and another one of which nothing may be seen in it.
FIRST = [bootstrap("ws_walk", "ada", "boot"), bootstrap("ws_other", "bob", "other_boot", token_name="first")]

STATUS = [
    works("Check", "the daemon", ANYONE, {}, {"status": "SERVING"}),
    works("Check", "a service", ANYONE, {"service": "tokend.v1.TokenService"}, {"status": "SERVING"}),
    refused("Check", "none of its services", ANYONE, {"service": "tokend.v1.Nonsense"}, "not_found"),
    works("GetStatus", "in short, for who may verify", ANYONE, {}, {
        "version": ANY, "ready": True, "not_ready_reason": None, "pid": None, "store_uuid": None, "head_seq": None}),
    works("GetStatus", "for the operator", OPERATOR, {}, {
        "version": ANY, "ready": True, "started_at": ANY, "store_path": "{directory}/store", "store_uuid": ANY,
        "head_seq": ANY, "head_hash": ANY, "workspace_count": 2, "token_count": ANY, "now": ANY, "clock_mark": ANY,
        "settings": None}, keep="status"),
    works("GetStatus", "every setting, but for the operator alone", ANYONE, {"with_settings": True}, {
        "ready": True, "settings": None}),
    works("GetMetrics", "for the operator", OPERATOR, {}, {"text": ANY}),
    refused("Bootstrap", "nothing", OPERATOR, {}, "validation_error", "workspace_id", "user_id"),
    refused("Bootstrap", "a workspace of another name, no token name", OPERATOR, {
        "workspace_id": "acme", "user_id": "ada", "token_name": "a\u0000"}, "validation_error", "workspace_id",
        "token_name"),
    refused("Bootstrap", "a workspace that exists", OPERATOR, {"workspace_id": "ws_walk", "user_id": "eve"},
            "conflict", facts={"workspace_id": "ws_walk"}),
]

WORKSPACES = [
    works("ListWorkspaces", "newest first", OPERATOR, {}, {
        "workspaces": [{"id": "ws_shut", "state": "WORKSPACE_STATE_ENDED"}, {"id": "ws_other"},
                       {"id": "ws_walk", "state": "WORKSPACE_STATE_ACTIVE", "created_at": ANY}], "total_size": 3}),
    works("ListWorkspaces", "by state", OPERATOR, {"state": "WORKSPACE_STATE_ENDED"}, {
        "workspaces": [{"id": "ws_shut"}], "total_size": 1}),
    refused("ListWorkspaces", "a page too long, no state", OPERATOR, {"page_size": 101, "state": 9},
            "validation_error", "page_size", "state"),
    works("SetWorkspaceState", "the state it has", OPERATOR, {
        "id": "ws_other", "state": "WORKSPACE_STATE_ACTIVE"}, {"workspace": {"id": "ws_other"}}),
    works("SetWorkspaceState", "ended, once more", OPERATOR, {"id": "ws_shut", "state": "WORKSPACE_STATE_ENDED"}, {
        "workspace": {"state": "WORKSPACE_STATE_ENDED"}}),
    refused("SetWorkspaceState", "no state", OPERATOR, {"id": "ws_other"}, "validation_error", "state"),
    refused("SetWorkspaceState", "a state that is none", OPERATOR, {"id": "ws_other", "state": 9},
            "validation_error", "state"),
    refused("SetWorkspaceState", "none", OPERATOR, {"id": "ws_none", "state": "WORKSPACE_STATE_ENDED"}, "not_found"),
    refused("SetWorkspaceState", "out of the end", OPERATOR, {"id": "ws_shut", "state": "WORKSPACE_STATE_ACTIVE"},
            "conflict", facts={"workspace_id": "ws_shut"}),
    refused("Bootstrap", "the id of a workspace that has ended", OPERATOR, {
        "workspace_id": "ws_shut", "user_id": "sid"}, "conflict", facts={"workspace_id": "ws_shut"}),
]

CHAIN = [
    works("VerifyChain", "all of it, to an event known from the status", OPERATOR, {
        "known_seq": "{status.head_seq}", "known_hash": "{status.head_hash}"}, {
        "intact": True, "first_seq": 1, "last_hash": ANY, "broken_seq": 0, "fault": None, "floor_seq": 0}),
    works("VerifyChain", "a range", OPERATOR, {"first_seq": 3, "last_seq": 5}, {
        "intact": True, "first_seq": 3, "last_seq": 5, "next_seq": 0}),
    works("VerifyChain", "against a hash that is another", OPERATOR, {
        "known_seq": 2, "known_hash": "AAAA" * 10 + "AAA="}, {
        "intact": False, "broken_seq": 2, "fault": "CHAIN_FAULT_REWRITTEN"}),
    works("VerifyChain", "against an event that is not there", OPERATOR, {
        "known_seq": 1000000, "known_hash": "AAAA" * 10 + "AAA="}, {"intact": False, "fault": "CHAIN_FAULT_CUT"}),
    refused("VerifyChain", "a hash that is none", OPERATOR, {"known_seq": 2, "known_hash": "AAAA"},
            "validation_error", "known_hash"),
    refused("VerifyChain", "a range without events", OPERATOR, {"first_seq": 5, "last_seq": 4}, "validation_error",
            "first_seq"),
    refused("VerifyChain", "a range behind the newest event", OPERATOR, {"first_seq": 1000000}, "validation_error",
            "first_seq"),
]


def reload(case, text, settings, **files):
    return works("Reload", case, OPERATOR, {}, {"changed_settings": settings.split(), "restart_settings": []},
                 event("configuration.reloaded", "", workspace="", changed_settings=settings),
                 files={"tokend.conf": text, **files})


PEER = "user:{uid}"
ACTING_HERE = acting("ada", socket="tokend.sock")
CONFIGURATION = [
    works("Reload", "nothing has changed", OPERATOR, {}, {"changed_settings": [], "restart_settings": []}),
    reload("how long a token may live", "max-lifetime-personal = 1h\n", "max-lifetime-personal"),
    refused("CreateToken", "for ever, when that is bounded", ADA, {"name": "x", "scopes": ["issues:read"]},
            "validation_error", "expires_at"),
    refused("CreateToken", "for too long", ADA, {
        "name": "x", "scopes": ["issues:read"], "expires_at": "2100-01-01T00:00:00Z"}, "validation_error",
        "expires_at"),
    refused("Reload", "a fault", OPERATOR, {}, "validation_error", "{directory}/tokend.conf:2",
            files={"tokend.conf": "# A comment\nnonsense\n"}),
    refused("Reload", "an audit that is kept for too short", OPERATOR, {}, "retention_below_minimum",
            facts={"place": "{directory}/tokend.conf:1"}, files={"tokend.conf": "audit-retention-days = 30\n"}),
    refused("Reload", "roles without one that members have", OPERATOR, {}, "validation_error", "roles-file", files={
        "tokend.conf": "roles-file = {directory}/roles.conf\n", "roles.conf": "[tenant_admin]\n"}),
    refused("CreateToken", "what was in force stays so", ADA, {"name": "x", "scopes": ["issues:read"]},
            "validation_error", "expires_at"),
    works("Reload", "what waits for a restart", OPERATOR, {}, {
        "changed_settings": ["max-lifetime-personal"], "restart_settings": ["event-loops"]},
        event("configuration.reloaded", "", workspace="", changed_settings="max-lifetime-personal"),
        files={"tokend.conf": "event-loops = 2\n"}),

    works("CreateToken", "bob's, which nobody uses", acting("bob", "ws_other"), {
        "name": "quiet", "scopes": ["issues:read"]}, {},
        event("token.created", "{quiet.token.id}", name="quiet", scopes="issues:read"), keep="quiet"),
    reload("this peer may act for the users of a workspace", f"grant = {PEER} delegate ws_walk\n", "grant"),
    works("WhoAmI", "a user of it, named on the other socket too", ACTING_HERE, {}, {"principal_id": "ada"}),
    refused("WhoAmI", "a user of another workspace", acting("bob", "ws_other", "tokend.sock"), {}, "forbidden",
            facts={"missing_grant": "delegate"}),
    works("Verify", "a token of another workspace, for a peer that is limited", ANYONE, {
        "token": "{other_boot.secret}"}, {"outcome": "VERIFY_OUTCOME_UNKNOWN", "token_id": None}),
    works("Verify", "for the wrong workspace", ANYONE, {"token": "{boot.secret}", "workspace_id": "ws_other"}, {
        "outcome": "VERIFY_OUTCOME_UNKNOWN", "token_id": None}),
    refused("WhoAmI", "the bearer of a token of another workspace", bearer("other_boot"), {}, "unauthorized"),
    refused("RevokeSelf", "a token of another workspace", ANYONE, {"token": "{other_boot.secret}"}, "not_found"),
    works("ReportUsage", "of a token of another workspace, which is passed over", ANYONE, {"usages": [
        {"token_id": "{quiet.token.id}", "count": 1, "last_used_at": "2020-01-01T00:00:00Z"}]}),
    reload("everything as it was", "", "grant"),
    works("WhoAmI", "as it was", bearer("other_boot"), {}, {"principal_id": "bob"}),
]
