"""The messages of the proto files, as protobuf for Python makes them by way of protoc.

The other files take from here what they need of protobuf, so that it is loaded as is said below.
"""

import binascii
import importlib
import os
import pathlib
import subprocess
import sys
import tempfile

PROTOCOL = pathlib.Path(__file__).resolve().parent.parent
# The C++ implementation neither merges maps in the deterministic order nor refuses every stray end of a group.
os.environ["PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"] = "python"

from google.protobuf.descriptor import FieldDescriptor as Field  # noqa: E402, F401
from google.protobuf.message import DecodeError  # noqa: E402, F401
from google.protobuf.timestamp_pb2 import Timestamp  # noqa: E402, F401

with tempfile.TemporaryDirectory() as generated:
    protos = sorted(str(path.relative_to(PROTOCOL)) for path in PROTOCOL.rglob("*.proto"))
    subprocess.run(["protoc", f"-I{PROTOCOL}", f"--python_out={generated}", *protos], check=True)
    sys.path.insert(0, generated)
    modules = {
        name: importlib.import_module(name)
        for name in [path.removesuffix(".proto").replace("/", ".") + "_pb2" for path in protos]
    }

TTRPC = modules["ttrpc.ttrpc_pb2"]
STATUS = modules["google.rpc.status_pb2"]
DETAILS = modules["google.rpc.error_details_pb2"]
TOKEND = {name: module for name, module in modules.items() if name.startswith("tokend.")}
HEALTH = modules["grpc.health.v1.health_pb2"]


def find(full_name):
    for module in modules.values():
        package, _, name = full_name.rpartition(".")
        if module.DESCRIPTOR.package == package and name in module.DESCRIPTOR.message_types_by_name:
            return getattr(module, name)
    raise LookupError(full_name)


def encode(message):
    return message.SerializeToString(deterministic=True)


def hexadecimal(data):
    return binascii.hexlify(data).decode() or "-"
