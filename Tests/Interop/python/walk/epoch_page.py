"""The epoch page, by which a client's own cache forgets revoked tokens at once, and the report of its uses."""

import hashlib
import mmap
import os
import stat
import struct
import time

from walk.rows import ANYONE, acting, event, works

ADA = acting("ada")
BYTE_COUNT, SHARD_COUNT = 32_832, 4096
FUTURE, PAST = "2200-01-01T00:00:00Z", "2020-01-01T00:00:00Z"

ROWS = [
    works("GetCachePage", "where it is", ANYONE, {}, {"file_name": "tokend.sock.epochs"}, keep="page"),
    works("CreateToken", "one to be kept in a cache", ADA, {"name": "kept", "scopes": ["issues:read"]}, {},
          event("token.created", "{kept.token.id}", name="kept", scopes="issues:read"), keep="kept"),
    works("CreateToken", "one used long ago", ADA, {"name": "old use", "scopes": ["issues:read"]}, {},
          event("token.created", "{old_use.token.id}", name="old use", scopes="issues:read"), keep="old_use"),
    works("ReportUsage", "uses that the daemon did not see; what is no token is passed over", ANYONE, {"usages": [
        {"token_id": "{kept.token.id}", "count": 3, "last_used_at": FUTURE},
        {"token_id": "{kept.token.id}", "count": 1, "last_used_at": PAST},
        {"token_id": "{old_use.token.id}", "count": 1, "last_used_at": PAST}, {"token_id": "x", "count": 1}]}),
]
REVOCATION = [
    works("RevokeToken", "the one that is kept", ADA, {"id": "{kept.token.id}"}, {},
          event("token.revoked", "{kept.token.id}", name="kept")),
]


def map_page(directory, answer, read_before, read_after):
    """The page, checked as PROTOCOL.md says before it is trusted."""
    file = os.open(os.path.join(directory, answer.file_name), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        status = os.fstat(file)
        page = mmap.mmap(file, BYTE_COUNT, mmap.MAP_SHARED, mmap.PROT_READ)
    finally:
        os.close(file)
    magic, layout, shard_count, page_id, _, lease = struct.unpack_from("=8sII16sQQ", page)
    checks = {
        "owner": status.st_uid == answer.daemon_uid, "mode": stat.S_IMODE(status.st_mode) == 0o640,
        "size": status.st_size == BYTE_COUNT, "links": status.st_nlink == 1,
        "layout": (magic, layout, shard_count) == (b"tokendEP", 1, SHARD_COUNT), "page id": page_id == answer.page_id,
        "clock": read_before <= answer.boot_time_nanos <= read_after, "lease": lease > read_after}
    return page, [name for name, holds in checks.items() if not holds]


def epoch(page, secret):
    """Of the shard of a token: the first 12 bits of its digest."""
    shard = int.from_bytes(hashlib.sha256(secret.encode()).digest()[:2], "big") >> 4
    return struct.unpack_from("=Q", page, 64 + 8 * shard)[0]


def check(walk):
    walk.take(ROWS)
    before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    answer = walk.call("GetCachePage", walk.message("GetCachePage", {}), ANYONE)
    page, faults = map_page(walk.daemon.directory, answer, before, time.clock_gettime_ns(time.CLOCK_BOOTTIME))
    if faults:
        walk.fail("the epoch page", [f"is not to be trusted: {faults}"])
    secret = walk.names["kept"].secret
    kept_under = epoch(page, secret)
    walk.take(REVOCATION)
    if kept_under % 2 or epoch(page, secret) % 2 or epoch(page, secret) <= kept_under:
        walk.fail("the epoch page", [f"{kept_under} before a revocation, and {epoch(page, secret)} after it"])


def check_uses(walk):
    """After a restart, for which the daemon has written them down: a time to come is now, and the latest one counts."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))
    for name, caller, holds in [
            ("kept", ADA, lambda at: PAST < at <= now), ("old_use", ADA, lambda at: at == PAST),
            ("small", ADA, lambda at: at == ""), ("quiet", acting("bob", "ws_other"), lambda at: at == "")]:
        token = walk.call("GetToken", walk.message("GetToken", {"id": f"{{{name}.token.id}}"}), caller).token
        last_used_at = token.last_used_at.ToJsonString() if token.HasField("last_used_at") else ""
        if not holds(last_used_at):
            walk.fail(f"the last use of {name}", [last_used_at])
