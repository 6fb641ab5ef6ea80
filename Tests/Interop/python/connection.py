"""Calls tokend over its socket: ttrpc's frames, one call at a time. PROTOCOL.md draws them.

The messages come from protoc, with its output on the module path:

    protoc -I Protocol --python_out=gen tokend/v1/*.proto ttrpc/ttrpc.proto google/rpc/*.proto
"""

import socket
import struct

from google.rpc import error_details_pb2
from ttrpc import ttrpc_pb2


class Refused(Exception):
    """tokend's answer to a call that failed: its code, and what its details tell a program."""

    def __init__(self, status):
        super().__init__(status.message)
        self.code = status.code
        self.info = error_details_pb2.ErrorInfo()
        self.problems = error_details_pb2.BadRequest()
        for detail in status.details:
            detail.Unpack(self.info)
            detail.Unpack(self.problems)


class Connection:
    def __init__(self, path="/run/tokend/tokend.sock"):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.stream = 1

    def call(self, service, method, request, response, metadata=None, timeout_nano=0):
        """Fills `response` and returns it, or raises Refused."""
        envelope = ttrpc_pb2.Request(
            service=service, method=method, payload=request.SerializeToString(), timeout_nano=timeout_nano,
            metadata=[ttrpc_pb2.KeyValue(key=key, value=value) for key, value in (metadata or {}).items()])
        body = envelope.SerializeToString()
        stream, self.stream = self.stream, self.stream + 2
        self.socket.sendall(struct.pack(">IIBB", len(body), stream, 1, 0) + body)
        length, answered, kind, _ = struct.unpack(">IIBB", self._read(10))
        answer = ttrpc_pb2.Response.FromString(self._read(length))
        if (answered, kind) != (stream, 2):
            raise ConnectionError("this is not the answer to the call")
        if answer.status.code != 0:
            raise Refused(answer.status)
        response.ParseFromString(answer.payload)
        return response

    def _read(self, count):
        data = self.socket.recv(count, socket.MSG_WAITALL)
        if len(data) < count:
            raise ConnectionError("tokend closed the connection")
        return data
