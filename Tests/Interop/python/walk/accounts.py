"""ServiceAccountService: accounts and their tokens."""

from walk.rows import acting, bearer, event, lacks, refused, works
from walk.values import ACCOUNT_ID, ANY, SECRET

ADA, REA = acting("ada"), acting("rea")
NONE = "sa_01ARZ3NDEKTSV4RRFFQ69G5FAV"
NO_TOKEN = "tok_01ARZ3NDEKTSV4RRFFQ69G5FAV"
REQUEST = "00000000-0000-4000-8000-{}"
ROBOT = "{robot.service_account.id}"


def of_token(action, keep, account="robot", **metadata):
    return event(
        "service_account.token_" + action, f"{{{keep}.token.id}}",
        service_account=f"{{{account}.service_account.id}}", **metadata)


# Before the walk of TokenService, which needs an account's token.
FIRST = [
    works("CreateServiceAccount", "an account", ADA, {"name": "robot", "scopes": ["workspace:admin", "issues:read"]}, {
        "service_account": {
            "id": ACCOUNT_ID, "name": "robot", "workspace_id": "ws_walk", "scopes": ["issues:read", "workspace:admin"],
            "disabled": False, "created_at": ANY, "created_by": "ada", "updated_at": None}},
        event("service_account.created", ROBOT, name="robot", scopes="issues:read workspace:admin"), keep="robot"),
    works("IssueServiceAccountToken", "with all scopes of the account", ADA, {
        "service_account_id": ROBOT, "name": "first"}, {
        "secret": SECRET, "token": {
            "name": "first", "kind": "TOKEN_KIND_SERVICE_ACCOUNT", "workspace_id": "ws_walk", "owner_id": ROBOT,
            "scopes": ["issues:read", "workspace:admin"], "created_by": "ada", "state": "TOKEN_STATE_ACTIVE"}},
        of_token("issued", "robot_token", name="first", scopes="issues:read workspace:admin"), keep="robot_token"),
    works("WhoAmI", "a service account", bearer("robot_token"), {}, {
        "principal_id": ROBOT, "caller_kind": "CALLER_KIND_SERVICE_ACCOUNT_TOKEN", "workspace_id": "ws_walk",
        "role": None, "scopes": ["issues:read", "workspace:admin"], "token": {"id": "{robot_token.token.id}"}}),
]

