"""MemberService and the import of tokens that members have from elsewhere."""

import base64
import hashlib

from walk.rows import acting, bearer, event, lacks, refused, works
from walk.values import ANY, TOKEN_ID

ADA, SEC = acting("ada"), acting("sec")
SECURITY = ("audit:read connectors:admin ingest:write issues:write members:write patterns:write predictions:write "
            "recommendations:write webhooks:admin workspace.compliance:read workspace.compliance:write")


def joins(user, role, caller=ADA):
    return works("PutMember", f"{user} joins", caller, {"user_id": user, "role": role}, {
        "created": True, "member": {
            "user_id": user, "workspace_id": "ws_walk", "role": role, "status": "MEMBER_STATUS_ACTIVE",
            "joined_at": ANY, "updated_at": None}},
        event("member.added", user, role=role))


# Before all else: whom the other tables name.
FIRST = [
    joins("rea", "read_only"), joins("ana", "analyst"), joins("cam", "compliance_admin"),
    joins("sec", "security_admin"), joins("eve", "read_only", SEC), joins("lia", "read_only"),
]

MEMBERS = [
    works("PutMember", "what is so already", ADA, {"user_id": "eve", "role": "read_only"}, {
        "created": False, "member": {"updated_at": None}}),
    works("PutMember", "another role", SEC, {"user_id": "eve", "role": "analyst"}, {
        "member": {"role": "analyst", "updated_at": ANY}},
        event("member.role_changed", "eve", role="analyst", previous_role="read_only")),
    works("PutMember", "suspended", SEC, {"user_id": "eve", "status": "MEMBER_STATUS_SUSPENDED"}, {
        "member": {"role": "analyst", "status": "MEMBER_STATUS_SUSPENDED"}},
        event("member.suspended", "eve", role="analyst")),
    refused("WhoAmI", "a suspended member", acting("eve"), {}, "unauthorized"),
    works("PutMember", "active again, in another role", SEC, {
        "user_id": "eve", "role": "read_only", "status": "MEMBER_STATUS_ACTIVE"}, {
        "member": {"role": "read_only", "status": "MEMBER_STATUS_ACTIVE"}},
        event("member.role_changed", "eve", role="read_only", previous_role="analyst"),
        event("member.reactivated", "eve", role="read_only")),
    works("PutMember", "joins suspended", ADA, {
        "user_id": "max", "role": "analyst", "status": "MEMBER_STATUS_SUSPENDED"}, {"created": True},
        event("member.added", "max", role="analyst", status="suspended")),
    refused("PutMember", "no user", ADA, {"user_id": "a b", "role": "analyst"}, "validation_error", "user_id"),
    refused("PutMember", "a role that does not exist", ADA, {"user_id": "eve", "role": "king"},
            "validation_error", "role"),
    refused("PutMember", "joins without a role", ADA, {"user_id": "new"}, "validation_error", "role"),
    refused("PutMember", "no status", ADA, {"user_id": "eve", "status": 7}, "validation_error", "status"),
    lacks("PutMember", "to a role that grants more than the caller holds", SEC, {
        "user_id": "eve", "role": "tenant_admin"}, "governance:read", "governance:write", "members:admin",
        "workspace:admin", "workspace:write"),
    lacks("PutMember", "from such a role", SEC, {"user_id": "ada", "role": "viewer"}, "governance:read",
          "governance:write", "members:admin", "workspace:admin", "workspace:write"),
    refused("PutMember", "the last admin becomes something else", ADA, {"user_id": "ada", "role": "viewer"},
            "last_admin"),
    refused("PutMember", "the last admin is suspended", ADA, {
        "user_id": "ada", "status": "MEMBER_STATUS_SUSPENDED"}, "last_admin"),
    refused("RemoveMember", "the last admin", ADA, {"user_id": "ada"}, "last_admin"),

    works("ListMembers", "newest first", SEC, {"page_size": 3}, {
        "members": [{"user_id": "max"}, {"user_id": "lia"}, {"user_id": "eve"}], "next_page_token": ANY,
        "total_size": 8}),
    works("ListMembers", "by role and status", SEC, {"role": "analyst", "status": "MEMBER_STATUS_SUSPENDED"}, {
        "members": [{"user_id": "max"}], "total_size": 1}),
    works("ListMembers", "one user", SEC, {"user_id": "ana"}, {"members": [{"role": "analyst"}], "total_size": 1}),
    works("ListMembers", "who is no member", SEC, {"user_id": "nobody"}, {"members": [], "total_size": 0}),
    refused("ListMembers", "a page too long, no status", SEC, {"page_size": 101, "status": 7},
            "validation_error", "page_size", "status"),

    works("CreateToken", "eve's own", acting("eve"), {"name": "own", "scopes": ["issues:read"]}, {},
          event("token.created", "{eves.token.id}", name="own", scopes="issues:read"), keep="eves"),
    works("RemoveMember", "with the tokens", ADA, {"user_id": "eve"}, {"ended_token_count": 1},
          event("member.removed", "eve", role="read_only", ended_token_count="1")),
    refused("WhoAmI", "who was removed", bearer("eves"), {}, "unauthorized"),
    refused("RemoveMember", "again", ADA, {"user_id": "eve"}, "not_found"),
    joins("eve", "read_only"),
    refused("WhoAmI", "joining again revives nothing", bearer("eves"), {}, "unauthorized"),
    works("ListTokens", "nor does it bring an old token back", acting("eve"), {}, {"tokens": []}),
    lacks("RemoveMember", "without members:admin", SEC, {"user_id": "eve"}, "members:admin"),
]


