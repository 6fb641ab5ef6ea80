"""TokenService: personal tokens, from creation to revocation."""

from walk.rows import ANYONE, Caller, Pause, acting, bearer, event, lacks, refused, works
from walk.token_text import UNKNOWN_TOKEN
from walk.values import ANY, SECRET, TOKEN_ID

ADA, REA, ANA = acting("ada"), acting("rea"), acting("ana")
YEAR_2100 = "2100-01-01T00:00:00Z"
READS = ["issues:read", "patterns:read", "predictions:read", "recommendations:read"]
UNKNOWN = "tok_01ARZ3NDEKTSV4RRFFQ69G5FAV"
REQUEST = "6f2c8a1e-0b7d-4c59-9e35-{}"


def created(name, keep, scopes, **metadata):
    return event("token.created", f"{{{keep}.token.id}}", name=name, scopes=scopes, **metadata)


CALLERS = [
    works("ListScopes", "the catalogue, to anyone", ANYONE, {}, {"groups": [
        {"name": "Data", "scopes": [{"name": ANY, "description": ANY, "grantable": False}] * 8},
        {"name": "Integrations", "scopes": [{"name": ANY}] * 3},
        {"name": "Workspace", "scopes": [{"name": ANY}] * 5},
        {"name": "AI & Reports", "scopes": []},
        {"name": "Admin", "scopes": [{"name": ANY}] * 4}]}),
    works("ListScopes", "what of it the caller could grant", REA, {}, {"groups": [
        {"scopes": [
            {"name": resource + verb, "grantable": verb == ":read"}
            for resource in ("issues", "patterns", "predictions", "recommendations") for verb in (":read", ":write")]},
        {"scopes": [{"grantable": False}] * 3}, {"scopes": [{"grantable": False}] * 5}, {"scopes": []},
        {"scopes": [{"grantable": False}] * 4}]}),
    works("WhoAmI", "the owner of a personal token", bearer("boot"), {}, {
        "principal_id": "ada", "caller_kind": "CALLER_KIND_PERSONAL_TOKEN", "workspace_id": "ws_walk",
        "role": "tenant_admin", "scopes": [ANY] * 20, "token": {"id": "{boot.token.id}", "name": "bootstrap"}}),
    works("WhoAmI", "a user whom a trusted peer names", REA, {}, {
        "principal_id": "rea", "caller_kind": "CALLER_KIND_DELEGATED_USER", "workspace_id": "ws_walk",
        "role": "read_only", "scopes": READS, "token": None}),
]

