"""Holds tokend to PROTOCOL.md: a walk over every method that it serves, by a client that knows nothing else of it.

Usage: conformance.py BUILD_DIR DIRECTORY PROTOCOL.md. It starts BUILD_DIR/tokend on a store in the directory, takes the
rows of walk/ one after the other, restarts the daemon, looks at what must have come of it, and prints a line for each
part and whatever was not as the rows say. It is meant to be read: the rows are PROTOCOL.md by examples.
"""

import signal
import sys
import time
from datetime import datetime, timedelta, timezone

from connection import Refused
from walk import accounts, audit, backup, common, epoch_page, isolation, lists, members, operations, tokens, verification
from walk.daemon import Daemon
from walk.methods import METHODS
from walk.protocol_text import OUT_OF_REACH, ProtocolText
from walk.values import Kept
from walk.walk import Walk


def tables(protocol_text):
    """The parts of the walk in their order, each a title and its rows: later ones name what earlier ones have made."""
    yield "what the others begin with", operations.FIRST + members.FIRST + accounts.FIRST + verification.FIRST
    yield "TokenService", (
        tokens.CALLERS + tokens.METADATA + tokens.CREATION + tokens.READING + tokens.ROLLING + tokens.ENDING
        + tokens.RETRY)
    yield "ServiceAccountService", accounts.ACCOUNTS + accounts.TOKENS
    yield "MemberService and import", members.MEMBERS + members.IMPORT + members.RATE
    yield "VerificationService", (
        verification.PERSONAL + verification.ACCOUNTS + verification.ORDER + tokens.EXPIRED)
    yield "OperationsService and Health", (
        operations.STATUS + operations.WORKSPACES + operations.CHAIN + operations.CONFIGURATION)
    yield "AuditService", audit.LISTING
    yield "grants, callers, scopes and deadlines", common.rows(protocol_text)


def check_unknown_methods(walk):
    """No generated message can ask for a method that does not exist."""
    nothing = METHODS["WhoAmI"].request()
    for service, method in (("tokend.v1.TokenService", "Nonsense"), ("tokend.v1.Nonsense", "WhoAmI")):
        walk.row_count += 1
        try:
            walk.connection("tokend.sock").call(service, method, nothing, nothing)
            walk.fail(f"{service}/{method}", ["was answered"])
        except Refused as refusal:
            walk.reasons.add(refusal.info.reason)
            if refusal.info.reason != "unimplemented":
                walk.fail(f"{service}/{method}", [refusal.info.reason])


class Pairs(list):
    """Metadata in which a key may come twice."""

    def items(self):
        return self


def check_metadata(walk):
    """Two keys that are the same name no caller, and other keys are ignored."""
    method, secret = METHODS["WhoAmI"], "Bearer " + walk.names["boot"].secret
    for pairs, expected in [
            ([("authorization", secret), ("authorization", secret)], "validation_error"),
            ([("authorization", secret), ("tracestate", "x"), ("tracestate", "x")], "ada")]:
        walk.row_count += 1
        try:
            got = walk.connection("tokend.sock").call(
                method.service, method.name, method.request(), method.response(), Pairs(pairs)).principal_id
        except Refused as refusal:
            got = refusal.info.reason
        if got != expected:
            walk.fail(f"metadata {[key for key, _ in pairs]}", [f"expected {expected}", f"got {got}"])


def check_hangup(walk, daemon):
    """SIGHUP does as Reload, and the daemon itself is the actor."""
    walk.row_count += 1
    daemon.write("tokend.conf", "changes-burst = 99\n")
    daemon.process.send_signal(signal.SIGHUP)
    deadline, events = time.monotonic() + 5, []
    while not events and time.monotonic() < deadline:
        events = walk.new_events()
    told = [(event.actor, event.action, event.WhichOneof("peer"), dict(event.metadata)) for event in events]
    if told != [("tokend", "configuration.reloaded", None, {"changed_settings": "changes-burst"})]:
        walk.fail("SIGHUP", [f"left {told}"])


def check_coverage(walk, protocol_text):
    """Each method was called with success, and each reason that can be provoked was given."""
    for name in sorted(protocol_text.methods.keys() - walk.succeeded):
        walk.fail(name, ["stands in PROTOCOL.md, and no row of this walk calls it with success"])
    for name in sorted(METHODS.keys() - protocol_text.methods.keys()):
        walk.fail(name, ["is in the .proto files and not in PROTOCOL.md's table of methods"])
    for reason in sorted(protocol_text.codes.keys() - walk.reasons - OUT_OF_REACH):
        walk.fail(reason, ["is a reason that PROTOCOL.md lists, and no row of this walk was refused for it"])


def report(walk, title, count):
    print(f"{title}: {walk.row_count - count} rows")
    return walk.row_count


def take(walk, daemon, protocol_text):
    walk.take_note_of_beginning()
    follower, count = audit.Follower(walk), 0
    for title, rows in tables(protocol_text):
        walk.take(rows)
        count = report(walk, title, count)
    check_unknown_methods(walk)
    check_metadata(walk)
    check_hangup(walk, daemon)
    walk.take(isolation.FIRST)
    isolation.check(walk)
    count = report(walk, "another workspace's", count)
    epoch_page.check(walk)
    lists.check_all(walk)
    count = report(walk, "lists", count)
    audit.check_streams_that_fail(walk)
    backup.check(walk)
    audit.check_chain(walk)
    check_coverage(walk, protocol_text)
    follower.check(daemon.stop)
    walk.forget_connections()
    daemon.start()
    epoch_page.check_uses(walk)
    audit.check_refusals(walk)
    audit.check_chain(walk)
    audit.check_heads_in_log(walk)
    audit.check_secrecy(walk)


def main(build, directory, protocol):
    protocol_text, daemon = ProtocolText(protocol), Daemon(build, directory)
    walk = Walk(daemon, protocol_text)
    walk.names.update(
        nonsense=Kept(secret="nonsense"), old=Kept(secret="old-secret-1"),
        soon=(datetime.now(timezone.utc) + timedelta(seconds=3)).strftime("%Y-%m-%dT%H:%M:%SZ"))
    try:
        daemon.make_store()
        daemon.start()
        take(walk, daemon, protocol_text)
        daemon.stop()
    finally:
        daemon.kill()
    for failure in walk.failures:
        print("FAILED " + failure)
    print(f"{walk.row_count} rows over {len(walk.succeeded)} methods, {len(walk.failures)} failures")
    return 1 if walk.failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
