"""VerificationService: every outcome, and which is told where several hold."""

from walk.rows import ANYONE, OPERATOR, Pause, acting, event, refused, works
from walk.token_text import UNKNOWN_TOKEN
from walk.values import ANY

ADA, ANA, VIC = acting("ada"), acting("ana"), acting("vic")
SHUT = acting("sid", "ws_shut")
NOTHING = {name: None for name in (
    "token_id", "kind", "workspace_id", "principal_id", "token_name", "scopes", "expires_at", "missing_scopes")}


def told(outcome, **fields):
    return {"outcome": "VERIFY_OUTCOME_" + outcome, **fields}


def verify(case, request, outcome, **fields):
    return works("Verify", case, ANYONE, request, told(outcome, **fields))


def whose(keep, **fields):
    """What all outcomes tell but the first three: whose token it is."""
    return {
        "token_id": f"{{{keep}.token.id}}", "kind": f"{{{keep}.token.kind}}", "workspace_id":
        f"{{{keep}.token.workspace_id}}", "principal_id": f"{{{keep}.token.owner_id}}",
        "token_name": f"{{{keep}.token.name}}", "scopes": None, "missing_scopes": None, **fields}


def token(keep, caller, name, scopes, **fields):
    """A token for a table below. What makes it has rows of its own elsewhere."""
    metadata = {"expires_at": fields["expires_at"]} if "expires_at" in fields else {}
    return works("CreateToken", f"{name} of {caller.actor}", caller, {"name": name, "scopes": scopes, **fields}, {},
                 event("token.created", f"{{{keep}.token.id}}", name=name, scopes=" ".join(scopes), **metadata),
                 keep=keep)


def update(case, **fields):
    return works("UpdateServiceAccount", case, ADA, {"id": "{gate.service_account.id}", **fields}, {},
                 event("service_account.updated", "{gate.service_account.id}", **{
                     key: str(value).lower() for key, value in fields.items()}))


def state(case, workspace, name, action):
    return works("SetWorkspaceState", case, OPERATOR, {"id": workspace, "state": "WORKSPACE_STATE_" + name}, {
        "workspace": {"id": workspace, "state": "WORKSPACE_STATE_" + name}},
        event("workspace." + action, workspace, workspace=workspace))


# Early in the walk, so that what is to expire has expired when the tables below come.
FIRST = [
    token("brief", ANA, "brief", ["issues:read"], expires_at="{soon}"),
    works("RollToken", "an overlap never lasts past the end of the token", ANA, {
        "id": "{brief.token.id}", "overlap_seconds": 604800}, {},
        event("token.rolled", "{brief.token.id}", name="brief", overlap_seconds="604800"), keep="brief_2"),
    verify("its old secret", {"token": "{brief.secret}"}, "VALID", expires_at="{soon}"),
    works("Bootstrap", "a workspace to be shut", OPERATOR, {"workspace_id": "ws_shut", "user_id": "sid"}, {},
          event("workspace.created", "ws_shut", workspace="ws_shut"),
          event("member.added", "sid", workspace="ws_shut", role="tenant_admin"),
          event("token.created", "{shut.token.id}", workspace="ws_shut"), keep="shut"),
    works("CreateServiceAccount", "one to be disabled in it", SHUT, {"name": "gate", "scopes": ["issues:read"]}, {},
          event("service_account.created", "{shut_gate.service_account.id}", name="gate", scopes="issues:read"),
          keep="shut_gate"),
] + [
    works("IssueServiceAccountToken", f"{keep} of it", SHUT, {
        "service_account_id": "{shut_gate.service_account.id}", "name": keep, **fields}, {},
        event("service_account.token_issued", f"{{{keep}.token.id}}", name=keep, scopes="issues:read",
              service_account="{shut_gate.service_account.id}", **fields), keep=keep)
    for keep, fields in [
        ("plain", {}), ("ends", {"expires_at": "{soon}"}), ("rolled", {"expires_at": "{soon}"}),
        ("dead", {"expires_at": "{soon}"})]
] + [
    works("RollServiceAccountToken", f"{keep} of it", SHUT, {
        "service_account_id": "{shut_gate.service_account.id}", "id": f"{{{keep}.token.id}}"}, {},
        event("service_account.token_rolled", f"{{{keep}.token.id}}", name=keep,
              service_account="{shut_gate.service_account.id}"), keep=keep + "_2")
    for keep in ("rolled", "dead")
] + [
    works("RevokeServiceAccountToken", "one of it", SHUT, {
        "service_account_id": "{shut_gate.service_account.id}", "id": "{dead.token.id}"}, {},
        event("service_account.token_revoked", "{dead.token.id}", name="dead",
              service_account="{shut_gate.service_account.id}")),
]

