"""Calls tokend over its socket: ttrpc's frames, one call at a time. PROTOCOL.md draws them.

The messages come from protoc, with its output on the module path:

    protoc -I Protocol --python_out=gen tokend/v1/*.proto ttrpc/ttrpc.proto google/rpc/*.proto
"""

import socket
import struct

from google.rpc import error_details_pb2
from ttrpc import ttrpc_pb2

REQUEST, RESPONSE, DATA = 1, 2, 3
REMOTE_CLOSED, NO_DATA = 1, 4


class Refused(Exception):
    """tokend's answer to a call that failed: its code, and what its details tell a program."""

    def __init__(self, status):
        super().__init__(status.message)
        self.status = status
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
        stream = self._send(0, service, method, request, metadata, timeout_nano)
        kind, _, body = self._receive(stream)
        if kind != RESPONSE:
            raise ConnectionError("this is not the answer to the call")
        response.ParseFromString(self._answer(body).payload)
        return response

    def follow(self, service, method, request, response_type, metadata=None, timeout_nano=0):
        """Begins a server stream, and returns an iterator of its messages. Only the daemon ends it: a client that has
        heard enough closes the socket, so give a stream a connection of its own."""
        return self._messages(
            self._send(REMOTE_CLOSED, service, method, request, metadata, timeout_nano), response_type)

    def _messages(self, stream, response_type):
        while True:
            kind, flags, body = self._receive(stream)
            if kind == RESPONSE:
                self._answer(body)
                raise ConnectionError("a stream ends well by a frame of data")
            if not flags & NO_DATA:
                yield response_type.FromString(body)
            if flags & REMOTE_CLOSED:
                return

    def _send(self, flags, service, method, request, metadata, timeout_nano):
        envelope = ttrpc_pb2.Request(
            service=service, method=method, payload=request.SerializeToString(), timeout_nano=timeout_nano,
            metadata=[ttrpc_pb2.KeyValue(key=key, value=value) for key, value in (metadata or {}).items()])
        body = envelope.SerializeToString()
        stream, self.stream = self.stream, self.stream + 2
        self.socket.sendall(struct.pack(">IIBB", len(body), stream, REQUEST, flags) + body)
        return stream

    def _receive(self, stream):
        length, answered, kind, flags = struct.unpack(">IIBB", self._read(10))
        body = self._read(length)
        if answered != stream or kind not in (RESPONSE, DATA):
            raise ConnectionError("this is not the answer to the call")
        return kind, flags, body

    @staticmethod
    def _answer(body):
        answer = ttrpc_pb2.Response.FromString(body)
        if answer.status.code != 0:
            raise Refused(answer.status)
        return answer

    def _read(self, count):
        data = self.socket.recv(count, socket.MSG_WAITALL)
        if len(data) < count:
            raise ConnectionError("tokend closed the connection")
        return data
