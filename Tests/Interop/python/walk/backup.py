"""Backup: the whole copy, as PROTOCOL.md ("Backups") has it, opened as what it is."""

import hashlib
import sqlite3

from walk.methods import METHODS
from walk.rows import OPERATOR

CHUNK_BYTES_MAX = 262144


def check(walk):
    walk.row_count += 1
    pieces = list(walk.follow(METHODS["Backup"].request(), OPERATOR, name="Backup"))
    copy = b"".join(piece.chunk for piece in pieces)
    walk.succeeded.add("Backup")
    problems = []
    if any(len(piece.chunk) > CHUNK_BYTES_MAX for piece in pieces):
        problems.append("a piece is too large")
    if {piece.total_byte_count for piece in pieces} != {len(copy)}:
        problems.append(f"has {len(copy)} bytes, and says otherwise")
    if any(piece.digest or piece.head_seq or piece.head_hash for piece in pieces[:-1]):
        problems.append("says what it is before its last piece")
    if pieces[-1].digest != hashlib.sha256(copy).digest():
        problems.append("is not what its digest is of")
    method = METHODS["GetStatus"]
    status = walk.connection("operator.sock").call(
        method.service, method.name, method.request(), method.response())
    if (pieces[-1].head_seq, pieces[-1].head_hash) != (status.head_seq, status.head_hash):
        problems.append("does not end at the newest event")
    problems += problems_of_database(walk, copy, status.head_seq)
    if problems:
        walk.fail("Backup", problems)


def problems_of_database(walk, copy, head_seq):
    path = walk.daemon.directory / "copy.db"
    path.write_bytes(copy)
    database = sqlite3.connect(path)
    try:
        answers = [database.execute(text).fetchone()[0] for text in (
            "PRAGMA integrity_check", "SELECT max(sequence) FROM event")]
    finally:
        database.close()
        path.unlink()
    return [] if answers == ["ok", head_seq] else [f"opens as a database with {answers}"]