CREATION = [
    works("CreateToken", "a token for ever", ADA, {"name": "laptop", "scopes": ["issues:write", "issues:read"]}, {
        "secret": SECRET, "token": {
            "id": TOKEN_ID, "name": "laptop", "kind": "TOKEN_KIND_PERSONAL", "workspace_id": "ws_walk",
            "owner_id": "ada", "scopes": ["issues:read", "issues:write"], "hint": ANY, "created_at": ANY,
            "created_by": "ada", "expires_at": None, "rolled_at": None, "revoked_at": None, "last_used_at": None,
            "state": "TOKEN_STATE_ACTIVE"}},
        created("laptop", "laptop", "issues:read issues:write"), keep="laptop"),
    works("CreateToken", "a token with an end", ADA, {
        "name": "é 🔑", "scopes": ["issues:read", "workspace:admin"], "expires_at": YEAR_2100},
        {"token": {"name": "é 🔑", "expires_at": YEAR_2100}},
        created("é 🔑", "ending", "issues:read workspace:admin", expires_at=YEAR_2100), keep="ending"),
    works("CreateToken", "another's may have the same name", REA, {"name": "laptop", "scopes": ["issues:read"]},
          {"token": {"owner_id": "rea"}}, created("laptop", "reading", "issues:read"), keep="reading"),
    works("CreateToken", "by a bearer, which holds no more", bearer("ending"), {
        "name": "child", "scopes": ["issues:read"], "expires_at": "2099-12-31T23:59:59Z"},
        {"token": {"owner_id": "ada", "created_by": "ada"}},
        created("child", "child", "issues:read", expires_at="2099-12-31T23:59:59Z"), keep="child"),
    works("CreateToken", "one with few scopes, for ever", ADA, {"name": "small", "scopes": ["issues:read"]}, {},
          created("small", "small", "issues:read"), keep="small"),

    works("CreateToken", "names are compared by bytes: e and an accent is not é", ADA, {
        "name": "e\u0301 🔑", "scopes": ["issues:read"]}, {}, created("e\u0301 🔑", "accent", "issues:read"),
        keep="accent"),
    works("RevokeToken", "that one", ADA, {"id": "{accent.token.id}"}, {},
          event("token.revoked", "{accent.token.id}", name="e\u0301 🔑")),
    works("WhoAmI", "with a deadline that is kept", ADA, {}, {}, timeout_nano=60_000_000_000),
    works("WhoAmI", "less than no time is no deadline", ADA, {}, {}, timeout_nano=-1),

    refused("CreateToken", "a list with too many elements", REA, {"name": "x", "scopes": ["a:b"] * 1001},
            "rate_limited"),
    refused("CreateToken", "without anything", ADA, {}, "validation_error", "name", "scopes"),
    refused("CreateToken", "a name too long, and no UUID", ADA, {
        "name": "n" * 101, "scopes": ["issues:read"], "request_id": "1"}, "validation_error", "name", "request_id"),
    refused("CreateToken", "a name of too many bytes", ADA, {"name": "🔑" * 101, "scopes": ["issues:read"]},
            "validation_error", "name"),
    refused("CreateToken", "a name that turns the text around", ADA, {"name": "a\u202eb", "scopes": ["issues:read"]},
            "validation_error", "name"),
    refused("CreateToken", "51 scopes", ADA, {"name": "many", "scopes": ["issues:read"] * 51},
            "validation_error", "scopes"),
    refused("CreateToken", "a scope without a verb", ADA, {"name": "odd", "scopes": ["issues"]},
            "validation_error", "scopes"),
    refused("CreateToken", "a scope that is not in the catalogue", ADA, {"name": "odd", "scopes": ["issues:fly"]},
            "validation_error", "scopes"),
    refused("CreateToken", "an end in the past", ADA, {
        "name": "late", "scopes": ["issues:read"], "expires_at": "2020-01-01T00:00:00Z"},
        "validation_error", "expires_at"),
    refused("CreateToken", "a name that another live token has", ADA, {"name": "laptop", "scopes": ["issues:read"]},
            "conflict", facts={"token_id": "{laptop.token.id}"}),
    lacks("CreateToken", "more than the user's role grants", REA, {
        "name": "more", "scopes": ["patterns:write", "issues:write", "issues:read"]},
        "issues:write", "patterns:write"),
    lacks("CreateToken", "more than the bearer's scopes", bearer("laptop"), {
        "name": "more", "scopes": ["patterns:read"]}, "patterns:read"),
    refused("CreateToken", "for longer than the bearer lives", bearer("ending"), {
        "name": "longer", "scopes": ["issues:read"], "expires_at": "2100-01-01T00:00:01Z"}, "forbidden",
        facts={"expires_at": YEAR_2100}),
    refused("CreateToken", "for ever, by a bearer that ends", bearer("ending"), {
        "name": "longer", "scopes": ["issues:read"]}, "forbidden", facts={"expires_at": YEAR_2100}),
    refused("CreateToken", "by a service account", bearer("robot_token"), {"name": "x", "scopes": ["issues:read"]},
            "forbidden"),
]

READING = [
    works("GetToken", "one's own", REA, {"id": "{reading.token.id}"}, {"token": {"name": "laptop", "owner_id": "rea"}}),
    works("GetToken", "another's, for an administrator", ADA, {"id": "{reading.token.id}"},
          {"token": {"owner_id": "rea"}}),
    refused("GetToken", "another's", REA, {"id": "{laptop.token.id}"}, "not_found"),
    refused("GetToken", "another's, by a bearer without workspace:admin", bearer("laptop"), {
        "id": "{reading.token.id}"}, "not_found"),
    refused("GetToken", "an account's", ADA, {"id": "{robot_token.token.id}"}, "not_found"),
    refused("GetToken", "none", ADA, {"id": UNKNOWN}, "not_found"),
    refused("GetToken", "no id", ADA, {"id": "laptop"}, "not_found"),
    works("ListTokens", "one's own, newest first", ADA, {}, {
        "tokens": [{"name": name} for name in (
            "e\u0301 🔑", "small", "child", "é 🔑", "laptop", "bootstrap")],
        "next_page_token": None, "total_size": 6}),
    works("ListTokens", "another's, for an administrator", ADA, {"owner_id": "rea"}, {"tokens": [{"name": "laptop"}]}),
    works("ListTokens", "by the beginning of the name", ADA, {"name_prefix": "lap"}, {
        "tokens": [{"name": "laptop"}], "total_size": 1}),
    works("ListTokens", "by scope", ADA, {"scope": "issues:write"}, {
        "tokens": [{"name": "laptop"}, {"name": "bootstrap"}], "total_size": 2}),
    works("ListTokens", "those that end before a time", ADA, {"expires_before": "2100-01-01T00:00:00Z"}, {
        "tokens": [{"name": "child"}]}),
    works("ListTokens", "not used since", ADA, {"unused_since": "2020-01-01T00:00:00Z", "page_size": 100}, {
        "tokens": [{"last_used_at": None}] * 6}),
    works("ListTokens", "by state and kind", ADA, {"state": "TOKEN_STATE_REVOKED", "kind": "TOKEN_KIND_PERSONAL"}, {
        "tokens": [{"name": "e\u0301 🔑"}], "total_size": 1}),
    refused("ListTokens", "a page too long, and an account's kind and state", ADA, {
        "page_size": 101, "kind": "TOKEN_KIND_SERVICE_ACCOUNT", "state": "TOKEN_STATE_DISABLED"},
        "validation_error", "page_size", "state", "kind"),
    refused("ListTokens", "a page of less than nothing, by no scope", ADA, {"page_size": -1, "scope": "x"},
            "validation_error", "page_size", "scope"),
    refused("ListTokens", "of who is no member", ADA, {"owner_id": "nobody"}, "not_found"),
    lacks("ListTokens", "another's", REA, {"owner_id": "ada"}, "workspace:admin"),
    refused("ListTokens", "its own, for a service account", bearer("robot_token"), {}, "forbidden"),
]


