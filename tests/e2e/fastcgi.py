# SPDX-License-Identifier: MIT
"""The web server's side of FastCGI, for tests with a slow or faulty web server."""

import socket
import struct

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT = 1, 2, 3, 4, 5, 6


def record(kind, content=b""):
    return struct.pack(">BBHHBx", 1, kind, 1, len(content), 0) + content


def pair(name, value):
    name, value = name.encode("latin-1"), value.encode("latin-1")
    return struct.pack(">II", len(name) | 1 << 31, len(value) | 1 << 31) + name + value


class Connection:
    """One request on one connection."""

    def __init__(self, path, target, method="GET", **variables):
        self.peer = socket.socket(socket.AF_UNIX)
        self.peer.settimeout(20)
        self.peer.connect(str(path))
        variables = {"REQUEST_METHOD": method, "REQUEST_URI": target, "QUERY_STRING": "",
                     "SERVER_PROTOCOL": "HTTP/1.1", **variables}
        params = b"".join(pair(*item) for item in variables.items())
        self.peer.sendall(record(BEGIN, struct.pack(">HB5x", 1, 0)) + record(PARAMS, params)
                          + record(PARAMS))

    def send(self, body):
        for at in range(0, len(body), 65528):
            self.peer.sendall(record(STDIN, body[at:at + 65528]))

    def finish(self):
        """Ends the request body."""
        self.peer.sendall(record(STDIN))

    def answer(self):
        """What the worker wrote to stdout; asserts that it ended the request."""
        received = b""
        while piece := self.peer.recv(65536):
            received += piece
        self.peer.close()
        output, ended = b"", False
        while received:
            kind, _, length, padding = struct.unpack(">BHHB", received[1:7])
            if kind == STDOUT:
                output += received[8:8 + length]
            ended = ended or kind == END
            received = received[8 + length + padding:]
        assert ended, output
        return output
