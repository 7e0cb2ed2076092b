# SPDX-License-Identifier: MIT
"""One Curt behind each web server in each way for which a configuration is shipped, and Curt's own answers over
FastCGI for comparison."""

import contextlib
import dataclasses
import json
import re
import socket

from client import Answer, Client
from fastcgi import Connection
from test_shared_hosting import Hoster

from stack.web import TOP, Apache, ApacheProxy, Lighttpd, Nginx


class SharedLighttpd(Lighttpd):
    """Beside other sites: example-shared.conf, and nothing that holds for the whole server."""

    def configuration(self):
        text = (TOP / "lighttpd-conf" / "example-shared.conf").read_text(encoding="utf-8")
        text = re.sub(r"^var\.curt_.*\n", "", text, flags=re.MULTILINE)
        text = text.replace('"s.example.org"', '"127.0.0.1"')
        text = re.sub(r'"(curt(?:-pages)?\.conf)"', rf'"{TOP}/lighttpd-conf/\1"', text)
        before, _, _ = super().configuration().partition('include "')
        return before + text


class SharedApache(Apache):
    """Beside another site, which is the first one: example-shared.conf."""

    def mount(self):
        text = (TOP / "apache-conf" / "example-shared.conf").read_text(encoding="utf-8")
        text = re.sub(r"^Define .*\n", "", text, flags=re.MULTILINE)
        text = text.replace("*:80", f"127.0.0.1:{self.site.port}").replace("s.example.org", "127.0.0.1")
        text = re.sub(r"curt/(curt(?:-pages)?\.conf)", rf"{TOP}/apache-conf/\1", text)
        other = self.site.place.path / f"{self.site.name}-other"
        other.mkdir()
        (other / "page").write_text("another site", encoding="utf-8")
        return f"""
<VirtualHost 127.0.0.1:{self.site.port}>
    ServerName other.example
    DocumentRoot {other}
    <Directory {other}>
        Require all granted
    </Directory>
</VirtualHost>
{text}
"""


FRONTS = {"lighttpd": Lighttpd, "lighttpd-shared": SharedLighttpd, "apache": Apache,
          "apache-shared": SharedApache, "proxy": ApacheProxy, "hoster": Hoster, "nginx": Nginx}
CURT = "curt"              # asked without a web server

# What a web server may add, leave out or change: how the answer travels, not what it says.
ITS_OWN = {"date", "server", "connection", "keep-alive", "transfer-encoding", "content-length"}
OF_THE_MOMENT = {"ratelimit-reset", "ratelimit-remaining", "retry-after"}


def raw_request(method, target, headers=(), body=b""):
    """The bytes of a request; nothing is added but what ends the connection."""
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers),
             "Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def parse(received, method="GET"):
    """An answer as it came, headers in their order; a body in chunks is put together."""
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines]
    status = int(first.split()[1])
    if any(name.lower() == "transfer-encoding" for name, _ in headers):
        body = unchunked(body)
    for name, value in headers:
        if name.lower() == "content-length" and method != "HEAD" and status != 304:
            assert len(body) == int(value), f"{len(body)} bytes of {value}"
    return Answer(status, headers, body)


def unchunked(text):
    body = b""
    while True:
        size, _, text = text.partition(b"\r\n")
        if int(size, 16) == 0:
            return body
        body, text = body + text[:int(size, 16)], text[int(size, 16) + 2:]


@dataclasses.dataclass
class Front:
    """A way to Curt. `tag` is in the names of what is made through it, so that each makes its own."""
    name: str
    tag: str
    host: object
    key: str

    @property
    def client(self):
        return Client(self.host.port, self.host.mount, key=self.key)

    def target(self, path):
        return self.host.mount + path

    def ask(self, method, path, headers=None, body=None):
        """One request, sent as it is; with a body its length."""
        headers = {"Host": f"127.0.0.1:{self.host.port}", **(headers or {})}
        if body is not None:
            headers.setdefault("Content-Length", str(len(body)))
        return parse(self.send(raw_request(method, self.target(path), headers.items(), body or b"")),
                     method)

    def send(self, data):
        """All bytes of the answer to these bytes; none if the server closed the connection."""
        with socket.create_connection(("127.0.0.1", self.host.port), timeout=60) as peer:
            # A server that has said what it has to say may not read all of it.
            with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                peer.sendall(data)
            received = b""
            with contextlib.suppress(ConnectionResetError):
                while piece := peer.recv(65536):
                    received += piece
            return received

    def normal(self, answer, method="GET"):
        """(status, headers, body) without what differs from host to host and from moment to moment. A QR code differs, since
        the base URL is in it."""
        headers = sorted((name.lower(), "0" if name.lower() in OF_THE_MOMENT else self.plain(value))
                         for name, value in answer.headers if name.lower() not in ITS_OWN)
        if answer.type.startswith("image/"):
            whole = answer.body.endswith((b"</svg>\n", b"IEND\xaeB`\x82")) or method == "HEAD"
            return answer.status, headers, "PICTURE" if whole else answer.body.hex()
        return answer.status, headers, self.plain(answer.body.decode("utf-8"))

    def plain(self, text):
        for pattern, stands_for in (
                (r"<svg [^\0]*</svg>", "PICTURE"), (r'^"[0-9a-f]{16}"$', "HASH"),
                (re.escape(self.host.base_url), "BASE"), (rf"http://127\.0\.0\.1:{self.host.port}\b", "ORIGIN"), (re.escape(self.tag), "TAG"),
                (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"), (r'"secret": ?"[^"]+"', "SECRET"),
                (r'"id": ?\d+', "ID"), (r"\b[0-9A-Za-z]{15}\b", "REQUEST-ID"),
                (r"(keys|sessions)/\d+", r"\1/ID"), (r"curt_session=[^;]+", "COOKIE"), (r'"csrf": ?"[^"]+"', "CSRF"),
                (r"cursor=[\w-]+", "CURSOR"), (r'"next_cursor": ?"[^"]+"', "CURSOR"),
                (r'BASE/[0-9A-Za-z]{7}\b', "BASE/CODE"), (r'"code": ?"[0-9A-Za-z]{7}"', "CODE")):
            text = re.sub(pattern, stands_for, text)
        return text


class Direct(Front):
    """Asks one of nginx's workers, as nginx does."""

    def ask(self, method, path, headers=None, body=None):
        variables = {f"HTTP_{name.upper().replace('-', '_')}": value
                     for name, value in (headers or {}).items()}
        variables["CONTENT_TYPE"] = variables.pop("HTTP_CONTENT_TYPE", "")
        variables["CONTENT_LENGTH"] = "" if body is None else str(len(body))
        connection = Connection(self.host.web.socket, self.target(path), method,
                                REMOTE_ADDR="127.0.0.1", **variables)
        connection.send(body or b"")
        connection.finish()
        answer = parse(b"HTTP/1.1 " + connection.answer().removeprefix(b"Status: "), method)
        return answer


@contextlib.contextmanager
def fronts(stack, *, names=tuple(FRONTS), **options):
    """A front of each name, and Curt itself last if nginx is among them."""
    started = []
    try:
        for number, name in enumerate(names):
            host = stack.host(name, server=FRONTS[name], **{"workers": 2, **options})
            started.append(Front(name, f"F{number}front", host, stack.key))
            if name == "nginx":
                started.append(Direct(CURT, "F9front", host, stack.key))
        yield started
    finally:
        for front in started:
            if front.name != CURT:
                front.host.stop()


def as_json(value):
    return json.dumps(value).encode("utf-8")
