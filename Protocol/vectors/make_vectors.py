#!/usr/bin/python3
"""Writes the golden files beside this script, from the proto files and protobuf's own encoder.

Needs protoc and the protobuf package for Python (Debian: protobuf-compiler python3-protobuf). Run it after a change to
a proto file; the same input always gives the same bytes. README.md tells how the files are read.
"""

import binascii
import hashlib
import importlib
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PROTOCOL = HERE.parent
sys.dont_write_bytecode = True
# The C++ implementation neither merges maps in the deterministic order nor refuses every stray end of a group.
os.environ["PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"] = "python"

with tempfile.TemporaryDirectory() as generated:
    protos = sorted(str(path.relative_to(PROTOCOL)) for path in PROTOCOL.rglob("*.proto"))
    subprocess.run(["protoc", f"-I{PROTOCOL}", f"--python_out={generated}", *protos], check=True)
    sys.path.insert(0, generated)
    modules = {
        name: importlib.import_module(name)
        for name in [path.removesuffix(".proto").replace("/", ".") + "_pb2" for path in protos]
    }

from google.protobuf import timestamp_pb2  # noqa: E402
from google.protobuf.descriptor import FieldDescriptor as Field  # noqa: E402
from google.protobuf.message import DecodeError  # noqa: E402

TTRPC = modules["ttrpc.ttrpc_pb2"]
STATUS = modules["google.rpc.status_pb2"]
DETAILS = modules["google.rpc.error_details_pb2"]
TOKEND = {name: module for name, module in modules.items() if name.startswith("tokend.")}
HEALTH = modules["grpc.health.v1.health_pb2"]

INTEGERS = {
    Field.TYPE_INT32: (-(2**31), 2**31 - 1),
    Field.TYPE_INT64: (-(2**63), 2**63 - 1),
    Field.TYPE_UINT32: (0, 2**32 - 1),
    Field.TYPE_UINT64: (0, 2**64 - 1),
}
EDGE_TEXT = "\x00 \u007f \u0080 \u07ff \u0800 \ufffd \U00010000 \U0010ffff e\u0301 \u202e \U0001f511"


# -- Encoding by hand, for what protobuf's own encoder does not write

def varint(value, width=0):
    """A varint of at least `width` bytes."""
    out = bytearray()
    while value > 0x7F or len(out) + 1 < width:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def tag(number, wire_type, width=0):
    return varint(number << 3 | wire_type, width)


def delimited(number, data, width=0):
    return tag(number, 2, width) + varint(len(data), width) + data


def read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    """The top-level fields of a message without groups, as (number, wire type, value)."""
    at = 0
    while at < len(data):
        key, at = read_varint(data, at)
        if key & 7 == 0:
            value, at = read_varint(data, at)
        else:
            size, at = read_varint(data, at)
            value, at = data[at : at + size], at + size
        yield key >> 3, key & 7, value


def encode_field(number, wire_type, value, width=0):
    if wire_type == 0:
        return tag(number, 0, width) + varint(value, width)
    return delimited(number, value, width)


# -- Messages

def encode(message):
    return message.SerializeToString(deterministic=True)


def canonical(message_class, data):
    """What the bytes mean, encoded as protobuf encodes it."""
    message = message_class.FromString(data)
    message.DiscardUnknownFields()
    return encode(message)


def is_map(field):
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def fill(message, scalar, count, depth=0):
    """Gives every field of the message a value: `scalar` makes it, lists get `count` elements."""
    for index, field in enumerate(message.DESCRIPTOR.fields):
        target = getattr(message, field.name)
        if is_map(field):
            for element in range(count):
                target[f"key_{count - element}"] = scalar(field.message_type.fields[1], element)
        elif field.label == Field.LABEL_REPEATED:
            for element in range(count):
                if field.message_type is None:
                    target.append(scalar(field, element))
                else:
                    fill(target.add(), scalar, min(count, 2), depth + 1)
        elif field.message_type is not None:
            target.SetInParent()
            fill(target, scalar, min(count, 2), depth + 1)
        else:
            setattr(message, field.name, scalar(field, 0))
    return message


def present(message):
    """Gives every field that can be absent its default value."""
    for field in message.DESCRIPTOR.fields:
        if field.label == Field.LABEL_REPEATED:
            continue
        if field.message_type is not None:
            getattr(message, field.name).SetInParent()
        elif field.containing_oneof is not None:
            setattr(message, field.name, field.default_value)
    return message


