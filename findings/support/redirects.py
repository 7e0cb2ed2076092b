# SPDX-License-Identifier: MIT
"""redirects.py PORT-FILE ASKED: a server on 127.0.0.1 that redirects /STATUS/NAME to the destination of that
name, answers everything else with 200, and writes a line for each request to ASKED."""

import http.server
import sys

DESTINATIONS = {
    "plain": "http://{host}/there",
    "fragment": "http://{host}/there#part",
    "network-path": "//{host}/there",
    "empty-query": "http://{host}/there?",
    "signed": "http://{host}/a%2Fb?when=1+2",
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        with open(sys.argv[2], "a", encoding="latin-1") as asked:
            asked.write(f"{self.command} {self.path}\n")
        parts = self.path.split("/")
        if len(parts) == 3 and parts[1].isdigit() and parts[2] in DESTINATIONS:
            host = f"127.0.0.1:{self.server.server_address[1]}"
            self.answer(int(parts[1]), b"", DESTINATIONS[parts[2]].format(host=host))
        else:
            self.answer(200, b"arrived\n", None)

    do_HEAD = do_GET

    def answer(self, status, body, location):
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *arguments):
        pass


with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
    with open(sys.argv[1], "w", encoding="ascii") as port:
        port.write(f"{server.server_address[1]}\n")
    server.serve_forever()