def rolled(name, keep, **metadata):
    return event("token.rolled", f"{{{keep}.token.id}}", name=name, **metadata)


ROLLING = [
    works("RollToken", "the old secret dies at once", ADA, {"id": "{laptop.token.id}"}, {
        "secret": SECRET, "token": {
            "id": "{laptop.token.id}", "name": "laptop", "scopes": ["issues:read", "issues:write"],
            "expires_at": None, "created_at": "{laptop.token.created_at}", "rolled_at": ANY}},
        rolled("laptop", "laptop"), keep="laptop_2"),
    refused("WhoAmI", "by the old secret", bearer("laptop"), {}, "unauthorized"),
    works("RollToken", "with an overlap", ADA, {"id": "{laptop.token.id}", "overlap_seconds": 600}, {},
          rolled("laptop", "laptop", overlap_seconds="600"), keep="laptop_3"),
    works("WhoAmI", "by the old secret while the overlap runs", bearer("laptop_2"), {}, {"principal_id": "ada"}),
    works("RollToken", "again: the overlap that runs ends", ADA, {
        "id": "{laptop.token.id}", "overlap_seconds": 604800}, {},
        rolled("laptop", "laptop", overlap_seconds="604800"), keep="laptop_4"),
    refused("WhoAmI", "by the oldest secret", bearer("laptop_2"), {}, "unauthorized"),
    works("RollToken", "a token itself, with an overlap", bearer("laptop_4"), {
        "id": "{laptop.token.id}", "overlap_seconds": 60}, {},
        rolled("laptop", "laptop", overlap_seconds="60"), keep="laptop_5"),
    refused("RollToken", "itself by a secret that was rolled since", bearer("laptop_4"), {
        "id": "{laptop.token.id}", "overlap_seconds": 60}, "conflict"),
    refused("RollToken", "itself without an overlap", bearer("laptop_5"), {"id": "{laptop.token.id}"},
            "validation_error", "overlap_seconds"),
    refused("RollToken", "itself with an overlap of 59 s", bearer("laptop_5"), {
        "id": "{laptop.token.id}", "overlap_seconds": 59}, "validation_error", "overlap_seconds"),
    refused("RollToken", "an overlap of more than seven days", ADA, {
        "id": "{laptop.token.id}", "overlap_seconds": 604801, "request_id": "x"},
        "validation_error", "overlap_seconds", "request_id"),
    refused("RollToken", "another's, though an administrator sees it", ADA, {"id": "{reading.token.id}"}, "forbidden"),
    refused("RollToken", "another's", REA, {"id": "{laptop.token.id}"}, "not_found"),
    refused("RollToken", "an account's", ADA, {"id": "{robot_token.token.id}"}, "not_found"),
    lacks("RollToken", "one with more scopes than the bearer's", bearer("child"), {"id": "{ending.token.id}"},
          "workspace:admin"),
    refused("RollToken", "one that outlives the bearer", bearer("child"), {"id": "{small.token.id}"}, "forbidden",
            facts={"expires_at": "2099-12-31T23:59:59Z"}),
]

