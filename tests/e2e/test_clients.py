# SPDX-License-Identifier: MIT
"""The clients that Curt ships, in JavaScript and in shell, against a running Curt."""

import functools
import http.server
import json
import os
import shutil
import subprocess
import threading
import urllib.parse
import uuid

import pytest

from conftest import HERE, SOURCES

SCENARIOS = HERE / "clients.mjs"
SHELL = SOURCES / "docs" / "examples" / "curt-client.sh"
NODE = shutil.which("node")
LONG_URL = "https://example.com/a?q=%2B"


def run(command, **variables):
    return subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, env={**os.environ, **variables}, timeout=60,
                          check=False)


def scenarios():
    """What clients.mjs tests; one that says it cannot, where there is no node."""
    return run([NODE, SCENARIOS]).stdout.split() if NODE else ["all"]


@pytest.mark.skipif(not NODE, reason="node is not installed")
@pytest.mark.parametrize("scenario", scenarios())
def test_javascript(stack, any_client, hosts, scenario):
    done = run([NODE, SCENARIOS, scenario], CURT_URL=hosts("lighttpd").base_url, CURT_KEY=stack.key)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def shell(stack, any_client, hosts):
    """Runs the shell client as the admin."""
    here = {"CURT_URL": hosts("lighttpd").base_url, "CURT_KEY": stack.key}
    return lambda *words, **variables: run([SHELL, *words], **{**here, **variables})


def alias():
    return "sh" + uuid.uuid4().hex[:12]


def test_shell_adds_and_shows(shell, any_client, hosts):
    code = alias()
    added = shell("add", LONG_URL, code)
    assert (added.returncode, added.stderr) == (0, "")
    assert added.stdout == f"{hosts('lighttpd').base_url}/{code}\n"
    shown = shell("show", code)
    assert json.loads(shown.stdout)["long_url"] == LONG_URL
    assert any_client.get(code).location == LONG_URL


def test_shell_quotes_what_json_needs_quoted(shell):
    odd = 'https://example.com/"\\"?\\\\\\n\ttab'
    kept = "https://example.com/%22/%22?%5C%5C%5Cntab"
    code = alias()
    assert shell("add", odd, code).returncode == 0
    assert json.loads(shell("show", code).stdout)["long_url"] == kept


def test_shell_tells_what_is_refused(shell):
    refused = shell("add", "javascript:alert(1)")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("curt-client: ") and "scheme" in refused.stderr
    for words in (["show", "no-such"], ["show", "../keys"], ["show", ""], ["rm", "no-such"]):
        refused = shell(*words)
        assert (refused.returncode, refused.stdout) == (1, ""), words
        assert refused.stderr.startswith("curt-client: "), words
    assert shell("show", "no-such", CURT_KEY="wrong").returncode == 1


@pytest.mark.parametrize("words", [[], ["sing"], ["add"], ["add", "a", "b", "c"], ["rm"], ["show"]])
def test_shell_says_how_it_is_used(shell, words):
    done = shell(*words)
    assert done.returncode == 2 and "add URL [ALIAS]" in done.stderr
    assert shell("list", CURT_KEY="").returncode == 2


def test_shell_tells_statistics(shell, any_client):
    code = alias()
    assert shell("add", LONG_URL, code).returncode == 0
    assert any_client.get(code).status == 302
    lines = shell("stats", code, "2026-01-01", "2026-01-31").stdout.splitlines()
    assert lines[:3] == ["section,value,clicks,visitors,bots", "total,,0,0,0",
                         "series,2026-01-01T00:00:00Z,0,0,0"] and len(lines) == 33
    assert len([line for line in shell("stats", code).stdout.splitlines() if line.startswith("series,")]) == 30
    assert shell("stats", "no-such").returncode == 1
    assert shell("stats", "../keys").returncode == 1
    assert "from" in shell("stats", code, "2026-02-01", "2026-01-01").stderr


def test_shell_lists_and_removes(shell, hosts):
    codes = [alias() for _ in range(3)]
    for code in codes:
        assert shell("add", LONG_URL, code).returncode == 0
    base = hosts("lighttpd").base_url
    lines = set(shell("list", "sh").stdout.splitlines())
    assert {f"{base}/{code}\t{LONG_URL}" for code in codes} <= lines
    assert shell("list", codes[0]).stdout == f"{base}/{codes[0]}\t{LONG_URL}\n"
    assert shell("rm", *codes[:2]).returncode == 0
    assert [shell("show", code).returncode for code in codes] == [1, 1, 0]


class Scripted(http.server.BaseHTTPRequestHandler):
    """Gives the configured answers, one after the other."""

    def __init__(self, answers, asked, *arguments):
        self.answers, self.asked = answers, asked
        super().__init__(*arguments)

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.asked.append((self.path, self.headers.get("Idempotency-Key"), self.rfile.read(length)))
        status, body = self.answers[min(len(self.asked), len(self.answers)) - 1]
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Retry-After", "1")
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = answer

    def log_message(self, *arguments):
        pass


@pytest.fixture
def scripted():
    """Starts a server of given answers; its URL and what it was asked."""
    servers = []

    def start(*answers):
        asked = []
        handler = functools.partial(Scripted, answers, asked)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}", asked
    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_shell_asks_again_and_makes_one_link(scripted):
    url, asked = scripted((503, {"detail": "Later.", "short_url": "no"}), (201, {"short_url": "https://s.example/x"}))
    done = run([SHELL, "add", LONG_URL], CURT_URL=url + "/", CURT_KEY="k")
    assert (done.returncode, done.stdout) == (0, "https://s.example/x\n")
    assert len(asked) == 2 and len(set(asked)) == 1
    path, idempotency_key, body = asked[0]
    assert path == "/api/v1/urls" and len(idempotency_key) == 32
    assert json.loads(body) == {"long_url": LONG_URL}


def test_shell_follows_cursors(scripted):
    def page(codes, cursor):
        return 200, {"links": [{"code": code, "short_url": f"s/{code}", "long_url": f"l/{code}"}
                               for code in codes], "next_cursor": cursor}
    url, asked = scripted(page("ab", "c+/1"), page("cd", None))
    done = run([SHELL, "list", "x&y"], CURT_URL=url, CURT_KEY="k")
    assert done.stdout == "".join(f"s/{code}\tl/{code}\n" for code in "abcd")
    assert [urllib.parse.parse_qs(path.partition("?")[2]) for path, *_ in asked] == [
        {"q": ["x&y"]}, {"q": ["x&y"], "cursor": ["c+/1"]}]
