"""Encoding by hand, for what protobuf's own encoder does not write."""


def varint(value, width=0):
    """A varint of at least `width` bytes."""
    out = bytearray()
    while value > 0x7F or len(out) + 1 < width:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def tag(number, wire_type, width=0):
    return varint(number << 3 | wire_type, width)


def delimited(number, data, width=0):
    return tag(number, 2, width) + varint(len(data), width) + data


def read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    """The top-level fields of a message without groups, as (number, wire type, value)."""
    at = 0
    while at < len(data):
        key, at = read_varint(data, at)
        if key & 7 == 0:
            value, at = read_varint(data, at)
        else:
            size, at = read_varint(data, at)
            value, at = data[at : at + size], at + size
        yield key >> 3, key & 7, value


def encode_field(number, wire_type, value, width=0):
    if wire_type == 0:
        return tag(number, 0, width) + varint(value, width)
    return delimited(number, value, width)