def plain(field, element):
    """A value that tells the field: its name, or its number."""
    if field.type == Field.TYPE_STRING:
        return f"{field.name} {element} é"
    if field.type == Field.TYPE_BYTES:
        return bytes([field.number, 0, 0x80, 0xFF])
    return True if field.type == Field.TYPE_BOOL else 1 if field.type == Field.TYPE_ENUM else field.number * 1000


def highest(field, element):
    if field.type == Field.TYPE_STRING:
        return EDGE_TEXT if element == 0 else ""
    if field.type == Field.TYPE_BYTES:
        return bytes(range(256))
    if field.type == Field.TYPE_ENUM:
        return 2**31 - 1
    return True if field.type == Field.TYPE_BOOL else INTEGERS[field.type][1]


def lowest(field, element):
    if field.type in (Field.TYPE_STRING, Field.TYPE_BYTES, Field.TYPE_BOOL):
        return plain(field, element)
    return -1 if field.type == Field.TYPE_ENUM else INTEGERS[field.type][0]


UNKNOWN = (
    tag(536870911, 0) + varint(2**64 - 1)
    + tag(1000, 1) + bytes(8)
    + delimited(1001, b"\xff\xfe unknown bytes need not be UTF-8")
    + tag(1002, 5) + bytes(4)
    + tag(1003, 3) + tag(1, 0) + varint(7) + tag(2, 3) + delimited(3, b"in two groups") + tag(2, 4) + tag(1003, 4)
)


def wrong_wire_types(message_class):
    """Each known field with a wire type it does not have."""
    out = b""
    for field in message_class.DESCRIPTOR.fields:
        is_number = field.message_type is None and field.type not in (Field.TYPE_STRING, Field.TYPE_BYTES)
        if not is_number:
            out += tag(field.number, 0) + varint(5)
        out += tag(field.number, 1) + bytes(8) + tag(field.number, 5) + bytes(4)
        out += tag(field.number, 3) + tag(field.number, 4)
    return out


def in_pieces(data, message_class):
    """Every singular embedded message in as many pieces as it has fields."""
    embedded = {
        field.number for field in message_class.DESCRIPTOR.fields
        if field.message_type is not None and field.label != Field.LABEL_REPEATED
    }
    out = b""
    for number, wire_type, value in fields(data):
        if number in embedded:
            out += b"".join(delimited(number, encode_field(*piece)) for piece in fields(value))
        else:
            out += encode_field(number, wire_type, value)
    return out


def lines_for(message_class):
    name = message_class.DESCRIPTOR.full_name
    filled = encode(fill(message_class(), plain, 2))
    low = encode(fill(message_class(), lowest, 1))
    cases = {
        "empty": b"",
        "filled": filled,
        "highest": encode(fill(message_class(), highest, 2)),
        "lowest": low,
    }
    if any(field.label == Field.LABEL_REPEATED for field in message_class.DESCRIPTOR.fields):
        cases["many"] = encode(fill(message_class(), plain, 12))
    if encode(present(message_class())):
        cases["present"] = encode(present(message_class()))
    if not filled:
        cases = {"empty": b""}
    for case, data in cases.items():
        assert canonical(message_class, data) == data, (name, case)
        yield f"valid {name}/{case} {hexadecimal(data)}"
    shuffled = sorted(fields(filled), key=lambda field: -field[0])
    variants = {
        "unknown_fields": UNKNOWN + filled + UNKNOWN,
        "long_varints": b"".join(encode_field(*field, width=5) for field in fields(filled)),
        "reverse_order": b"".join(encode_field(*field) for field in shuffled),
        "twice": low + filled,
        "in_pieces": in_pieces(filled, message_class),
        "wrong_wire_types": wrong_wire_types(message_class) + filled + wrong_wire_types(message_class),
    }
    for case, data in variants.items():
        # Protobuf for Python takes a padded tag for another field; no other implementation does.
        meaning = filled if case == "long_varints" else canonical(message_class, data)
        if data != meaning:
            yield f"means {name}/{case} {hexadecimal(data)} {hexadecimal(meaning)}"


def hexadecimal(data):
    return binascii.hexlify(data).decode() or "-"


# -- Bytes that are no message

