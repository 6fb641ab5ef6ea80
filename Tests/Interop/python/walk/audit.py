"""AuditService: events by page and by stream, and their chain, computed anew from PROTOCOL.md's words alone."""

import hashlib
import re

from connection import Refused
from walk.rows import OPERATOR, acting, refused, works
from walk.values import ANY

CAM = acting("cam")

LISTING = [
    works("ListEvents", "the newest of the caller's workspace", CAM, {"page_size": 2}, {
        "events": [{"seq": ANY, "at": ANY, "workspace_id": "ws_walk", "hash": ANY, "trace_id": ANY}] * 2,
        "next_page_token": ANY, "total_size": ANY}),
    works("ListEvents", "by actor, action and target", CAM, {
        "actor": "ada", "action": "token.created", "target": "{laptop.token.id}"}, {
        "events": [{"action": "token.created", "metadata": {"name": "laptop"}}], "total_size": 1}),
    works("ListEvents", "by the beginning of the action", CAM, {"action": "token.*", "target": "{child.token.id}"}, {
        "events": [{"action": "token.revoked"}, {"action": "token.created"}]}),
    works("ListEvents", "by time", CAM, {
        "start_time": "2020-01-01T00:00:00Z", "end_time": "{boot.token.created_at}"}, {"events": [], "total_size": 0}),
    works("ListEvents", "another workspace's are not there", CAM, {"target": "{other_boot.token.id}"}, {
        "events": [], "total_size": 0}),
    works("ListEvents", "but for the host's operator", OPERATOR, {"target": "{other_boot.token.id}"}, {
        "events": [{"action": "token.created", "workspace_id": "ws_other"}]}),
    refused("ListEvents", "a page too long, a time that is none", CAM, {
        "page_size": 101}, "validation_error", "page_size"),
    works("TailEvents", "from the oldest on, of one target", CAM, {"after_seq": 0, "target": "{child.token.id}"}, {
        "events": [{"action": "token.created"}, {"action": "token.revoked"}], "last_seq": ANY}),
    works("TailEvents", "a message at once, though there is no event", CAM, {}, {"events": [], "last_seq": ANY}),
    refused("TailEvents", "behind an event that is not there", CAM, {"after_seq": 1000000}, "validation_error",
            "after_seq"),
]


