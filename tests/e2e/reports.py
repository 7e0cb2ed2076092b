# SPDX-License-Identifier: MIT
"""A server in front of a host to which browsers report what a Content-Security-Policy has refused, and which can put a text of
a stranger's into what the API answers."""

import contextlib
import http.client
import http.server
import json
import threading

REPORTS = "/policy-reports"
# How an answer travels, which is the front's own affair.
OF_A_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length"}
# Members of the API's answers that hold texts of strangers.
TEXTS = {"title", "detail", "tag", "tags", "owner", "user", "agent", "value", "name", "long_url", "old_url", "new_url", "by_user",
         "destination", "from", "to", "message", "reason"}


def planted(answer, text, inside=False):
    """The same JSON with `text` for each text of a stranger's."""
    if isinstance(answer, dict):
        return {key: planted(value, text, key in TEXTS) for key, value in answer.items()}
    if isinstance(answer, list):
        return [planted(value, text, inside) for value in answer]
    return text if inside and isinstance(answer, str) else answer


class Front:
    """Passes requests on to the port of a host, at a port of its own."""

    def __init__(self):
        self.port_behind = None
        self.reports = []
        self.plants = None      # the text that answers of the API are given
        front = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.path == REPORTS:
                    front.reports.append(json.loads(body)["csp-report"])
                    return self.reply(204, [], b"")
                connection = http.client.HTTPConnection("127.0.0.1", front.port_behind, timeout=60)
                with contextlib.closing(connection):
                    connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                    for name, value in self.headers.items():
                        if name.lower() != "connection":
                            connection.putheader(name, value)
                    connection.endheaders(body or None)
                    answer = connection.getresponse()
                    return self.reply(answer.status, answer.getheaders(), front.change(self.path, answer, answer.read()))

            def reply(self, status, headers, body):
                self.send_response_only(status)
                for name, value in headers:
                    if name.lower() == "content-security-policy":
                        value += f"; report-uri {REPORTS}"
                    if name.lower() not in OF_A_CONNECTION:
                        self.send_header(name, value)
                if status not in (204, 304):
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = do_DELETE = pass_on

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port

    def change(self, path, answer, body):
        is_json = "json" in (answer.getheader("Content-Type") or "")
        if self.plants is None or not is_json or not body or "openapi" in path:
            return body
        return json.dumps(planted(json.loads(body), self.plants)).encode()

    @contextlib.contextmanager
    def running(self):
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield self
        finally:
            self.server.shutdown()
            thread.join()
            self.server.server_close()
