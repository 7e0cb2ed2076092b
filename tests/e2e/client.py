# SPDX-License-Identifier: MIT
"""A plain HTTP client that hides nothing, and raw sockets for what http.client would not send."""

import dataclasses
import http.client
import json
import socket

JSON = "application/json"
PROBLEM = "application/problem+json"


@dataclasses.dataclass(frozen=True)
class Answer:
    status: int
    headers: list    # of (name, value), as they came
    body: bytes

    def header(self, name):
        """The value of the one header of that name; None when there is none."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    @property
    def type(self):
        return (self.header("Content-Type") or "").split(";")[0]

    @property
    def json(self):
        assert self.type in (JSON, PROBLEM), f"{self.status} {self.type} {self.body[:200]}"
        return json.loads(self.body)

    @property
    def location(self):
        return self.header("Location")

    def is_problem(self, status, code):
        """Asserts that this is a problem as RFC 9457 wants it; returns it."""
        assert self.status == status, f"{self.status} {self.body[:300]}"
        assert self.type == PROBLEM
        problem = self.json
        assert problem["code"] == code
        assert problem["status"] == status
        assert problem["type"] and problem["title"] and problem["detail"]
        assert self.header("X-Request-Id")
        return problem


class Client:
    """Talks to a host on 127.0.0.1, one connection a request."""

    def __init__(self, port, mount="/", *, key=None, timeout=30):
        self.port = port
        self.mount = mount
        self.key = key
        self.timeout = timeout

    def request(self, method, path, body=None, headers=None):
        """`path` is below the mount, and goes out as it is."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            connection.putrequest(method, self.mount + path, skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            answer = Answer(response.status, response.getheaders(), response.read())
        finally:
            connection.close()
        # Of such a one of ours Apache makes a 302.
        assert answer.status != 200 or answer.location is None, f"{method} {path}: 200 with Location"
        return answer

    def get(self, path, headers=None):
        return self.request("GET", path, headers=headers)

    def post(self, body, *, path="api/v1/urls", headers=None):
        """Posts bytes, or anything else as JSON, with the key."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode("utf-8")
        sent = {"Content-Type": JSON, "Authorization": f"Bearer {self.key}", **(headers or {})}
        return self.request("POST", path, data,
                            {name: value for name, value in sent.items() if value is not None})

    def create(self, long_url, **fields):
        """A link that must be made; its JSON."""
        answer = self.post({"long_url": long_url, **fields})
        assert answer.status == 201, f"{answer.status} {answer.body[:300]}"
        return answer.json

    def show(self, code, **headers):
        return self.get(f"api/v1/urls/{code}",
                        headers or {"Authorization": f"Bearer {self.key}"})

    def raw(self, data):
        """Sends these bytes; returns all bytes until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=self.timeout) as peer:
            peer.sendall(data)
            received = b""
            while piece := peer.recv(65536):
                received += piece
            return received