def error_lines():
    verify = "tokend.v1.VerifyRequest"
    scopes = "tokend.v1.ListScopesResponse"
    token = delimited(1, b"abc")

    def groups(depth):
        return tag(9, 3) * depth + tag(9, 4) * depth

    cases = [
        # name, message, bytes, code, offset of the first byte at fault
        ("tag_cut", verify, token + b"\x80", "truncated", 6),
        ("tag_of_11_bytes", verify, b"\x8a" + b"\x80" * 9 + b"\x00", "varintTooLong", 0),
        ("varint_of_11_bytes", verify, tag(9, 0) + b"\xff" * 10 + b"\x01", "varintTooLong", 1),
        ("varint_of_65_bits", verify, tag(9, 0) + b"\xff" * 9 + b"\x02", "varintTooLong", 1),
        ("varint_cut", verify, tag(9, 0) + b"\xff\xff", "truncated", 3),
        ("field_0", verify, token + b"\x02\x00", "invalidFieldNumber", 5),
        ("field_2_to_29", verify, varint(2**29 << 3) + b"\x00", "invalidFieldNumber", 0),
        ("wire_type_6", verify, token + b"\x0e", "invalidWireType", 5),
        ("wire_type_7", verify, token + b"\x0f", "invalidWireType", 5),
        ("length_cut", verify, tag(1, 2), "truncated", 1),
        ("length_one_too_long", verify, tag(1, 2) + b"\x04abc", "truncated", 1),
        ("length_negative_as_int32", verify, tag(1, 2) + varint(2**64 - 1), "truncated", 1),
        ("length_2_to_31", verify, tag(1, 2) + varint(2**31) + b"abc", "truncated", 1),
        ("length_2_to_63", verify, tag(1, 2) + varint(2**63) + b"abc", "truncated", 1),
        ("length_2_to_63_less_1", verify, tag(1, 2) + varint(2**63 - 1) + b"abc", "truncated", 1),
        ("fixed32_cut", verify, tag(9, 5) + bytes(3), "truncated", 4),
        ("fixed64_cut", verify, tag(9, 1) + bytes(7), "truncated", 8),
        ("utf8_lone_continuation", verify, delimited(1, b"ab\x80c"), "invalidUTF8", 4),
        ("utf8_overlong", verify, delimited(1, b"\xc0\xaf"), "invalidUTF8", 2),
        ("utf8_surrogate", verify, delimited(1, b"a\xed\xa0\x80"), "invalidUTF8", 3),
        ("utf8_above_10ffff", verify, delimited(1, b"\xf4\x90\x80\x80"), "invalidUTF8", 2),
        ("utf8_cut", verify, delimited(1, b"\xe2\x82"), "invalidUTF8", 2),
        ("utf8_in_a_list", verify, token + delimited(2, b"ok") + delimited(2, b"\xff"), "invalidUTF8", 11),
        ("utf8_two_messages_deep", scopes, delimited(1, delimited(2, delimited(1, b"a\xff"))), "invalidUTF8", 7),
        ("cut_two_messages_deep", scopes, delimited(1, delimited(2, tag(1, 2) + b"\x05a")), "truncated", 5),
        ("group_never_ends", verify, tag(9, 3) + token, "truncated", 6),
        ("group_end_alone", verify, token + tag(9, 4), "unmatchedGroupEnd", 5),
        ("group_end_of_another", verify, tag(9, 3) + tag(10, 4), "unmatchedGroupEnd", 1),
        ("groups_crossed", verify, tag(9, 3) + tag(10, 3) + tag(9, 4) + tag(10, 4), "unmatchedGroupEnd", 2),
        ("groups_101_deep", verify, groups(101), "nestingTooDeep", 100),
        ("known_field_as_group_that_never_ends", verify, tag(1, 3), "truncated", 1),
    ]
    classes = {verify: find(verify), scopes: find(scopes)}
    for name, message, data, code, offset in cases:
        # Protobuf's own decoder must refuse it too, but for the two where it drops bits above the 64th or the 32nd.
        if name not in ("varint_of_65_bits", "field_2_to_29"):
            try:
                classes[message].FromString(data)
            except (DecodeError, UnicodeDecodeError):
                pass
            else:
                raise AssertionError(f"{name} is a message to protobuf")
        yield f"error {message}/{name} {hexadecimal(data)} {code} {offset}"
    yield f"means {verify}/groups_100_deep {hexadecimal(groups(100) + token)} {hexadecimal(token)}"


# -- The audit chain

