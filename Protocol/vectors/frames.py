"""Whole frames, as a client and the daemon exchange them."""

import binascii

from chain import chain
from encoding import delimited
from protos import DETAILS, HEALTH, STATUS, TOKEND, TTRPC, Timestamp, encode

TOKEN = "clpu_7Qa2bXv0R5tYk1LmZ8cD3fGh6JnPqS9uWxEeBdAyCzi"  # the checksum is appended below


def base62(number, width):
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    out = ""
    for _ in range(width):
        number, digit = divmod(number, 62)
        out = digits[digit] + out
    return out


def frame(stream, kind, flags, body):
    return len(body).to_bytes(4, "big") + stream.to_bytes(4, "big") + bytes([kind, flags]) + body


def call(service, method, message, timeout=0, metadata=()):
    request = TTRPC.Request(service=service, method=method, payload=encode(message), timeout_nano=timeout)
    for key, value in metadata:
        request.metadata.add(key=key, value=value)
    return encode(request)


def answer(message):
    # The daemon writes the payload field also when it is empty; protobuf's own encoder leaves it out then.
    return delimited(2, encode(message))


def refusal(code, reason, message, violations=()):
    details = [DETAILS.ErrorInfo(reason=reason, domain="tokend", metadata={"trace_id": "4bf92f3577b34da6"})]
    if violations:
        details.append(DETAILS.BadRequest())
        for field, description in violations:
            details[-1].field_violations.add(field=field, description=description)
    status = STATUS.Status(code=code, message=message)
    for detail in details:
        status.details.add().Pack(detail, deterministic=True)
    return encode(TTRPC.Response(status=status))


def frame_lines():
    token = TOKEN + base62(binascii.crc32(TOKEN.encode()), 6)
    assert len(token) == 54
    v1 = {name: getattr(module, name) for module in TOKEND.values() for name in module.DESCRIPTOR.message_types_by_name}
    timestamp = Timestamp(seconds=1893456000)
    verify = v1["VerifyRequest"](token=token, required_scopes=["issues:read"])
    valid = v1["VerifyResponse"](
        outcome=1, token_id="tok_01JD3ZK5V8Q2W4X6Y8Z0A1B2C3", kind=1, workspace_id="ws_acme", principal_id="user_ada",
        token_name="laptop", scopes=["issues:read", "issues:write"], expires_at=timestamp)
    create = v1["CreateTokenRequest"](
        name="laptop", scopes=["issues:read"], expires_at=timestamp, request_id="0b54cb10-5f0e-4a6c-9a8e-0d6a0f2f9b7e")
    service = "tokend.v1.{}Service".format
    bearer = [("authorization", f"Bearer {token}")]
    user = [("tokend-user", "user_ada"), ("tokend-workspace", "ws_acme")]
    yield "verify_request", frame(1, 1, 0, call(service("Verification"), "Verify", verify))
    yield "verify_response", frame(1, 2, 0, answer(valid))
    yield "verify_response_malformed", frame(3, 2, 0, answer(v1["VerifyResponse"](outcome=2)))
    yield "create_token_request_by_bearer", frame(
        5, 1, 0, call(service("Token"), "CreateToken", create, 2_000_000_000, bearer))
    yield "create_token_request_by_delegate", frame(
        7, 1, 0, call(service("Token"), "CreateToken", create, 2_000_000_000, user))
    yield "revoke_self_response", frame(9, 2, 0, answer(v1["RevokeSelfResponse"]()))
    yield "not_found_response", frame(11, 2, 0, refusal(5, "not_found", "There is no such token."))
    yield "validation_error_response", frame(13, 2, 0, refusal(
        3, "validation_error", "The request has a field that is wrong.", [("name", "must not be empty")]))
    yield "import_tokens_refused_response", frame(17, 2, 0, refusal(
        6, "conflict", "Nothing was imported: two of the tokens can't be.", [
            ("tokens[3].name", "the owner has a token of this name"),
            ("tokens[98].digest", "was known before, as another token")]))
    yield "update_service_account_request", frame(19, 1, 0, call(
        service("ServiceAccount"), "UpdateServiceAccount", v1["UpdateServiceAccountRequest"](
            id="sa_01JD3ZK5V8Q2W4X6Y8Z0A1B2C3", scopes=v1["ScopeList"](), disabled=False), 0, user))
    yield "tail_events_request", frame(
        15, 1, 1, call(service("Audit"), "TailEvents", v1["TailEventsRequest"](after_seq=0), 0, bearer))
    _, event, _, _ = next(chain())
    yield "tail_events_data", frame(15, 3, 0, encode(v1["TailEventsResponse"](events=[event], last_seq=1)))
    yield "tail_events_data_without_events", frame(15, 3, 0, encode(v1["TailEventsResponse"](last_seq=7)))
    yield "tail_events_end", frame(15, 3, 5, b"")
    yield "health_request", frame(
        0xFFFFFFFF, 1, 0, call("grpc.health.v1.Health", "Check", HEALTH.HealthCheckRequest()))