ENDING = [
    works("RevokeToken", "one's own", ADA, {"id": "{child.token.id}"}, {
        "token": {"id": "{child.token.id}", "state": "TOKEN_STATE_REVOKED", "revoked_at": ANY}},
        event("token.revoked", "{child.token.id}", name="child")),
    works("RevokeToken", "again: it is so already", ADA, {"id": "{child.token.id}"}, {
        "token": {"state": "TOKEN_STATE_REVOKED"}}),
    refused("WhoAmI", "by a revoked token", bearer("child"), {}, "unauthorized"),
    refused("RollToken", "a revoked token", ADA, {"id": "{child.token.id}"}, "conflict"),
    works("CreateToken", "under the name of a revoked token", ADA, {"name": "child", "scopes": ["issues:read"]}, {},
          created("child", "child_2", "issues:read"), keep="child_2"),
    works("RevokeToken", "another's, by an administrator", ADA, {"id": "{reading.token.id}"}, {},
          event("token.revoked", "{reading.token.id}", name="laptop")),
    works("RevokeToken", "the bearer's own", bearer("child_2"), {"id": "{child_2.token.id}"}, {},
          event("token.revoked", "{child_2.token.id}", name="child")),
    refused("RevokeToken", "another's", REA, {"id": "{laptop.token.id}"}, "not_found"),
    refused("RevokeToken", "an account's", ADA, {"id": "{robot_token.token.id}"}, "not_found"),
    refused("RevokeToken", "none", ADA, {"id": UNKNOWN}, "not_found"),

    works("RevokeSelf", "a secret that an overlap keeps alive: the overlap ends", ANYONE, {
        "token": "{laptop_4.secret}"}, {},
        event("token.revoked", "{laptop.token.id}", "{laptop.token.id}", "ws_walk", name="laptop",
              by_secret="overlap")),
    works("RevokeSelf", "the same, which is dead by now", ANYONE, {"token": "{laptop_4.secret}"}),
    works("WhoAmI", "by the current secret still", bearer("laptop_5"), {}, {"principal_id": "ada"}),
    works("RevokeSelf", "the current secret: the token ends", ANYONE, {"token": "{laptop_5.secret}"}, {},
          event("token.revoked", "{laptop.token.id}", "{laptop.token.id}", "ws_walk", name="laptop",
                by_secret="token")),
    works("RevokeSelf", "again", ANYONE, {"token": "{laptop_5.secret}"}),
    refused("WhoAmI", "by what was revoked", bearer("laptop_5"), {}, "unauthorized"),
    refused("RevokeSelf", "a text that is no token", ANYONE, {"token": "nonsense"}, "validation_error", "token"),
    refused("RevokeSelf", "a token that nobody has", ANYONE, {
        "token": UNKNOWN_TOKEN}, "not_found"),
]

EXPIRED = [
    Pause("{soon}"),
    works("GetToken", "an expired one, for an administrator", ADA, {"id": "{brief.token.id}"}, {
        "token": {"state": "TOKEN_STATE_EXPIRED"}}),
    works("ListTokens", "those that have expired", ANA, {"state": "TOKEN_STATE_EXPIRED"}, {
        "tokens": [{"name": "brief"}], "total_size": 1}),
    refused("WhoAmI", "by an expired token", bearer("brief_2"), {}, "unauthorized"),
    refused("RollToken", "an expired one", ANA, {"id": "{brief.token.id}"}, "conflict"),
    works("RevokeSelf", "an expired one: it is dead already", ANYONE, {"token": "{brief_2.secret}"}),
    works("CreateToken", "under the name of an expired one, which ends", ANA, {
        "name": "brief", "scopes": ["issues:read"]}, {},
        created("brief", "brief_3", "issues:read", ended_token="{brief.token.id}"), keep="brief_3"),
]