PERSONAL = [
    works("PutMember", "vic joins", ADA, {"user_id": "vic", "role": "analyst"}, {},
          event("member.added", "vic", role="analyst")),
    token("vics", VIC, "phone", ["issues:read", "issues:write"], expires_at="2100-01-01T00:00:00Z"),
    verify("a valid token", {"token": "{vics.secret}"}, "VALID", **whose(
        "vics", scopes=["issues:read", "issues:write"], expires_at="2100-01-01T00:00:00Z")),
    verify("of the workspace asked for, with the scopes required", {
        "token": "{vics.secret}", "workspace_id": "ws_walk", "required_scopes": ["issues:write", "issues:read"]},
        "VALID", **whose("vics", scopes=["issues:read", "issues:write"])),
    verify("a scope that it has not", {"token": "{vics.secret}", "required_scopes": ["issues:read", "audit:read"]},
           "INSUFFICIENT_SCOPE", **whose("vics", missing_scopes=["audit:read"])),
    verify("no text", {"token": ""}, "MALFORMED", **NOTHING),
    verify("a letter exchanged", {"token": UNKNOWN_TOKEN.replace("0", "1", 1)}, "MALFORMED", **NOTHING),
    verify("one that nobody has", {"token": UNKNOWN_TOKEN}, "UNKNOWN", **NOTHING),
    verify("another workspace", {"token": "{vics.secret}", "workspace_id": "ws_other"},
           "WORKSPACE_MISMATCH", **NOTHING),
    verify("a workspace that is none", {"token": "{vics.secret}", "workspace_id": "x"},
           "WORKSPACE_MISMATCH", **NOTHING),

    works("PutMember", "vic is demoted", ADA, {"user_id": "vic", "role": "read_only"}, {},
          event("member.role_changed", "vic", role="read_only", previous_role="analyst")),
    verify("a demoted owner's: what the role still grants", {"token": "{vics.secret}"}, "VALID",
           **whose("vics", scopes=["issues:read"])),
    verify("and not what it does not", {"token": "{vics.secret}", "required_scopes": ["issues:write"]},
           "INSUFFICIENT_SCOPE", **whose("vics", missing_scopes=["issues:write"])),
    works("PutMember", "vic is suspended", ADA, {"user_id": "vic", "status": "MEMBER_STATUS_SUSPENDED"}, {},
          event("member.suspended", "vic", role="read_only")),
    verify("a suspended owner's, before the scope that is missing", {
        "token": "{vics.secret}", "required_scopes": ["issues:write"]}, "OWNER_SUSPENDED", **whose("vics")),
    works("ListTokens", "as a list has it", ADA, {"owner_id": "vic", "state": "TOKEN_STATE_OWNER_SUSPENDED"}, {
        "tokens": [{"state": "TOKEN_STATE_OWNER_SUSPENDED"}]}),
    works("RevokeSelf", "a suspended owner does not prevent it", ANYONE, {"token": "{vics.secret}"}, {},
          event("token.revoked", "{vics.token.id}", "{vics.token.id}", "ws_walk", name="phone", by_secret="token")),
    verify("a revoked one, before the suspension", {"token": "{vics.secret}"}, "REVOKED", **whose("vics")),
    verify("the workspace before all that", {"token": "{vics.secret}", "workspace_id": "ws_other"},
           "WORKSPACE_MISMATCH", **NOTHING),
    works("RemoveMember", "vic leaves", ADA, {"user_id": "vic"}, {"ended_token_count": 0},
          event("member.removed", "vic", role="read_only", ended_token_count="0")),

    token("fay", ADA, "fay", ["issues:read"]),
    works("RollToken", "it, with an overlap", ADA, {"id": "{fay.token.id}", "overlap_seconds": 120}, {},
          event("token.rolled", "{fay.token.id}", name="fay", overlap_seconds="120"), keep="fay_2"),
    works("Verify", "an old secret tells when it dies", ANYONE, {"token": "{fay.secret}"},
          told("VALID", expires_at=ANY)),
    verify("the new one does not die", {"token": "{fay_2.secret}"}, "VALID", **whose(
        "fay", scopes=["issues:read"], expires_at=None)),
    works("RollToken", "it, at once", ADA, {"id": "{fay.token.id}"}, {},
          event("token.rolled", "{fay.token.id}", name="fay"), keep="fay_3"),
    verify("the oldest", {"token": "{fay.secret}"}, "SUPERSEDED", **whose("fay", expires_at=None)),
    verify("the one before, of whatever scope", {"token": "{fay_2.secret}", "required_scopes": ["x:y"]},
           "SUPERSEDED", **whose("fay")),
    verify("the newest", {"token": "{fay_3.secret}"}, "VALID"),
    works("VerifyBatch", "each in its place", ANYONE, {"requests": [
        {"token": "{fay_2.secret}"}, {"token": "clpu_"}, {"token": "{fay_3.secret}", "workspace_id": "ws_other"},
        {"token": "{fay_3.secret}", "required_scopes": ["x:y"]}, {"token": "{fay_3.secret}"}]}, {"responses": [
            told("SUPERSEDED"), told("MALFORMED"), told("WORKSPACE_MISMATCH"),
            told("INSUFFICIENT_SCOPE", missing_scopes=["x:y"]), told("VALID", token_name="fay")]}),
    works("VerifyBatch", "a hundred", ANYONE, {"requests": [{"token": "{fay_3.secret}"}] * 100}, {
        "responses": [told("VALID")] * 100}),
    refused("VerifyBatch", "none", ANYONE, {}, "validation_error", "requests"),
    refused("VerifyBatch", "a hundred and one", ANYONE, {"requests": [{"token": "?"}] * 101},
            "validation_error", "requests"),
    works("RevokeToken", "fay", ADA, {"id": "{fay.token.id}"}, {},
          event("token.revoked", "{fay.token.id}", name="fay")),
    verify("an old secret of a revoked one", {"token": "{fay.secret}"}, "REVOKED", **whose("fay")),
    Pause("{soon}"),
    verify("an expired one", {"token": "{brief_2.secret}", "required_scopes": ["x:y"]}, "EXPIRED",
           **whose("brief", expires_at="{soon}")),
    verify("one whose overlap has ended with it", {"token": "{brief.secret}"}, "SUPERSEDED", **whose("brief")),

    verify("a text of another system", {"token": "old-secret-1"}, "VALID", kind="TOKEN_KIND_PERSONAL",
           principal_id="rea", token_name="old", token_id="{imported.tokens[0][id]}", scopes=["issues:read"]),
    verify("the text of tokend's that followed it", {"token": "{old_2.secret}"}, "VALID", token_name="old"),
    verify("a text of another system, revoked", {"token": "old-secret-2"}, "REVOKED", token_name="older"),
    verify("one of no system", {"token": "old-secret-3"}, "UNKNOWN", **NOTHING),
    verify("one that begins as tokend's do", {"token": "clpu_old-secret-3"}, "MALFORMED", **NOTHING),
    verify("one of 255 bytes", {"token": "x" * 255}, "UNKNOWN", **NOTHING),
    verify("one of 256 bytes", {"token": "x" * 256}, "MALFORMED", **NOTHING),
]