ACCOUNTS = [
    works("CreateServiceAccount", "by an account, without scopes", bearer("robot_token"), {"name": "empty"}, {
        "service_account": {"scopes": [], "created_by": ROBOT}},
        event("service_account.created", "{empty.service_account.id}", name="empty", scopes=""), keep="empty"),
    works("CreateServiceAccount", "with a request id", ADA, {
        "name": "once", "scopes": ["issues:read"], "request_id": REQUEST.format("000000000001")}, {},
        event("service_account.created", "{once.service_account.id}", name="once", scopes="issues:read"), keep="once"),
    works("CreateServiceAccount", "the same again: the account as it is", ADA, {
        "name": "once", "scopes": ["issues:read"], "request_id": REQUEST.format("000000000001")}, {
        "service_account": {"id": "{once.service_account.id}"}}),
    refused("CreateServiceAccount", "something else under this request id", ADA, {
        "name": "twice", "request_id": REQUEST.format("000000000001")}, "conflict",
        facts={"service_account_id": "{once.service_account.id}"}),
    refused("CreateServiceAccount", "without a name, no scope, no UUID", ADA, {"scopes": ["x"], "request_id": "x"},
            "validation_error", "name", "scopes", "request_id"),
    refused("CreateServiceAccount", "a scope that is not in the catalogue", ADA, {"name": "x", "scopes": ["x:y"]},
            "validation_error", "scopes"),
    refused("CreateServiceAccount", "a name that is taken", ADA, {"name": "robot"}, "conflict",
            facts={"service_account_id": ROBOT}),
    lacks("CreateServiceAccount", "more than the caller holds", bearer("robot_token"), {
        "name": "more", "scopes": ["issues:write"]}, "issues:write"),

    works("GetServiceAccount", "by id", ADA, {"id": ROBOT}, {"service_account": {"name": "robot"}}),
    refused("GetServiceAccount", "none", ADA, {"id": NONE}, "not_found"),
    refused("GetServiceAccount", "no id", ADA, {"id": "robot"}, "not_found"),
    works("ListServiceAccounts", "newest first", ADA, {}, {
        "service_accounts": [{"name": "once"}, {"name": "empty"}, {"name": "robot"}], "total_size": 3}),
    works("ListServiceAccounts", "by name, scope and state", ADA, {
        "name_prefix": "ro", "scope": "issues:read", "disabled": False}, {
        "service_accounts": [{"name": "robot"}], "total_size": 1}),
    refused("ListServiceAccounts", "a page too long, by no scope", ADA, {"page_size": 101, "scope": "x"},
            "validation_error", "page_size", "scope"),

    works("UpdateServiceAccount", "name and scopes", ADA, {
        "id": "{empty.service_account.id}", "name": "full", "scopes": {"scopes": ["issues:write", "issues:read"]}}, {
        "service_account": {"name": "full", "scopes": ["issues:read", "issues:write"], "updated_at": ANY}},
        event("service_account.updated", "{empty.service_account.id}", name="full", previous_name="empty",
              scopes="issues:read issues:write", previous_scopes="")),
    works("UpdateServiceAccount", "what it is already", ADA, {
        "id": "{empty.service_account.id}", "name": "full", "disabled": False}, {"service_account": {"name": "full"}}),
    works("UpdateServiceAccount", "no scopes any more", ADA, {"id": "{once.service_account.id}", "scopes": {}}, {
        "service_account": {"scopes": []}},
        event("service_account.updated", "{once.service_account.id}", scopes="", previous_scopes="issues:read")),
    works("UpdateServiceAccount", "disabled", ADA, {"id": "{once.service_account.id}", "disabled": True}, {
        "service_account": {"disabled": True}},
        event("service_account.updated", "{once.service_account.id}", disabled="true")),
    works("ListServiceAccounts", "those that are disabled", ADA, {"disabled": True}, {
        "service_accounts": [{"name": "once"}]}),
    works("UpdateServiceAccount", "disabled, with scopes", ADA, {"id": "{empty.service_account.id}", "disabled": True},
          {}, event("service_account.updated", "{empty.service_account.id}", disabled="true")),
    lacks("UpdateServiceAccount", "enabled by who holds less than it has", bearer("robot_token"), {
        "id": "{empty.service_account.id}", "disabled": False}, "issues:write"),
    works("UpdateServiceAccount", "enabled", ADA, {"id": "{empty.service_account.id}", "disabled": False}, {
        "service_account": {"disabled": False}},
        event("service_account.updated", "{empty.service_account.id}", disabled="false")),
    refused("UpdateServiceAccount", "an empty name", ADA, {"id": ROBOT, "name": ""}, "validation_error", "name"),
    refused("UpdateServiceAccount", "no scope", ADA, {"id": ROBOT, "scopes": {"scopes": ["x"]}},
            "validation_error", "scopes"),
    refused("UpdateServiceAccount", "a name that is taken", ADA, {"id": ROBOT, "name": "full"}, "conflict",
            facts={"service_account_id": "{empty.service_account.id}"}),
    refused("UpdateServiceAccount", "none", ADA, {"id": NONE, "name": "x"}, "not_found"),
    lacks("UpdateServiceAccount", "to more than the caller holds", bearer("robot_token"), {
        "id": ROBOT, "scopes": {"scopes": ["audit:read"]}}, "audit:read"),
]