def event_hash(previous, event):
    """The hash of an event, from the one before it: the bytes are PROTOCOL.md's table in "Audit"."""
    def number(value, size, signed=False):
        return value.to_bytes(size, "big", signed=signed)

    def text(value):
        return number(len(value.encode()), 4) + value.encode()

    pairs = sorted(event.metadata.items(), key=lambda pair: pair[0].encode())
    body = [
        number(event.seq, 8),
        number(event.at.seconds * 1_000_000 + event.at.nanos // 1000, 8, signed=True),
        text(event.workspace_id),
        text(event.actor),
        number(event.peer_uid if event.WhichOneof("peer") else 0xFFFFFFFF, 4),
        number(event.peer_pid, 4),
        text(event.action),
        text(event.target),
        number(len(pairs), 4),
        *(text(part) for pair in pairs for part in pair),
        text(event.trace_id),
    ]
    return hashlib.sha256(previous + b"".join(body)).digest()


def check_chain(walk):
    """Every event of the run follows from the one before it, and VerifyChain comes to the same end."""
    events, previous = walk.events(), bytes(32)
    for number, event in enumerate(events, 1):
        previous = event_hash(previous, event)
        if (event.seq, event.hash) != (number, previous):
            walk.fail("the chain", [f"breaks at event {number}: {event}"])
            return
    told = walk.call("VerifyChain", walk.message("VerifyChain", {}), OPERATOR)
    status = walk.call("GetStatus", walk.message("GetStatus", {}), OPERATOR)
    ends = [(told.last_seq, told.last_hash), (status.head_seq, status.head_hash)]
    if not told.intact or ends != [(len(events), previous)] * 2:
        walk.fail("the chain", [f"ends at {len(events)} {previous.hex()}, but the daemon says {told} {status}"])


def check_heads_in_log(walk):
    """The heads that the log tells, at each start and stop, are events of the chain: an outside copy to hold it to."""
    hashes = {event.seq: event.hash.hex() for event in walk.events()}
    heads = re.findall(
        'message="audit head at (start|stop)" .*seq=([0-9]+) hash=([0-9a-f]+)', walk.daemon.log.read_text())
    if [when for when, _, _ in heads] != ["start", "stop", "start"]:
        walk.fail("heads in the log", [f"{heads}"])
    for _, seq, hash_text in heads:
        if hashes.get(int(seq)) != hash_text:
            walk.fail("heads in the log", [f"{seq} {hash_text} is no event"])


def check_secrecy(walk):
    """No secret of the run stands in the daemon's log or in the audit."""
    places = walk.daemon.log.read_text() + "".join(str(event) for event in walk.events())
    for secret in walk.secrets | {"old-secret-1", "old-secret-2"}:
        if secret in places:
            walk.fail("a secret in the log or in the audit", [secret])


class Follower:
    """A stream of all events, from the first one to the daemon's end."""

    def __init__(self, walk):
        self.walk = walk
        self.messages = walk.follow(walk.message("TailEvents", {"after_seq": 0}), OPERATOR)

    def check(self, stop):
        """`stop` ends the daemon. The stream ends well, and has told each event once and in order."""
        expected = [event.SerializeToString(deterministic=True) for event in self.walk.events()]
        stop()
        events, last_seq = [], 0
        try:
            for message in self.messages:
                events += [event.SerializeToString(deterministic=True) for event in message.events]
                last_seq = message.last_seq
        except (Refused, ConnectionError) as error:
            self.walk.fail("TailEvents: the end of a stream", [repr(error)])
        if events != expected or last_seq != len(expected):
            self.walk.fail("TailEvents: all events", [
                f"{len(events)} came, up to {last_seq}; ListEvents has {len(expected)}"])


def check_streams_that_fail(walk):
    """A stream ends with a status when its time is over, and when its caller may no longer read the audit."""
    message = walk.message("TailEvents", {})
    late = walk.follow(message, CAM, timeout_nano=200_000_000)
    suspended = walk.follow(message, CAM)
    for stream in (late, suspended):
        next(stream)
    try:
        next(late)
        walk.fail("TailEvents: past its time", ["a message"])
    except Refused as refusal:
        if refusal.info.reason != "deadline_exceeded":
            walk.fail("TailEvents: past its time", [refusal.info.reason])
    for role, expected in (("viewer", "forbidden"), ("compliance_admin", None)):
        walk.call("PutMember", walk.message("PutMember", {"user_id": "cam", "role": role}), acting("ada"))
        if expected:
            try:
                next(suspended)
                walk.fail("TailEvents: after a demotion", ["a message"])
            except Refused as refusal:
                walk.refusals["AuditService/TailEvents", refusal.info.reason] += 1
                if refusal.info.reason != expected:
                    walk.fail("TailEvents: after a demotion", [refusal.info.reason])


def check_refusals(walk):
    """After a restart: what was refused in the run is in the audit, counted by peer, method and reason."""
    got = {}
    for event in walk.events():
        if event.action == "auth.refused":
            key = event.target, event.metadata["reason"]
            got[key] = got.get(key, 0) + int(event.metadata["count"])
            if event.actor != f"uid:{walk.names['uid']}" or event.peer_uid != walk.names["uid"] or event.workspace_id:
                walk.fail("auth.refused", [f"of another peer: {event}"])
    for key in sorted(got.keys() | walk.refusals.keys()):
        if got.get(key, 0) != walk.refusals[key]:
            walk.fail("auth.refused", [f"{key[0]} {key[1]}: {walk.refusals[key]} were, {got.get(key, 0)} are counted"])
