"""Rows of the walk. A row is one call: who makes it, what is asked, what has to come back, and which events it leaves.

Texts in a row may hold places such as {laptop.secret}: what the row with keep="laptop" got. Requests and responses are
written as JSON has protobuf messages, with the names of the .proto files.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Caller:
    """A socket and the metadata of a request, and how the audit names whom they stand for."""

    socket: str
    metadata: dict = field(default_factory=dict)
    actor: str = ""
    workspace: str = ""
    # What the audit says beside, of what the caller does.
    by_token: str = None


# Any process that can open the socket; and the host's operator.
ANYONE = Caller("tokend.sock")
OPERATOR = Caller("operator.sock", actor="uid:{uid}")


def bearer(name):
    """Who presents the secret that the row of this name got."""
    return Caller(
        "tokend.sock", {"authorization": f"Bearer {{{name}.secret}}"}, f"{{{name}.token.owner_id}}",
        f"{{{name}.token.workspace_id}}", f"{{{name}.token.id}}")


def acting(user, workspace="ws_walk", socket="operator.sock"):
    """A trusted peer that names a user."""
    return Caller(socket, {"tokend-user": user, "tokend-workspace": workspace}, user, workspace)


@dataclass(frozen=True)
class Event:
    action: str
    target: str
    metadata: dict
    # None for the caller's.
    actor: str = None
    workspace: str = None


def event(action, target, actor=None, workspace=None, **metadata):
    return Event(action, target, metadata, actor, workspace)


@dataclass(frozen=True)
class Row:
    method: str
    case: str
    caller: Caller
    request: dict
    # Either fields of the response, or the reason of the refusal with its fields and facts.
    gives: dict = None
    reason: str = None
    fields: tuple = ()
    facts: dict = field(default_factory=dict)
    events: tuple = ()
    # Under which name the response is kept.
    keep: str = None
    timeout_nano: int = 0
    # Bytes to send in place of the request.
    payload: bytes = None
    # Files that are written before, by their names in the daemon's directory.
    files: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Pause:
    """Until this time has passed."""

    until: str


def works(method, case, caller, request=None, gives=None, *events, **more):
    return Row(method, case, caller, request or {}, gives=gives or {}, events=events, **more)


def refused(method, case, caller, request, reason, *fields, **more):
    """With the fields that a BadRequest names. A refused call leaves no event but auth.refused, which comes later."""
    return Row(method, case, caller, request, reason=reason, fields=fields, **more)


def lacks(method, case, caller, request, *scopes):
    """Forbidden for want of scopes."""
    return refused(method, case, caller, request, "forbidden", facts={"missing_scopes": " ".join(scopes)})