def digest(text):
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def imports(*tokens):
    return {"tokens": list(tokens)}


OLD = {"digest": digest("old-secret-1"), "name": "old", "owner_id": "rea", "scopes": ["issues:read"],
       "expires_at": "2100-01-01T00:00:00Z", "hint": "old-…-1"}
OWN = {"digest": digest("old-secret-2"), "name": "older", "scopes": ["issues:write"]}


def but(**fields):
    return {**OLD, "digest": digest(str(fields)), "name": "new", **fields}


IMPORT = [
    works("ImportTokens", "two, one of them the caller's own", ADA, imports(OLD, OWN), {
        "imported_count": 2, "tokens": [
            {"id": TOKEN_ID, "name": "old", "kind": "TOKEN_KIND_PERSONAL", "owner_id": "rea", "hint": "old-…-1",
             "created_by": "ada", "expires_at": "2100-01-01T00:00:00Z", "state": "TOKEN_STATE_ACTIVE"},
            {"name": "older", "owner_id": "ada", "scopes": ["issues:write"], "expires_at": None}]},
        event("token.imported", "{imported.tokens[0][id]}", owner="rea", name="old", scopes="issues:read",
              expires_at="2100-01-01T00:00:00Z"),
        event("token.imported", "{imported.tokens[1][id]}", owner="ada", name="older", scopes="issues:write"),
        keep="imported"),
    works("ImportTokens", "the same again, with a further one", ADA, imports(OLD, but(name="further")), {
        "imported_count": 1, "tokens": [{"id": "{imported.tokens[0][id]}"}, {"name": "further"}]},
        event("token.imported", "{again.tokens[1][id]}", owner="rea", name="further", scopes="issues:read",
              expires_at="2100-01-01T00:00:00Z"), keep="again"),
    works("WhoAmI", "by a text of another system", bearer("old"), {}, {"principal_id": "rea", "scopes": [ANY]}),
    works("RollToken", "what was imported gets a text of tokend's", acting("rea"), {
        "id": "{imported.tokens[0][id]}", "overlap_seconds": 60}, {"secret": ANY},
        event("token.rolled", "{imported.tokens[0][id]}", name="old", overlap_seconds="60"), keep="old_2"),
    works("ImportTokens", "the same again, whatever has become of it", ADA, imports(OLD), {
        "imported_count": 0, "tokens": [{"id": "{imported.tokens[0][id]}", "rolled_at": ANY}]}),
    works("RevokeSelf", "by a text of another system", ADA, {"token": "old-secret-2"}, {},
          event("token.revoked", "{imported.tokens[1][id]}", "{imported.tokens[1][id]}", name="older",
                by_secret="token")),
    works("ImportTokens", "the same again does not revive it", ADA, imports(OWN), {
        "imported_count": 0, "tokens": [{"state": "TOKEN_STATE_REVOKED"}]}),

    refused("ImportTokens", "none", ADA, {}, "validation_error", "tokens"),
    refused("ImportTokens", "101", ADA, imports(*[but(name=f"n{n}") for n in range(101)]),
            "validation_error", "tokens"),
    refused("ImportTokens", "everything wrong at once", ADA, imports(
        but(), {"digest": digest("x")[:8], "scopes": ["x"], "owner_id": "a b"}, but(),
        but(scopes=[], hint="seventeen letters")),
        "validation_error", "tokens[1].digest", "tokens[1].name", "tokens[1].owner_id", "tokens[1].scopes",
        "tokens[2].digest", "tokens[3].scopes", "tokens[3].hint"),
    refused("ImportTokens", "a hint that is the whole text", ADA, imports(but(digest=digest("whole"), hint="whole")),
            "validation_error", "tokens[0].hint"),
    refused("ImportTokens", "a digest that is known otherwise", ADA, imports({**OLD, "name": "else"}), "conflict",
            "tokens[0].digest"),
    refused("ImportTokens", "a digest of a dead token", ADA, imports(but(digest=digest("old-secret-2"))), "conflict",
            "tokens[0].digest"),
    refused("ImportTokens", "a name that is taken", ADA, imports(but(name="old")), "conflict", "tokens[0].name",
            facts={"token_id": "{imported.tokens[0][id]}"}),
    refused("ImportTokens", "an owner who is no member", ADA, imports(but(), but(owner_id="nobody")), "not_found",
            "tokens[1].owner_id"),
    refused("ImportTokens", "a service account's own", bearer("robot_3"), imports(but(owner_id="")), "not_found",
            "tokens[0].owner_id"),
    refused("ImportTokens", "a scope that is not in the catalogue", ADA, imports(but(scopes=["x:y"])),
            "validation_error", "tokens[0].scopes"),
    refused("ImportTokens", "an end in the past", ADA, imports(but(expires_at="2020-01-01T00:00:00Z")),
            "validation_error", "tokens[0].expires_at"),
    refused("ImportTokens", "more than the caller holds", bearer("robot_3"), imports(but(scopes=["issues:write"])),
            "forbidden", "tokens[0].scopes", facts={"missing_scopes": "issues:write"}),
    refused("ImportTokens", "for longer than the bearer lives", bearer("ending"), imports(
        but(expires_at="2100-01-01T00:00:01Z")), "forbidden", "tokens[0].expires_at",
        facts={"expires_at": "2100-01-01T00:00:00Z"}),
]

