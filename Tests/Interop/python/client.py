"""A client of tokend in Python: connection.py, and messages generated from Protocol/.

Usage: client.py DIRECTORY, where tokend.sock and operator.sock are. It prints one line for each thing that it did;
../expected.txt says what the lines must be. ../go/main.go does the same.
"""

import sys

from google.protobuf import timestamp_pb2
from grpc.health.v1 import health_pb2
from tokend.v1 import operations_pb2, token_pb2, verification_pb2

from connection import Connection, Refused

YEAR_2100 = 4102444800

service = Connection(sys.argv[1] + "/tokend.sock")
operator = Connection(sys.argv[1] + "/operator.sock")


def tokens(method, request, caller=None, through=service, **options):
    response = getattr(token_pb2, method + "Response")()
    return through.call("tokend.v1.TokenService", method, request, response, metadata=caller, **options)


def bootstrap(through, **fields):
    return through.call(
        "tokend.v1.OperationsService", "Bootstrap", operations_pb2.BootstrapRequest(**fields),
        operations_pb2.BootstrapResponse())


def verify(secret, workspace="", *scopes):
    request = verification_pb2.VerifyRequest(token=secret, required_scopes=scopes, workspace_id=workspace)
    return service.call(
        "tokend.v1.VerificationService", "Verify", request, verification_pb2.VerifyResponse())


def bearer(secret):
    """Names a token's principal as the caller."""
    return {"authorization": "Bearer " + secret}


outcome = verification_pb2.VerifyOutcome.Name
kind = token_pb2.TokenKind.Name
state = token_pb2.TokenState.Name
caller_kind = token_pb2.CallerKind.Name


def texts(values):
    return "[" + " ".join(values) + "]"


def truth(value):
    return "true" if value else "false"


def describe(made):
    """Tells of a token and its new secret what is the same in every run, and that the two belong together."""
    token, secret = made.token, made.secret
    return (
        f'{token.id} "{token.name}" of {token.owner_id} in {token.workspace_id}, {kind(token.kind)}, '
        f"{len(token.scopes)} scopes until {token.expires_at.seconds}, {state(token.state)}, "
        f"secret of {len(secret)} bytes, hint {truth(token.hint == secret[:5] + '…' + secret[-4:])}")


def refused(call, *arguments, **options):
    """Tells what a call that must be refused answered: the code, and of its details reason, facts and fields."""
    try:
        return f"no refusal but {call(*arguments, **options)}"
    except Refused as refusal:
        facts = [f"{key}={value}" for key, value in sorted(refusal.info.metadata.items())]
        fields = ["field=" + problem.field for problem in refusal.problems.field_violations]
        message = [] if str(refusal) else ["no message"]
        return " ".join(
            [str(refusal.code), refusal.info.domain, refusal.info.reason] + facts + fields + message)


print("health:", health_pb2.HealthCheckResponse.ServingStatus.Name(service.call(
    "grpc.health.v1.Health", "Check", health_pb2.HealthCheckRequest(), health_pb2.HealthCheckResponse()).status))

# The first admin, and who it is by either way to name a caller.
first = bootstrap(operator, workspace_id="ws_interop", user_id="alice")
print("bootstrap:", describe(first))
admin = bearer(first.secret)
delegated = {"tokend-user": "alice", "tokend-workspace": "ws_interop"}
for way, caller, through in [("bearer", admin, service), ("delegated", delegated, operator)]:
    who = tokens("WhoAmI", token_pb2.WhoAmIRequest(), caller, through)
    print(f"{way}: {who.principal_id} in {who.workspace_id}, {who.role}, {caller_kind(who.caller_kind)}")

# A token, with a deadline that is kept.
request = token_pb2.CreateTokenRequest(
    name="déploiement 🔑", scopes=["issues:read", "patterns:read"],
    expires_at=timestamp_pb2.Timestamp(seconds=YEAR_2100))
made = tokens("CreateToken", request, admin, timeout_nano=60_000_000_000)
print("create:", describe(made))

# What it is good for.
valid = verify(made.secret, "ws_interop", "issues:read")
print(
    f"verify: {outcome(valid.outcome)} {kind(valid.kind)} {valid.principal_id} in {valid.workspace_id}, "
    f'"{valid.token_name}" {texts(valid.scopes)} until {valid.expires_at.seconds}, '
    f"same id {truth(valid.token_id == made.token.id)}")
lacking = verify(made.secret, "", "issues:read", "audit:read")
print(
    f"verify for more: {outcome(lacking.outcome)}, missing {texts(lacking.missing_scopes)}, "
    f"scopes {texts(lacking.scopes)}")
elsewhere = verify(made.secret, "ws_other")
print(f'verify elsewhere: {outcome(elsewhere.outcome)}, id "{elsewhere.token_id}"')
batch = service.call(
    "tokend.v1.VerificationService", "VerifyBatch",
    verification_pb2.VerifyBatchRequest(requests=[
        verification_pb2.VerifyRequest(token=secret) for secret in (made.secret, "nonsense", first.secret)]),
    verification_pb2.VerifyBatchResponse())
print("batch:", ", ".join(f"{outcome(response.outcome)} {response.token_name}" for response in batch.responses))

# What is refused.
more = token_pb2.CreateTokenRequest(name="more", scopes=["issues:write"])
late = token_pb2.CreateTokenRequest(name="late", scopes=["issues:read"])
other = token_pb2.GetTokenRequest(id="tok_01ARZ3NDEKTSV4RRFFQ69G5FAV")
print("nobody creates:", refused(tokens, "CreateToken", request))
print("create nothing:", refused(tokens, "CreateToken", token_pb2.CreateTokenRequest(), admin))
print("create again:", refused(tokens, "CreateToken", request, admin))
print("create more:", refused(tokens, "CreateToken", more, bearer(made.secret)))
print("get another:", refused(tokens, "GetToken", other, admin))
print("service bootstraps:", refused(bootstrap, service, workspace_id="ws_more", user_id="alice"))
print("unknown method:", refused(
    service.call, "tokend.v1.TokenService", "Nonsense", request, token_pb2.CreateTokenResponse()))
print("create late:", refused(tokens, "CreateToken", late, admin, timeout_nano=1))

# A new secret, and the end.
rolled = tokens("RollToken", token_pb2.RollTokenRequest(id=made.token.id), admin)
print(f"roll: {describe(rolled)}, same id {truth(rolled.token.id == made.token.id)}")
print("verify old:", outcome(verify(made.secret).outcome))
print("verify new:", outcome(verify(rolled.secret).outcome))
revoked = tokens("RevokeToken", token_pb2.RevokeTokenRequest(id=made.token.id), admin).token
print(f"revoke: {state(revoked.state)}, at {truth(revoked.revoked_at.seconds > 0)}")
print("verify revoked:", outcome(verify(rolled.secret).outcome))
print("revoked asks:", refused(tokens, "WhoAmI", token_pb2.WhoAmIRequest(), bearer(rolled.secret)))
page = tokens("ListTokens", token_pb2.ListTokensRequest(page_size=2), admin)
names = ", ".join(f'"{token.name}" {state(token.state)}' for token in page.tokens)
print(f"list: {names}, of {page.total_size}, more {truth(page.next_page_token)}")
