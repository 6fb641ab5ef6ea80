"""Bytes that are no message."""

from encoding import delimited, tag, varint
from protos import DecodeError, find, hexadecimal


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
