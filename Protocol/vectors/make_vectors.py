#!/usr/bin/python3
"""Writes the golden files beside this script, from the proto files and protobuf's own encoder.

Needs protoc and the protobuf package for Python (Debian: protobuf-compiler python3-protobuf). Run it after a change to
a proto file; the same input always gives the same bytes. README.md tells how the files are read.
"""

import pathlib
import sys

# Before the first import of a file beside this one, or that leaves a folder here.
sys.dont_write_bytecode = True

from chain import audit_lines  # noqa: E402
from encoding import delimited, encode_field, fields, tag, varint  # noqa: E402
from errors import error_lines  # noqa: E402
from frames import frame_lines  # noqa: E402
from protos import DETAILS, Field, Timestamp, encode, hexadecimal, modules  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent

INTEGERS = {
    Field.TYPE_INT32: (-(2**31), 2**31 - 1),
    Field.TYPE_INT64: (-(2**63), 2**63 - 1),
    Field.TYPE_UINT32: (0, 2**32 - 1),
    Field.TYPE_UINT64: (0, 2**64 - 1),
}
EDGE_TEXT = "\x00 \u007f \u0080 \u07ff \u0800 \ufffd \U00010000 \U0010ffff e\u0301 \u202e \U0001f511"


def canonical(message_class, data):
    """What the bytes mean, encoded as protobuf encodes it."""
    message = message_class.FromString(data)
    message.DiscardUnknownFields()
    return encode(message)


def is_map(field):
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def fill(message, scalar, count, depth=0):
    """Gives every field of the message a value: `scalar` makes it, lists get `count` elements."""
    for index, field in enumerate(message.DESCRIPTOR.fields):
        target = getattr(message, field.name)
        if is_map(field):
            for element in range(count):
                target[f"key_{count - element}"] = scalar(field.message_type.fields[1], element)
        elif field.label == Field.LABEL_REPEATED:
            for element in range(count):
                if field.message_type is None:
                    target.append(scalar(field, element))
                else:
                    fill(target.add(), scalar, min(count, 2), depth + 1)
        elif field.message_type is not None:
            target.SetInParent()
            fill(target, scalar, min(count, 2), depth + 1)
        else:
            setattr(message, field.name, scalar(field, 0))
    return message


def present(message):
    """Gives every field that can be absent its default value."""
    for field in message.DESCRIPTOR.fields:
        if field.label == Field.LABEL_REPEATED:
            continue
        if field.message_type is not None:
            getattr(message, field.name).SetInParent()
        elif field.containing_oneof is not None:
            setattr(message, field.name, field.default_value)
    return message


def plain(field, element):
    """A value that tells the field: its name, or its number."""
    if field.type == Field.TYPE_STRING:
        return f"{field.name} {element} é"
    if field.type == Field.TYPE_BYTES:
        return bytes([field.number, 0, 0x80, 0xFF])
    return True if field.type == Field.TYPE_BOOL else 1 if field.type == Field.TYPE_ENUM else field.number * 1000


def highest(field, element):
    if field.type == Field.TYPE_STRING:
        return EDGE_TEXT if element == 0 else ""
    if field.type == Field.TYPE_BYTES:
        return bytes(range(256))
    if field.type == Field.TYPE_ENUM:
        return 2**31 - 1
    return True if field.type == Field.TYPE_BOOL else INTEGERS[field.type][1]


def lowest(field, element):
    if field.type in (Field.TYPE_STRING, Field.TYPE_BYTES, Field.TYPE_BOOL):
        return plain(field, element)
    return -1 if field.type == Field.TYPE_ENUM else INTEGERS[field.type][0]


UNKNOWN = (
    tag(536870911, 0) + varint(2**64 - 1)
    + tag(1000, 1) + bytes(8)
    + delimited(1001, b"\xff\xfe unknown bytes need not be UTF-8")
    + tag(1002, 5) + bytes(4)
    + tag(1003, 3) + tag(1, 0) + varint(7) + tag(2, 3) + delimited(3, b"in two groups") + tag(2, 4) + tag(1003, 4)
)


def wrong_wire_types(message_class):
    """Each known field with a wire type it does not have."""
    out = b""
    for field in message_class.DESCRIPTOR.fields:
        is_number = field.message_type is None and field.type not in (Field.TYPE_STRING, Field.TYPE_BYTES)
        if not is_number:
            out += tag(field.number, 0) + varint(5)
        out += tag(field.number, 1) + bytes(8) + tag(field.number, 5) + bytes(4)
        out += tag(field.number, 3) + tag(field.number, 4)
    return out


def in_pieces(data, message_class):
    """Every singular embedded message in as many pieces as it has fields."""
    embedded = {
        field.number for field in message_class.DESCRIPTOR.fields
        if field.message_type is not None and field.label != Field.LABEL_REPEATED
    }
    out = b""
    for number, wire_type, value in fields(data):
        if number in embedded:
            out += b"".join(delimited(number, encode_field(*piece)) for piece in fields(value))
        else:
            out += encode_field(number, wire_type, value)
    return out


def lines_for(message_class):
    name = message_class.DESCRIPTOR.full_name
    filled = encode(fill(message_class(), plain, 2))
    low = encode(fill(message_class(), lowest, 1))
    cases = {
        "empty": b"",
        "filled": filled,
        "highest": encode(fill(message_class(), highest, 2)),
        "lowest": low,
    }
    if any(field.label == Field.LABEL_REPEATED for field in message_class.DESCRIPTOR.fields):
        cases["many"] = encode(fill(message_class(), plain, 12))
    if encode(present(message_class())):
        cases["present"] = encode(present(message_class()))
    if not filled:
        cases = {"empty": b""}
    for case, data in cases.items():
        assert canonical(message_class, data) == data, (name, case)
        yield f"valid {name}/{case} {hexadecimal(data)}"
    shuffled = sorted(fields(filled), key=lambda field: -field[0])
    variants = {
        "unknown_fields": UNKNOWN + filled + UNKNOWN,
        "long_varints": b"".join(encode_field(*field, width=5) for field in fields(filled)),
        "reverse_order": b"".join(encode_field(*field) for field in shuffled),
        "twice": low + filled,
        "in_pieces": in_pieces(filled, message_class),
        "wrong_wire_types": wrong_wire_types(message_class) + filled + wrong_wire_types(message_class),
    }
    for case, data in variants.items():
        # Protobuf for Python takes a padded tag for another field; no other implementation does.
        meaning = filled if case == "long_varints" else canonical(message_class, data)
        if data != meaning:
            yield f"means {name}/{case} {hexadecimal(data)} {hexadecimal(meaning)}"


def write(name, lines):
    head = "# Made by make_vectors.py; README.md tells how to read it.\n"
    HERE.joinpath(name).write_text(head + "".join(f"{line}\n" for line in lines))


messages = [
    getattr(module, name)
    for _, module in sorted(modules.items())
    for name in sorted(module.DESCRIPTOR.message_types_by_name)
]
messages.append(DETAILS.BadRequest.FieldViolation)
messages.append(Timestamp)
write("messages.txt", [line for message in messages for line in lines_for(message)])
write("errors.txt", error_lines())
write("audit.txt", audit_lines())
write("frames.txt", [f"frame {name} {hexadecimal(data)}" for name, data in frame_lines()])