# 100 changes at once, and of these each imported token is one.
HUNDRED = imports(*[but(name=f"n{n}") for n in range(100)])
RATE = [
    works("PutMember", "rae joins", ADA, {"user_id": "rae", "role": "tenant_admin"}, {},
          event("member.added", "rae", role="tenant_admin")),
    works("CreateToken", "rae's own", acting("rae"), {"name": "own", "scopes": ["workspace:admin", "issues:read"]}, {},
          event("token.created", "{rae.token.id}", name="own", scopes="issues:read workspace:admin"), keep="rae"),
    works("ImportTokens", "a hundred changes at once", bearer("rae"), HUNDRED, {"imported_count": 100},
          *[event("token.imported", f"{{hundred.tokens[{n}][id]}}", owner="rea", name=f"n{n}", scopes="issues:read",
                  expires_at="2100-01-01T00:00:00Z") for n in range(100)], keep="hundred"),
    refused("ImportTokens", "a hundred more", bearer("rae"), HUNDRED, "rate_limited",
            facts={"retry_after_milliseconds": ANY}),
    works("RevokeToken", "revoking is not limited", bearer("rae"), {"id": "{hundred.tokens[0][id]}"}, {},
          event("token.revoked", "{hundred.tokens[0][id]}", name="n0")),
    works("ImportTokens", "nor is a trusted peer", acting("rae"), HUNDRED, {"imported_count": 0}),
    works("PutMember", "rae, another admin, is suspended", ADA, {
        "user_id": "rae", "status": "MEMBER_STATUS_SUSPENDED"}, {},
        event("member.suspended", "rae", role="tenant_admin")),
    refused("PutMember", "an admin who is suspended does not count", ADA, {"user_id": "ada", "role": "viewer"},
            "last_admin"),
    works("RemoveMember", "and may go", ADA, {"user_id": "rae"}, {"ended_token_count": 1},
          event("member.removed", "rae", role="tenant_admin", ended_token_count="1")),
]
