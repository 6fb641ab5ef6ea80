"""What is another workspace's is told as what does not exist: the same bytes but for the trace id."""

from connection import Refused
from walk.rows import acting, event, works

ADA, BOB = acting("ada"), acting("bob", "ws_other")
TOKEN, ACCOUNT = "tok_01ARZ3NDEKTSV4RRFFQ69G5FAV", "sa_01ARZ3NDEKTSV4RRFFQ69G5FAV"

FIRST = [
    works("CreateServiceAccount", "the other workspace's", BOB, {"name": "foreign", "scopes": ["issues:read"]}, {},
          event("service_account.created", "{foreign.service_account.id}", name="foreign", scopes="issues:read"),
          keep="foreign"),
    works("IssueServiceAccountToken", "the other workspace's", BOB, {
        "service_account_id": "{foreign.service_account.id}", "name": "foreign"}, {},
        event("service_account.token_issued", "{foreign_token.token.id}", name="foreign", scopes="issues:read",
              service_account="{foreign.service_account.id}"), keep="foreign_token"),
    # Names are no way to see what another workspace has: each has its own.
    works("CreateServiceAccount", "one of the same name here", ADA, {"name": "foreign"}, {},
          event("service_account.created", "{here.service_account.id}", name="foreign", scopes=""), keep="here"),
    works("IssueServiceAccountToken", "a token of it", ADA, {
        "service_account_id": "{here.service_account.id}", "name": "foreign"}, {},
        event("service_account.token_issued", "{here_token.token.id}", name="foreign", scopes="",
              service_account="{here.service_account.id}"), keep="here_token"),
]

# A method, a request, and of what its fields are in it: what is there of another workspace, and what is not at all.
PAIRS = [
    ("GetToken", {"id": ("{other_boot.token.id}", TOKEN)}),
    ("GetToken", {"id": ("{foreign_token.token.id}", TOKEN)}),
    ("RollToken", {"id": ("{other_boot.token.id}", TOKEN)}),
    ("RevokeToken", {"id": ("{other_boot.token.id}", TOKEN)}),
    ("ListTokens", {"owner_id": ("bob", "nobody")}),
    ("GetServiceAccount", {"id": ("{foreign.service_account.id}", ACCOUNT)}),
    ("UpdateServiceAccount", {"id": ("{foreign.service_account.id}", ACCOUNT), "name": "x"}),
    ("DeleteServiceAccount", {"id": ("{foreign.service_account.id}", ACCOUNT)}),
    ("IssueServiceAccountToken", {"service_account_id": ("{foreign.service_account.id}", ACCOUNT), "name": "x"}),
    ("ListServiceAccountTokens", {"service_account_id": ("{foreign.service_account.id}", ACCOUNT)}),
    ("RollServiceAccountToken", {
        "service_account_id": ("{foreign.service_account.id}", ACCOUNT), "id": ("{foreign_token.token.id}", TOKEN)}),
    ("RollServiceAccountToken", {
        "service_account_id": "{here.service_account.id}", "id": ("{foreign_token.token.id}", TOKEN)}),
    ("RevokeServiceAccountToken", {
        "service_account_id": ("{foreign.service_account.id}", ACCOUNT), "id": ("{foreign_token.token.id}", TOKEN)}),
    ("RevokeServiceAccountToken", {
        "service_account_id": "{here.service_account.id}", "id": ("{foreign_token.token.id}", TOKEN)}),
    ("RemoveMember", {"user_id": ("bob", "nobody")}),
    ("ImportTokens", {"tokens": [{
        "digest": "AAAA" * 10 + "AAA=", "name": "x", "scopes": ["issues:read"], "owner_id": ("bob", "nobody")}]}),
]


def choose(value, place):
    if isinstance(value, tuple):
        return value[place]
    if isinstance(value, dict):
        return {key: choose(element, place) for key, element in value.items()}
    return [choose(element, place) for element in value] if isinstance(value, list) else value


def status(walk, name, fields):
    """The Status of a refusal as bytes, without the trace id that each call has of its own."""
    try:
        return f"no refusal but {walk.call(name, walk.message(name, fields), ADA)}"
    except Refused as refusal:
        status = refusal.status
        for detail in status.details:
            if detail.Is(refusal.info.DESCRIPTOR):
                trace_id = refusal.info.metadata.pop("trace_id")
                detail.Pack(refusal.info)
                assert trace_id
        return (refusal.info.reason, status.SerializeToString(deterministic=True))


def check(walk):
    for name, request in PAIRS:
        walk.row_count += 1
        foreign, missing = (status(walk, name, choose(request, place)) for place in (0, 1))
        if foreign != missing or foreign[0] != "not_found":
            walk.fail(f"{name}: what is another workspace's", [f"{foreign}", f"but what does not exist: {missing}"])
    events = walk.new_events()
    if events:
        walk.fail("what is another workspace's", [f"left events: {events}"])