RETRY = [
    works("CreateToken", "with a request id", ADA, {
        "name": "retried", "scopes": ["issues:read"], "request_id": REQUEST.format("000000000001")}, {},
        created("retried", "retried", "issues:read"), keep="retried"),
    works("CreateToken", "the same again: a fresh secret", ADA, {
        "name": "retried", "scopes": ["issues:read"], "request_id": REQUEST.format("000000000001")},
        {"secret": SECRET, "token": {"id": "{retried.token.id}", "created_at": "{retried.token.created_at}"}},
        rolled("retried", "retried", repeated_request=REQUEST.format("000000000001")), keep="retried_2"),
    refused("WhoAmI", "by the secret that was lost", bearer("retried"), {}, "unauthorized"),
    works("WhoAmI", "by the fresh one", bearer("retried_2"), {}, {"token": {"id": "{retried.token.id}"}}),
    refused("CreateToken", "something else under this request id", ADA, {
        "name": "other", "scopes": ["issues:read"], "request_id": REQUEST.format("000000000001")},
        "conflict", facts={"token_id": "{retried.token.id}"}),
    works("CreateToken", "another principal's request ids are others", REA, {
        "name": "other", "scopes": ["issues:read"], "request_id": REQUEST.format("000000000001")}, {},
        created("other", "other", "issues:read"), keep="other"),
    works("CreateToken", "with a request id, by who loses a scope", ANA, {
        "name": "lost", "scopes": ["issues:write"], "request_id": REQUEST.format("000000000003")}, {},
        created("lost", "lost", "issues:write"), keep="lost"),
    works("PutMember", "ana is demoted", ADA, {"user_id": "ana", "role": "viewer"}, {},
          event("member.role_changed", "ana", role="viewer", previous_role="analyst")),
    lacks("CreateToken", "the same again, for which every check is made again", ANA, {
        "name": "lost", "scopes": ["issues:write"], "request_id": REQUEST.format("000000000003")}, "issues:write"),
    works("PutMember", "ana is promoted", ADA, {"user_id": "ana", "role": "analyst"}, {},
          event("member.role_changed", "ana", role="analyst", previous_role="viewer")),
    works("CreateToken", "the same again, with the scope", ANA, {
        "name": "lost", "scopes": ["issues:write"], "request_id": REQUEST.format("000000000003")}, {
        "token": {"id": "{lost.token.id}"}},
        rolled("lost", "lost", repeated_request=REQUEST.format("000000000003"))),
    works("RollToken", "with a request id", ADA, {
        "id": "{retried.token.id}", "overlap_seconds": 300, "request_id": REQUEST.format("000000000002")}, {},
        rolled("retried", "retried", overlap_seconds="300"), keep="retried_3"),
    works("RollToken", "the same again: a fresh secret, and the overlap runs on", ADA, {
        "id": "{retried.token.id}", "overlap_seconds": 300, "request_id": REQUEST.format("000000000002")}, {},
        rolled("retried", "retried", repeated_request=REQUEST.format("000000000002")), keep="retried_4"),
    refused("RollToken", "with another overlap under this request id", ADA, {
        "id": "{retried.token.id}", "overlap_seconds": 301, "request_id": REQUEST.format("000000000002")}, "conflict",
        facts={"token_id": "{retried.token.id}"}),
    refused("WhoAmI", "by the lost secret of the roll", bearer("retried_3"), {}, "unauthorized"),
    works("WhoAmI", "by the secret of before the roll", bearer("retried_2"), {}, {"principal_id": "ada"}),
    refused("CreateToken", "its repetition, once the token has another secret", ADA, {
        "name": "retried", "scopes": ["issues:read"], "request_id": REQUEST.format("000000000001")},
        "conflict", facts={"token_id": "{retried.token.id}"}),
    works("RevokeToken", "the token of a request id", ADA, {"id": "{retried.token.id}"}, {},
          event("token.revoked", "{retried.token.id}", name="retried")),
    refused("RollToken", "its repetition revives nothing", ADA, {
        "id": "{retried.token.id}", "overlap_seconds": 300, "request_id": REQUEST.format("000000000002")}, "conflict"),
    refused("CreateToken", "nor that of the creation", ADA, {
        "name": "retried", "scopes": ["issues:read"], "request_id": REQUEST.format("000000000001")},
        "conflict", facts={"token_id": "{retried.token.id}"}),
]

# Of what a bearer is asked before any method: the same for all of them.
METADATA = [
    refused("WhoAmI", "a bearer that is no token", bearer("nonsense"), {}, "unauthorized"),
    refused("WhoAmI", "a bearer and a named user", Caller("operator.sock", {
        "authorization": "Bearer {boot.secret}", "tokend-user": "ada", "tokend-workspace": "ws_walk"}), {},
        "validation_error"),
    refused("WhoAmI", "half a named user", Caller("operator.sock", {"tokend-user": "ada"}), {},
            "validation_error"),
    refused("WhoAmI", "a user named by a peer that may not", acting("ada", socket="tokend.sock"), {}, "forbidden",
            facts={"missing_grant": "delegate"}),
    refused("WhoAmI", "a user who is no member", acting("nobody"), {}, "unauthorized"),
    refused("WhoAmI", "a user of a workspace that is none", acting("ada", "ws_none"), {}, "unauthorized"),
]
