"""The values of rows: texts with places to be filled, and comparison with what came."""

import difflib
import json
import re

# Something is there.
ANY = re.compile(r"(?s).+")
SECRET = re.compile(r"clp[us]_[0-9A-Za-z]{49}")
TOKEN_ID = re.compile(r"tok_[0-9A-HJKMNP-TV-Z]{26}")
ACCOUNT_ID = re.compile(r"sa_[0-9A-HJKMNP-TV-Z]{26}")


class Exact(dict):
    """Expected with these keys and no others."""


class Kept(dict):
    """A response as JSON has it, whose fields a text reaches with dots: {laptop.token.id}."""

    def __getattr__(self, name):
        value = self[name]
        return Kept(value) if isinstance(value, dict) else value


def fill(value, names):
    """The value, with every {place} in its texts filled with what has that name."""
    if isinstance(value, str):
        return value.format(**names)
    if isinstance(value, dict):
        return {key: fill(element, names) for key, element in value.items()}
    if isinstance(value, (list, tuple)):
        return [fill(element, names) for element in value]
    return value


def restrict(got, expected):
    """What came, as far as it was asked for: of a dictionary the expected keys, and for a pattern the pattern itself if
    it matches. What JSON leaves out counts as 0, "", false or an empty list."""
    if isinstance(expected, re.Pattern):
        return expected if isinstance(got, (str, int)) and expected.fullmatch(str(got)) else got
    if isinstance(expected, dict) and isinstance(got, dict):
        others = {key: value for key, value in got.items() if key not in expected}
        return {
            **{key: restrict(got.get(key), element) for key, element in expected.items()},
            **(others if isinstance(expected, Exact) else {})}
    if isinstance(expected, list) and isinstance(got, list) and expected:
        return [restrict(element, expected[min(place, len(expected) - 1)]) for place, element in enumerate(got)]
    if got is None and expected is not None and not expected:
        return expected
    if isinstance(expected, int) and isinstance(got, str):  # JSON has numbers of 64 bits as texts
        return int(got)
    return got


def difference(expected, got):
    """Empty, or lines that show it, as many as a person reads."""
    if got == expected:
        return []
    texts = [
        json.dumps(value, indent=2, ensure_ascii=False, default=lambda other: f"<{getattr(other, 'pattern', other)}>")
        for value in (expected, got)]
    lines = list(difflib.unified_diff(
        texts[0].splitlines(), texts[1].splitlines(), "expected", "got", lineterm="", n=2))
    return lines if len(lines) <= 40 else lines[:40] + [f"… and {len(lines) - 40} more lines"]
