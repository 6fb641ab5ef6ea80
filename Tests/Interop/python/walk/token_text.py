"""The text of a token, as PROTOCOL.md has it in "Token text": a client can refuse a mistyped one without a call."""

import re
import zlib

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def checksum(text):
    """Six digits of base 62 for all that stands before them."""
    value, digits = zlib.crc32(text.encode()), ""
    for _ in range(6):
        value, digit = divmod(value, 62)
        digits = DIGITS[digit] + digits
    return digits


def is_well_formed(text):
    return bool(re.fullmatch("clp[us]_[0-9A-Za-z]{49}", text)) and text[-6:] == checksum(text[:-6])


# Nobody ever had it: its 256 bits are all zero.
UNKNOWN_TOKEN = "clpu_" + "0" * 43 + checksum("clpu_" + "0" * 43)
