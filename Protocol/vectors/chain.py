"""A chain of audit events, with the bytes that their hashes cover."""

import hashlib

from protos import Timestamp, encode, find, hexadecimal


def unchained():
    """The events by name, without hashes: the first is the example of PROTOCOL.md, the last follows a gap."""
    event = find("tokend.v1.AuditEvent")
    return {
        "first": event(
            seq=1, at=Timestamp(seconds=1767225600), workspace_id="ws_acme", actor="user_ada",
            peer_uid=1000, peer_pid=4242, action="token.created", target="tok_01JD3ZK5V8Q2W4X6Y8Z0A1B2C3",
            metadata={"name": "laptop", "kind": "personal"}, trace_id="4bf92f3577b34da6"),
        "of_the_host": event(
            seq=2, at=Timestamp(seconds=1767225601, nanos=999999000), actor="host",
            action="configuration.reloaded"),
        "of_root": event(
            seq=3, at=Timestamp(seconds=1767225602, nanos=1000), workspace_id="ws_acme", actor="uid:0",
            peer_uid=0, peer_pid=1, action="workspace.suspended", target="ws_acme"),
        "keys_by_their_bytes": event(
            seq=4, at=Timestamp(seconds=1767225603), workspace_id="ws_acme", actor="user_ada",
            peer_uid=2**32 - 2, peer_pid=2**22, action="member.role_changed", target="user_é",
            metadata={"é": "1", "e\u0301": "2", "z": "", "Z": "4", "": "5"}, trace_id="\U0001f511"),
        "before_1970_after_a_gap": event(
            seq=2**40, at=Timestamp(seconds=-1, nanos=1000), actor="host", action="store.recovered"),
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


def chain():
    """Each event with its name, the hash before it, and the bytes that its own hash covers beside that."""
    previous = bytes(32)
    for name, event in unchained().items():
        body = audit_body(event)
        event.hash = hashlib.sha256(previous + body).digest()
        yield name, event, previous, body
        previous = event.hash


def audit_lines():
    for name, event, previous, body in chain():
        yield f"event {name} {hexadecimal(encode(event))} {hexadecimal(previous)} {hexadecimal(body)}"