ACCOUNTS = [
    works("CreateServiceAccount", "gate", ADA, {"name": "gate", "scopes": ["issues:read"]}, {},
          event("service_account.created", "{gate.service_account.id}", name="gate", scopes="issues:read"),
          keep="gate"),
    works("IssueServiceAccountToken", "its token", ADA, {
        "service_account_id": "{gate.service_account.id}", "name": "key"}, {},
        event("service_account.token_issued", "{key.token.id}", name="key", scopes="issues:read",
              service_account="{gate.service_account.id}"), keep="key"),
    verify("an account's token", {"token": "{key.secret}", "workspace_id": "ws_walk"}, "VALID", **whose(
        "key", scopes=["issues:read"])),
    verify("a scope that it has not", {"token": "{key.secret}", "required_scopes": ["x:y"]}, "INSUFFICIENT_SCOPE",
           **whose("key", missing_scopes=["x:y"])),
    update("gate is disabled", disabled=True),
    verify("a disabled account's", {"token": "{key.secret}", "required_scopes": ["x:y"]}, "DISABLED", **whose("key")),
    refused("WhoAmI", "by it", acting("nobody"), {}, "unauthorized"),
    works("ListServiceAccountTokens", "as a list has it", ADA, {
        "service_account_id": "{gate.service_account.id}", "state": "TOKEN_STATE_DISABLED"}, {
        "tokens": [{"state": "TOKEN_STATE_DISABLED"}]}),
    works("RollServiceAccountToken", "while it is disabled", ADA, {
        "service_account_id": "{gate.service_account.id}", "id": "{key.token.id}"}, {},
        event("service_account.token_rolled", "{key.token.id}", name="key",
              service_account="{gate.service_account.id}"), keep="key_2"),
    verify("its old secret", {"token": "{key.secret}"}, "SUPERSEDED", **whose("key")),
    update("gate is enabled", disabled=False),
    verify("an enabled account's", {"token": "{key_2.secret}"}, "VALID", **whose("key", scopes=["issues:read"])),
    works("DeleteServiceAccount", "gate", ADA, {"id": "{gate.service_account.id}"}, {"ended_token_count": 1},
          event("service_account.deleted", "{gate.service_account.id}", name="gate", ended_token_count="1")),
    verify("a deleted account's", {"token": "{key_2.secret}"}, "REVOKED", **whose("key")),
]

