# SPDX-License-Identifier: MIT
"""Destinations as browsers and programs take them: what Node's URL takes, Curt takes or refuses for a reason
that docs/compatibility.md names; and a redirect leads each client to the same bytes on the wire."""

import contextlib
import glob
import json
import shutil
import socketserver
import subprocess
import threading

import pytest

from conftest import HERE, SOURCES

DOCUMENT = SOURCES / "docs" / "compatibility.md"
WHATWG = sorted(glob.glob("/usr/share/cargo/registry/url-*/tests/urltestdata.json"))
NODE = [shutil.which("node"), HERE / "destinations.mjs"]
CHROMIUM = next(filter(None, map(shutil.which, ["chromium-headless-shell", "chromium"])), None)
BULK = 1000

# Parts of refusals, as the document has them.
REASONS = [
    "must be followed by \"//\" and the host", "the scheme is there twice", "the URL has credentials",
    "the host is missing", "there is a space, a control character or a backslash before the path",
    "the port is not between 1 and 65535", "the host has an empty label", "the host or the port is malformed",
    "the host is not a valid internationalised name", "is not allowed in host names",
    "the host has a character that is not allowed in host names", "the URL is longer than",
]


def run(command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, timeout=300, check=False, **options)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def bulk(client, urls):
    """The results of making links to the URLs, in their order."""
    results = []
    for start in range(0, len(urls), BULK):
        answer = client.post({"links": [{"long_url": url} for url in urls[start:start + BULK]]},
                             path="api/v1/urls/bulk")
        assert answer.status == 207, answer.body[:300]
        results += answer.json["results"]
    return results


@pytest.mark.skipif(not NODE[0], reason="node is not installed")
def test_what_node_takes(any_client):
    cases = json.loads(run(NODE + ["cases"] + WHATWG[-1:]))
    taken = [case["input"] for case in cases if case["href"]]
    assert len(taken) > 4000
    document = DOCUMENT.read_text(encoding="utf-8")
    assert [reason for reason in REASONS if reason not in document] == []
    pairs, unnamed = [], []
    for url, result in zip(taken, bulk(any_client, taken)):
        if result["status"] == 201:
            pairs.append((url, result["link"]["long_url"]))
        elif not any(reason in result["problem"]["detail"] for reason in REASONS):
            unnamed.append((url, result))
    assert unnamed == [], unnamed[:5]
    assert len(pairs) > 2000
    assert json.loads(run(NODE + ["spell"], input=json.dumps(pairs).encode())) == []


# --- on the wire ---

# What follows http://HOST/N/ in a destination.
PRINTABLE = [chr(c) for c in range(0x20, 0x7f)]
TAILS = [f"p{c}q" for c in PRINTABLE] + [f"?p{c}q" for c in PRINTABLE] + [f"#p{c}q" for c in PRINTABLE] + [
    "", "?", "#", "?#", "a//b", "caf\u00e9?\u20ac#\U0001f4a9", "%7c%7C%2F%2f?%2B+%20", "a;b=c,d:e@f", "?a[]=1&a[]=2",
    "{x}|^`?{x}|^`\\'\"<>", "a\\b\\c?d\\e", "a\tb\r\nc?d\te", "?https://e.com/?x=1", "a b+c?d e+f", "a/../b", "./a/.",
    "%2e%2e/a", "%zz", "?100%",
]

# Where a client may differ: tail -> client -> what it asks for after /N/, or None where it asks for nothing
# below that. Java refuses what is no URI, the other three resolve dot segments.
NO_URI = {"Java": None}
REMAINING = {
    "?": {"Node": "", "curl": "", "Java": ""},
    "?#": {"Node": "", "curl": "", "Java": ""},
    "a/../b": {"Node": "b", "curl": "b", "Chromium": "b"},
    "./a/.": {"Node": "a/", "curl": "a/", "Chromium": "a/"},
    "%2e%2e/a": {"Node": None, "curl": None, "Chromium": None},
    **{tail: NO_URI for tail in ["p%q", "?p%q", "#p%q", "%zz", "?100%", *(f"#p{c}q" for c in "#\\^{|}")]},
}


class Recorder(socketserver.ThreadingTCPServer):
    """Notes the target of each request as it came; answers with an empty page, or with the page `page`."""
    daemon_threads = True
    page = b""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Recorder.Handler)
        self.port = self.server_address[1]
        self.asked = {}

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            line = self.rfile.readline().decode("latin-1")
            while self.rfile.readline().strip():
                pass
            target = line.removeprefix("GET ").rpartition(" ")[0]
            number, _, tail = target.removeprefix("/").partition("/")
            body = self.server.page if target == "/page" else b""
            if number.isdigit():
                self.server.asked[int(number)] = tail
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n"
                             b"Content-Length: %d\r\n\r\n" % len(body) + body)


@pytest.fixture
def recorder():
    with Recorder() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        with contextlib.ExitStack() as stack:
            stack.callback(server.shutdown)
            yield server
        thread.join()


def by_chromium(recorder, urls, folder):
    recorder.page = "".join(f'<img src="{url}">' for url in urls).encode()
    run([CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}", "--dump-dom",
         f"http://127.0.0.1:{recorder.port}/page"])


CLIENTS = {
    "Node": (NODE[0], lambda recorder, urls, folder: run(NODE + urls)),
    "curl": (shutil.which("curl"), lambda recorder, urls, folder: run(["curl", "-sL", *urls])),
    "Chromium": (CHROMIUM, by_chromium),
    "Java": (shutil.which("javac") and shutil.which("java"),
             lambda recorder, urls, folder: run(["java", HERE / "Destinations.java", *urls])),
}


@pytest.mark.parametrize("name", CLIENTS)
def test_the_same_bytes_on_the_wire(any_client, recorder, tmp_path, name):
    program, follow = CLIENTS[name]
    if not program:
        pytest.skip(f"{name} is not installed")
    results = bulk(any_client, [f"http://127.0.0.1:{recorder.port}/{i}/{tail}" for i, tail in enumerate(TAILS)])
    links = [result["link"] for result in results]
    follow(recorder, [link["short_url"] for link in links], tmp_path)
    differ = {}
    for i, (tail, link) in enumerate(zip(TAILS, links)):
        wanted = link["long_url"].split("#")[0].split("/", 4)[4]
        asked = recorder.asked.get(i)
        if asked not in (wanted, REMAINING.get(tail, {}).get(name, wanted)):
            differ[tail] = asked
    assert differ == {}