TOKENS = [
    works("IssueServiceAccountToken", "some of the scopes, with an end and a request id", ADA, {
        "service_account_id": "{empty.service_account.id}", "name": "some", "scopes": ["issues:read"],
        "expires_at": "2100-01-01T00:00:00Z", "request_id": REQUEST.format("000000000002")}, {
        "token": {"scopes": ["issues:read"], "expires_at": "2100-01-01T00:00:00Z"}},
        of_token("issued", "some", "empty", name="some", scopes="issues:read", expires_at="2100-01-01T00:00:00Z"),
        keep="some"),
    works("IssueServiceAccountToken", "the same again: a fresh secret", ADA, {
        "service_account_id": "{empty.service_account.id}", "name": "some", "scopes": ["issues:read"],
        "expires_at": "2100-01-01T00:00:00Z", "request_id": REQUEST.format("000000000002")}, {
        "secret": SECRET, "token": {"id": "{some.token.id}"}},
        of_token("rolled", "some", "empty", name="some", repeated_request=REQUEST.format("000000000002")),
        keep="some_2"),
    refused("WhoAmI", "by the secret that was lost", bearer("some"), {}, "unauthorized"),
    works("UpdateServiceAccount", "a token keeps what it was issued with", ADA, {
        "id": "{empty.service_account.id}", "scopes": {"scopes": ["issues:write"]}}, {},
        event("service_account.updated", "{empty.service_account.id}", scopes="issues:write",
              previous_scopes="issues:read issues:write")),
    works("WhoAmI", "with them", bearer("some_2"), {}, {"scopes": ["issues:read"]}),
    refused("IssueServiceAccountToken", "a scope that the account has not", ADA, {
        "service_account_id": "{empty.service_account.id}", "name": "x", "scopes": ["issues:read"]},
        "validation_error", "scopes"),
    refused("IssueServiceAccountToken", "without a name, no UUID", ADA, {
        "service_account_id": ROBOT, "request_id": "x"}, "validation_error", "name", "request_id"),
    refused("IssueServiceAccountToken", "an end in the past", ADA, {
        "service_account_id": ROBOT, "name": "x", "expires_at": "2020-01-01T00:00:00Z"},
        "validation_error", "expires_at"),
    refused("IssueServiceAccountToken", "a name that is taken", ADA, {"service_account_id": ROBOT, "name": "first"},
            "conflict", facts={"token_id": "{robot_token.token.id}"}),
    refused("IssueServiceAccountToken", "of none", ADA, {"service_account_id": NONE, "name": "x"}, "not_found"),
    refused("IssueServiceAccountToken", "for longer than the bearer lives", bearer("ending"), {
        "service_account_id": ROBOT, "name": "x"}, "forbidden", facts={"expires_at": "2100-01-01T00:00:00Z"}),
    lacks("IssueServiceAccountToken", "more than the caller holds", bearer("robot_token"), {
        "service_account_id": "{empty.service_account.id}", "name": "x"}, "issues:write"),

    works("ListServiceAccountTokens", "by name and scope", ADA, {
        "service_account_id": ROBOT, "name_prefix": "fi", "scope": "issues:read", "state": "TOKEN_STATE_ACTIVE",
        "kind": "TOKEN_KIND_SERVICE_ACCOUNT"}, {"tokens": [{"id": "{robot_token.token.id}"}], "total_size": 1}),
    works("ListServiceAccountTokens", "those that end before a time, not used since", ADA, {
        "service_account_id": "{empty.service_account.id}", "expires_before": "2200-01-01T00:00:00Z",
        "unused_since": "2020-01-01T00:00:00Z"}, {"tokens": [{"name": "some"}]}),
    refused("ListServiceAccountTokens", "a member's kind and state", ADA, {
        "service_account_id": ROBOT, "kind": "TOKEN_KIND_PERSONAL", "state": "TOKEN_STATE_OWNER_SUSPENDED",
        "page_size": 101}, "validation_error", "kind", "state", "page_size"),
    refused("ListServiceAccountTokens", "of none", ADA, {"service_account_id": NONE}, "not_found"),

    works("RollServiceAccountToken", "with an overlap and a request id", ADA, {
        "service_account_id": ROBOT, "id": "{robot_token.token.id}", "overlap_seconds": 600,
        "request_id": REQUEST.format("000000000003")}, {
        "secret": SECRET, "token": {"id": "{robot_token.token.id}", "rolled_at": ANY}},
        of_token("rolled", "robot_token", name="first", overlap_seconds="600"), keep="robot_2"),
    works("RollServiceAccountToken", "the same again: a fresh secret", ADA, {
        "service_account_id": ROBOT, "id": "{robot_token.token.id}", "overlap_seconds": 600,
        "request_id": REQUEST.format("000000000003")}, {},
        of_token("rolled", "robot_token", name="first", repeated_request=REQUEST.format("000000000003")),
        keep="robot_3"),
    works("WhoAmI", "by the old secret while the overlap runs", bearer("robot_token"), {}, {"principal_id": ROBOT}),
    refused("WhoAmI", "by the one that was lost", bearer("robot_2"), {}, "unauthorized"),
    works("RollServiceAccountToken", "a token itself, whatever it holds", bearer("some_2"), {
        "service_account_id": "{empty.service_account.id}", "id": "{some.token.id}", "overlap_seconds": 60}, {},
        of_token("rolled", "some", "empty", name="some", overlap_seconds="60"), keep="some_3"),
    refused("RollServiceAccountToken", "itself without an overlap", bearer("some_3"), {
        "service_account_id": "{empty.service_account.id}", "id": "{some.token.id}"},
        "validation_error", "overlap_seconds"),
    lacks("RollServiceAccountToken", "another's, without workspace:admin", bearer("some_3"), {
        "service_account_id": ROBOT, "id": "{robot_token.token.id}", "overlap_seconds": 60}, "workspace:admin"),
    refused("RollServiceAccountToken", "one that outlives the bearer", bearer("ending"), {
        "service_account_id": ROBOT, "id": "{robot_token.token.id}"}, "forbidden",
        facts={"expires_at": "2100-01-01T00:00:00Z"}),
    refused("RollServiceAccountToken", "an overlap of more than seven days", ADA, {
        "service_account_id": ROBOT, "id": "{robot_token.token.id}", "overlap_seconds": 604801, "request_id": "x"},
        "validation_error", "overlap_seconds", "request_id"),
    refused("RollServiceAccountToken", "another account's", ADA, {
        "service_account_id": ROBOT, "id": "{some.token.id}"}, "not_found"),
    refused("RollServiceAccountToken", "a member's", ADA, {
        "service_account_id": ROBOT, "id": "{boot.token.id}"}, "not_found"),
    refused("RollServiceAccountToken", "none", ADA, {"service_account_id": ROBOT, "id": NO_TOKEN}, "not_found"),

    works("RevokeServiceAccountToken", "one of the account's", ADA, {
        "service_account_id": "{empty.service_account.id}", "id": "{some.token.id}"}, {
        "token": {"state": "TOKEN_STATE_REVOKED", "revoked_at": ANY}},
        of_token("revoked", "some", "empty", name="some")),
    works("RevokeServiceAccountToken", "again", ADA, {
        "service_account_id": "{empty.service_account.id}", "id": "{some.token.id}"}, {
        "token": {"state": "TOKEN_STATE_REVOKED"}}),
    refused("RollServiceAccountToken", "a revoked one", ADA, {
        "service_account_id": "{empty.service_account.id}", "id": "{some.token.id}"}, "conflict"),
    refused("RevokeServiceAccountToken", "another account's", ADA, {
        "service_account_id": ROBOT, "id": "{some.token.id}"}, "not_found"),
    refused("RevokeServiceAccountToken", "a member's", ADA, {
        "service_account_id": ROBOT, "id": "{boot.token.id}"}, "not_found"),
    works("IssueServiceAccountToken", "for someone to find", ADA, {
        "service_account_id": "{empty.service_account.id}", "name": "leaked"}, {},
        of_token("issued", "leaked", "empty", name="leaked", scopes="issues:write"), keep="leaked"),
    works("RevokeSelf", "a service account's", acting("ada"), {"token": "{leaked.secret}"}, {},
          event("service_account.token_revoked", "{leaked.token.id}", "{leaked.token.id}", name="leaked",
                service_account="{empty.service_account.id}", by_secret="token")),

    works("IssueServiceAccountToken", "under the revoked one's name", ADA, {
        "service_account_id": "{empty.service_account.id}", "name": "some"}, {},
        of_token("issued", "some_4", "empty", name="some", scopes="issues:write"), keep="some_4"),
    works("DeleteServiceAccount", "with its tokens", ADA, {"id": "{empty.service_account.id}"}, {
        "ended_token_count": 1},
        event("service_account.deleted", "{empty.service_account.id}", name="full", ended_token_count="1")),
    refused("WhoAmI", "a deleted account's token", bearer("some_4"), {}, "unauthorized"),
    refused("DeleteServiceAccount", "again", ADA, {"id": "{empty.service_account.id}"}, "not_found"),
    refused("GetServiceAccount", "a deleted one", ADA, {"id": "{empty.service_account.id}"}, "not_found"),
    works("CreateServiceAccount", "under a deleted one's name", ADA, {"name": "full"}, {},
          event("service_account.created", "{full.service_account.id}", name="full", scopes=""), keep="full"),
]
