"""Takes the walk: carries out rows one after the other, and compares all that comes with what they say."""

import os
import re
import time
from collections import Counter
from datetime import datetime, timezone

from google.protobuf import json_format

from connection import Connection, Refused
from walk.methods import METHODS
from walk.rows import Pause
from walk.token_text import is_well_formed
from walk.values import Exact, Kept, difference, fill, restrict

# Methods that answer with a stream.
STREAMS = {"TailEvents", "Backup"}

# Reasons for which a refused call is counted in the audit, "rate_limited" when it is for too many changes.
COUNTED = {"unauthorized", "forbidden", "rate_limited"}


class Raw:
    """Bytes in place of a message."""

    def __init__(self, payload):
        self.payload = payload

    def SerializeToString(self):
        return self.payload


class Walk:
    def __init__(self, daemon, protocol_text):
        self.daemon = daemon
        self.codes = protocol_text.codes
        self.names = {"uid": os.getuid(), "directory": str(daemon.directory)}
        self.row_count = 0
        self.failures = []
        self.succeeded = set()
        self.reasons = set()
        self.refusals = Counter()
        self.secrets = set()
        self.connections = {}
        self.last_seq = 0

    # Calling

    def connection(self, socket):
        if socket not in self.connections:
            self.connections[socket] = Connection(str(self.daemon.directory / socket))
        return self.connections[socket]

    def forget_connections(self):
        """The daemon has ended."""
        self.connections.clear()

    def call(self, name, request, caller, timeout_nano=0):
        """The response, of a stream its first message; or Refused. What the audit counts of refusals is counted here
        too, to be compared at the end."""
        method = METHODS[name]
        metadata = fill(caller.metadata, self.names)
        try:
            if name in STREAMS:
                response = next(self.follow(request, caller, timeout_nano, name))
            else:
                response = self.connection(caller.socket).call(
                    method.service, method.name, request, method.response(), metadata, timeout_nano)
        except Refused as refusal:
            reason = refusal.info.reason
            self.reasons.add(reason)
            is_of_size = reason == "rate_limited" and "retry_after_milliseconds" not in refusal.info.metadata
            if reason in COUNTED and not is_of_size:
                self.refusals[method.audit_name, reason] += 1
            raise
        self.succeeded.add(name)
        if getattr(response, "secret", ""):
            self.secrets.add(response.secret)
            if not is_well_formed(response.secret):
                self.fail(name, ["gave a secret whose checksum is wrong"])
        return response

    def follow(self, request, caller, timeout_nano=0, name="TailEvents"):
        """A stream, on a connection of its own."""
        method = METHODS[name]
        return Connection(str(self.daemon.directory / caller.socket)).follow(
            method.service, method.name, request, method.response, fill(caller.metadata, self.names), timeout_nano)

    def message(self, name, fields):
        return json_format.ParseDict(fill(fields, self.names), METHODS[name].request())

    # Rows

    def take(self, rows):
        for row in rows:
            if isinstance(row, Pause):
                self.pause(row)
                continue
            self.row_count += 1
            try:
                lines = self.compare(row)
            except (KeyError, IndexError, json_format.ParseError, ConnectionError) as error:
                lines = [f"not carried out: {type(error).__name__}: {error}"]
            if lines:
                self.fail(f"{row.method}: {row.case}", lines)

    def pause(self, row):
        until = datetime.fromisoformat(fill(row.until, self.names).replace("Z", "+00:00"))
        time.sleep(max(0, (until - datetime.now(timezone.utc)).total_seconds()) + 0.01)

    def fail(self, title, lines):
        self.failures.append("\n    ".join([title] + lines))

    def compare(self, row):
        for name, text in row.files.items():
            self.daemon.write(name, fill(text, self.names))
        request = Raw(row.payload) if row.payload is not None else self.message(row.method, row.request)
        expected, got = {}, {}
        try:
            response = self.call(row.method, request, row.caller, row.timeout_nano)
            got["gives"] = json_format.MessageToDict(response, preserving_proto_field_name=True)
            if row.keep:
                self.names[row.keep] = Kept(got["gives"])
        except Refused as refusal:
            got["refused"] = self.told(refusal)
        if row.reason:
            expected["refused"] = {
                "code": self.codes[row.reason], "domain": "tokend", "reason": row.reason,
                "fields": sorted(fill(row.fields, self.names)),
                "facts": Exact(fill(row.facts, self.names)), "has": ["message", "trace_id"]}
        else:
            expected["gives"] = fill(row.gives, self.names)
        expected["events"] = [self.expected_event(row, event) for event in row.events]
        got["events"] = [self.told_event(event) for event in self.new_events()]
        return difference(expected, restrict(got, expected) if got.keys() == expected.keys() else got)

    @staticmethod
    def told(refusal):
        facts = dict(refusal.info.metadata)
        has = ["message"] if str(refusal) else []
        has += ["trace_id"] if re.fullmatch("[0-9a-f]{16}", facts.pop("trace_id", "")) else []
        return {
            "code": refusal.code, "domain": refusal.info.domain, "reason": refusal.info.reason,
            "fields": sorted(
                problem.field for problem in refusal.problems.field_violations if problem.description),
            "facts": facts, "has": has}

    # Events

    def expected_event(self, row, event):
        by_token = {"by_token": row.caller.by_token} if row.caller.by_token and not event.actor else {}
        return {
            "action": event.action, "target": fill(event.target, self.names),
            "workspace": fill(row.caller.workspace if event.workspace is None else event.workspace, self.names),
            "actor": fill(event.actor or row.caller.actor, self.names),
            "metadata": Exact(fill({**event.metadata, **by_token}, self.names)),
            "peer": [os.getuid(), os.getpid()]}

    @staticmethod
    def told_event(event):
        return {
            "action": event.action, "target": event.target, "workspace": event.workspace_id, "actor": event.actor,
            "metadata": dict(event.metadata), "peer": [event.peer_uid, event.peer_pid]}

    def events(self, newer_than=0):
        """All events with a greater number, the oldest first, page by page as the host's operator reads them."""
        method, events, page_token = METHODS["ListEvents"], [], ""
        while True:
            page = self.connection("operator.sock").call(
                method.service, method.name, method.request(page_token=page_token), method.response())
            events += [event for event in page.events if event.seq > newer_than]
            page_token = page.next_page_token
            if not page_token or any(event.seq <= newer_than for event in page.events):
                return events[::-1]

    def take_note_of_beginning(self):
        """What the making of the store has left."""
        actions = [event.action for event in self.new_events()]
        if actions != ["store.created"]:
            self.fail("a new store", [f"has the events {actions}"])

    def new_events(self):
        """Those of the last row. A count of refusals may come in between, when a minute has passed."""
        events = self.events(self.last_seq)
        if events:
            self.last_seq = events[-1].seq
        return [event for event in events if event.action != "auth.refused"]