def audit_events():
    """A chain: the first event is the example of PROTOCOL.md, the last follows a gap."""
    event = find("tokend.v1.AuditEvent")
    return {
        "first": event(
            seq=1, at=timestamp_pb2.Timestamp(seconds=1767225600), workspace_id="ws_acme", actor="user_ada",
            peer_uid=1000, peer_pid=4242, action="token.created", target="tok_01JD3ZK5V8Q2W4X6Y8Z0A1B2C3",
            metadata={"name": "laptop", "kind": "personal"}, trace_id="4bf92f3577b34da6"),
        "of_the_host": event(
            seq=2, at=timestamp_pb2.Timestamp(seconds=1767225601, nanos=999999000), actor="host",
            action="configuration.reloaded"),
        "of_root": event(
            seq=3, at=timestamp_pb2.Timestamp(seconds=1767225602, nanos=1000), workspace_id="ws_acme", actor="uid:0",
            peer_uid=0, peer_pid=1, action="workspace.suspended", target="ws_acme"),
        "keys_by_their_bytes": event(
            seq=4, at=timestamp_pb2.Timestamp(seconds=1767225603), workspace_id="ws_acme", actor="user_ada",
            peer_uid=2**32 - 2, peer_pid=2**22, action="member.role_changed", target="user_é",
            metadata={"é": "1", "e\u0301": "2", "z": "", "Z": "4", "": "5"}, trace_id="\U0001f511"),
        "before_1970_after_a_gap": event(
            seq=2**40, at=timestamp_pb2.Timestamp(seconds=-1, nanos=1000), actor="host", action="store.recovered"),
    }


def audit_body(event):
    """What an event's hash covers beside the hash before it; PROTOCOL.md ("Audit") has the table."""
    def number(value, size, signed=False):
        return value.to_bytes(size, "big", signed=signed)

    def text(value):
        return number(len(value.encode()), 4) + value.encode()

    pairs = sorted((key.encode(), key, value) for key, value in event.metadata.items())
    return b"".join([
        number(event.seq, 8),
        number(event.at.seconds * 1_000_000 + event.at.nanos // 1000, 8, signed=True),
        text(event.workspace_id),
        text(event.actor),
        number(event.peer_uid if event.WhichOneof("peer") else 0xFFFFFFFF, 4),
        number(event.peer_pid, 4),
        text(event.action),
        text(event.target),
        number(len(pairs), 4),
        *(text(key) + text(value) for _, key, value in pairs),
        text(event.trace_id),
    ])


def audit_lines():
    previous = bytes(32)
    for name, event in audit_events().items():
        body = audit_body(event)
        event.hash = hashlib.sha256(previous + body).digest()
        yield f"event {name} {hexadecimal(encode(event))} {hexadecimal(previous)} {hexadecimal(body)}"
        previous = event.hash


# -- Frames

TOKEN = "clpu_7Qa2bXv0R5tYk1LmZ8cD3fGh6JnPqS9uWxEeBdAyCzi4"  # the checksum is appended below


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
    assert len(token) == 55
    v1 = {name: getattr(module, name) for module in TOKEND.values() for name in module.DESCRIPTOR.message_types_by_name}
    timestamp = timestamp_pb2.Timestamp(seconds=1893456000)
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
    event = audit_events()["first"]
    event.hash = hashlib.sha256(bytes(32) + audit_body(event)).digest()
    yield "tail_events_data", frame(15, 3, 0, encode(v1["TailEventsResponse"](events=[event], last_seq=1)))
    yield "tail_events_data_without_events", frame(15, 3, 0, encode(v1["TailEventsResponse"](last_seq=7)))
    yield "tail_events_end", frame(15, 3, 5, b"")
    yield "health_request", frame(
        0xFFFFFFFF, 1, 0, call("grpc.health.v1.Health", "Check", HEALTH.HealthCheckRequest()))


# -- Files

def find(full_name):
    for module in modules.values():
        package, _, name = full_name.rpartition(".")
        if module.DESCRIPTOR.package == package and name in module.DESCRIPTOR.message_types_by_name:
            return getattr(module, name)
    raise LookupError(full_name)


def write(name, lines):
    head = "# Made by make_vectors.py; README.md tells how to read it.\n"
    HERE.joinpath(name).write_text(head + "".join(f"{line}\n" for line in lines))


messages = [
    getattr(module, name)
    for _, module in sorted(modules.items())
    for name in sorted(module.DESCRIPTOR.message_types_by_name)
]
messages.append(DETAILS.BadRequest.FieldViolation)
messages.append(timestamp_pb2.Timestamp)
write("messages.txt", [line for message in messages for line in lines_for(message)])
write("errors.txt", error_lines())
write("audit.txt", audit_lines())
write("frames.txt", [f"frame {name} {hexadecimal(data)}" for name, data in frame_lines()])