# One more of the outcomes holds from row to row.
ORDER = [
    works("UpdateServiceAccount", "the account is disabled", SHUT, {
        "id": "{shut_gate.service_account.id}", "disabled": True}, {},
        event("service_account.updated", "{shut_gate.service_account.id}", disabled="true")),
    state("the workspace is suspended", "ws_shut", "SUSPENDED", "suspended"),
    verify("in a suspended workspace", {"token": "{shut.secret}", "required_scopes": ["x:y"]}, "OWNER_SUSPENDED",
           **whose("shut")),
    verify("and disabled", {"token": "{plain.secret}", "required_scopes": ["x:y"]}, "DISABLED", **whose("plain")),
    verify("and expired", {"token": "{ends.secret}", "required_scopes": ["x:y"]}, "EXPIRED", **whose("ends")),
    verify("and superseded", {"token": "{rolled.secret}", "required_scopes": ["x:y"]}, "SUPERSEDED", **whose("rolled")),
    verify("and revoked", {"token": "{dead.secret}", "required_scopes": ["x:y"]}, "REVOKED", **whose("dead")),
    verify("and of another workspace", {
        "token": "{dead.secret}", "required_scopes": ["x:y"], "workspace_id": "ws_walk"}, "WORKSPACE_MISMATCH",
        **NOTHING),
    refused("WhoAmI", "a user of a suspended workspace", SHUT, {}, "unauthorized"),
    state("the workspace is active again", "ws_shut", "ACTIVE", "reactivated"),
    verify("in an active workspace", {"token": "{shut.secret}"}, "VALID"),
    state("the workspace ends", "ws_shut", "ENDED", "ended"),
    verify("in a workspace that has ended", {"token": "{shut.secret}"}, "REVOKED", **whose("shut")),
    verify("a disabled account's in it", {"token": "{plain.secret}"}, "REVOKED", **whose("plain")),
    refused("WhoAmI", "a user of a workspace that has ended", SHUT, {}, "unauthorized"),
]
