# SPDX-License-Identifier: MIT
"""Plain CGI: one process for each request; what a host shares works as usual."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import time

import pytest

from clicking import CUT_OFF, FIREFOX, HUMAN, click, counted
from stack.curt import TOP
from stack.process import environment, pids_of, wait_until
from stack.web import Apache, Lighttpd

LONG_URL = "https://example.com/cgi?a=%2B"
CLICKS = 640


def wrapper_of(site):
    return f"#!/bin/sh\nCURT_CONFIG={site.config}\nexport CURT_CONFIG\nexec {site.program}\n"


def write_program(path, text):
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


class CgiHost:
    """There is no worker to wait for."""

    def warm_up(self):
        pass


class ApacheCgi(CgiHost, Apache):
    """A hoster's Apache: the customer has a directory, .htaccess and a wrapper."""

    modules = ("mpm_event", "authz_core", "authz_host", "alias", "mime", "env", "rewrite", "cgid")

    def mount(self):
        public = self.site.place.path / f"{self.site.name}-public_html"
        directory = public / self.site.mount.strip("/")
        directory.mkdir(parents=True)
        write_program(directory / "curt.cgi", wrapper_of(self.site))
        shipped = TOP / "apache-conf" / "shared-hosting" / "htaccess-cgi"
        (directory / ".htaccess").write_text(shipped.read_text(encoding="utf-8"), encoding="utf-8")
        return f"""
{self.more()}
<VirtualHost 127.0.0.1:{self.site.port}>
    DocumentRoot {public}
    <Directory {public}>
        AllowOverride FileInfo Options
        Require all granted
    </Directory>
</VirtualHost>
"""

    def more(self):
        return f"ScriptSock {self.site.place.path / self.site.name}-cgid"

    def configuration(self):
        return "\n".join(line for line in super().configuration().splitlines()
                         if not line.startswith("Fcgid"))


class ApachePreforkCgi(ApacheCgi):
    """mod_cgi, the processes of which have a pipe for standard error."""

    modules = ("mpm_prefork",) + ApacheCgi.modules[1:-1] + ("cgi",)

    def more(self):
        return ""


class LighttpdCgi(CgiHost, Lighttpd):
    def configuration(self):
        text = super().configuration()
        root = self.site.place.path / f"{self.site.name}-sockets"
        write_program(root / "curt.cgi", wrapper_of(self.site))
        return text.replace("lighttpd-conf/curt.conf", "lighttpd-conf/curt-cgi.conf").replace(
            "include", 'var.curt_cgi = "/curt.cgi"\ninclude', 1)


@pytest.fixture(scope="module", params=[ApacheCgi, ApachePreforkCgi, LighttpdCgi])
def host(request, stack):
    host = stack.host(request.param.__name__, server=request.param, mount="/s/",
                      settings={"clicks.flush_interval": "1h"})
    yield host
    host.stop()


def maintain(stack, host):
    """curtctl maintain, as the workers' user runs it; what it says."""
    user = stack.place.user
    directory = f"{host.web.site.name}-maintain"
    program = stack.place.path / directory / "curtctl"
    if not program.exists():
        stack.place.program(host.installation.curtctl, directory)
    done = subprocess.run(
        [program, "--config", host.config, "--json", "maintain"], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/", check=False,
        **({"user": user.uid, "group": user.gid, "extra_groups": []} if user else {}))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_create_follow_and_show(client, host):
    link = client.create(LONG_URL, title="Käse")
    assert link["short_url"] == f"{host.base_url}/{link['code']}"
    for path in (link["code"], link["code"] + "/", link["code"] + "?x=y"):
        answer = client.get(path)
        assert (answer.status, answer.location) == (302, LONG_URL)
    assert client.show(link["code"]).json == link
    head = client.request("HEAD", link["code"])
    assert (head.status, head.location, head.body) == (302, LONG_URL, b"")


def test_large_bodies_and_answers(client):
    links = [{"long_url": f"https://example.com/{n}?{'x' * 500}"} for n in range(1000)]
    answer = client.post({"links": links}, path="api/v1/urls/bulk")
    assert answer.status in (200, 201, 207), answer.body[:200]
    assert len(answer.json["results"] if "results" in answer.json else answer.json["links"]) == 1000
    client.post(b"x" * (9 << 20)).is_problem(413, "payload_too_large")


def test_words_of_the_query_are_no_options(client):
    """What a query without "=" holds is on the command line of a CGI program (RFC 3875, 4.4)."""
    code = client.create(LONG_URL)["code"]
    for query in ("--help", "--version", "--config+/etc/passwd", "-c+/etc/passwd", "--listen+tcp:1"):
        assert client.get(f"{code}?{query}").location == LONG_URL


def test_a_path_behind_a_code_arrives_whole(client):
    code = client.create(LONG_URL, extra_path="append")["code"]
    appended = client.get(f"{code}/a//b%20c%5F/?x=y").location
    assert appended == LONG_URL.replace("?", "/a//b%20c%5F/?")
    assert client.get(f"{code}/../x").status == 404


def test_every_path_is_curts(client):
    for path in ("nobody-has-this", "a/b/c", "api/v1"):
        client.get(path).is_problem(404, "not_found")
    assert client.get("").status == 200


def test_counts_are_exact(stack, client, host):
    """Of 64 clients at once; every process takes a lane that another has left."""
    maintain(stack, host)
    before = counted(stack)[0]
    code = client.create(LONG_URL)["code"]
    answers = click(host, [code], CLICKS, clients=64)
    assert set(answers) <= {302, CUT_OFF}       # Apache may close a kept connection at any time
    flushed = maintain(stack, host)["clicks"]
    assert answers[302] <= flushed <= answers.total()
    assert counted(stack)[0] - before == flushed
    assert maintain(stack, host)["clicks"] == 0


def test_nobody_who_is_killed_loses_a_click(stack, client, host):
    """Whoever was redirected counts, wherever the process is killed after that."""
    maintain(stack, host)
    before = counted(stack)[0]
    code = client.create(LONG_URL)["code"]
    redirected = 0
    for number in range(60):
        with socket.create_connection(("127.0.0.1", host.port), timeout=30) as peer:
            peer.sendall(f"GET {host.mount}{code} HTTP/1.0\r\nHost: x\r\n"
                         f"User-Agent: {FIREFOX}\r\n\r\n".encode())
            time.sleep(number / 60 * 0.02)      # a moment of the process's life
            for pid in pids_of(host.web.site.program):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            answer = b""
            with contextlib.suppress(OSError):
                while piece := peer.recv(65536):
                    answer += piece
        redirected += answer.startswith((b"HTTP/1.0 302", b"HTTP/1.1 302"))
    maintain(stack, host)
    assert redirected <= counted(stack)[0] - before <= 60


def run_alone(host, **variables):
    """The program as a web server without limits would start it: (seconds to the end of the answer,
    to its end, the answer, what it said)."""
    began = time.monotonic()
    with subprocess.Popen(
            [host.installation.fcgi, "--help"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**environment(), "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET",
                 "CURT_CONFIG": str(host.config), **variables}) as process:
        answer = process.stdout.read()
        answered = time.monotonic()
        said = process.stderr.read()
        left = time.monotonic()
        process.wait(timeout=30)
    return answered - began, left - began, time.monotonic() - answered, answer, said


def test_a_broken_configuration_is_a_page_and_a_line(host, tmp_path):
    broken = tmp_path / "broken.conf"
    broken.write_text("[server]\nbase_url = nonsense\n", encoding="utf-8")
    _, _, _, answer, said = run_alone(host, CURT_CONFIG=str(broken), REQUEST_URI="/s/x")
    assert answer.startswith(b"Status: 500 ")
    assert b"</html>" in answer
    assert b"base_url" in said and b"broken.conf" in said


@pytest.mark.skipif(os.geteuid() != 0, reason="the program has to run as the web server's user")
def test_limits_hold_across_processes(stack):
    host = stack.host("limited-cgi", server=ApacheCgi,
                      settings={"limits.misses_per_address": "3/1h"})
    try:
        client = stack.client(host)
        statuses = [client.get(f"nobody-{n}").status for n in range(6)]
        assert statuses.count(429) >= 2 and statuses[0] == 404, statuses
    finally:
        host.stop()


def test_who_needs_no_cache_asks_for_no_key(stack):
    """Without a segment the key of the seals is in the database alone."""
    host = stack.host("keyless-cgi", server=ApacheCgi, settings={"segment.path": ""})
    try:
        client = stack.client(host)
        code = client.create(LONG_URL)["code"]
        assert client.get(code).status == 302
        executed = "SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'"
        before = stack.sql(executed)
        for _ in range(5):
            assert client.get("healthz").status == 200
        assert stack.sql(executed) == before
    finally:
        host.stop()


def test_a_request_does_what_is_overdue(stack):
    """Without cron clicks are flushed all the same, by the visitors that come later."""
    host = stack.host("brief-cgi", server=ApachePreforkCgi,
                      settings={"clicks.flush_interval": "100ms"})
    try:
        client = stack.client(host)
        before = counted(stack)[0]
        code = client.create(LONG_URL)["code"]
        for _ in range(10):
            assert client.get(code, HUMAN).status == 302
        wait_until(lambda: client.get("healthz").status == 200 and
                   counted(stack)[0] - before == 10, 30, "the flush")
    finally:
        host.stop()


def test_the_doctor_sees_that_nobody_maintains(stack):
    """The schedule is written back in time, as if there had been no request for as long."""
    host = stack.host("forgotten-cgi", server=ApachePreforkCgi)
    try:
        def seen():
            said = stack.installation.ctl(host.config, "--json", "doctor", "--schema", TOP / "schema")
            found = [json.loads(line) for line in said.splitlines()]
            return [(line["state"], line["text"], line["cure"]) for line in found
                    if line["check"] == "maintenance"]
        assert stack.client(host).get("healthz").status == 200
        maintain(stack, host)
        [(state, _, _)] = seen()
        assert state == "ok"
        with open(host.settings["segment.path"], "r+b") as file:
            file.seek(3072)
            due = struct.unpack("=16q", file.read(128))
            ago = int(time.monotonic() * 1000) - 20 * 60_000
            if ago <= 0:
                pytest.skip("the machine has run for less than twenty minutes")
            file.seek(3072)
            file.write(struct.pack("=16q", *(min(at, ago) for at in due)))
        [(state, text, cure)] = seen()
        assert state == "warning" and "due for 20 minutes" in text and "curtctl maintain" in cure
    finally:
        host.stop()


class Silent:
    """A database that takes connections and says nothing."""

    def __enter__(self):
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        return self.socket.getsockname()[1]

    def __exit__(self, *_):
        self.socket.close()


def test_maintenance_is_brief(stack, tmp_path):
    """At most 50 ms after the answer, also with a database that hangs; and no client waits for it."""
    config = tmp_path / "curt.conf"
    with Silent() as port:
        config.write_text(f"""[server]
base_url = http://x.example
[mysql]
host = 127.0.0.1
port = {port}
[memcached]
servers =
[segment]
path = {tmp_path}/segment
[spool]
path = {tmp_path}/spool
""", encoding="utf-8")

        class Alone:
            installation = stack.installation

        Alone.config = config
        run_alone(Alone, REQUEST_URI="/healthz")        # makes the segment
        took = []
        for _ in range(5):
            schedule = pathlib.Path(tmp_path / "segment")
            with open(schedule, "r+b") as file:         # everything is overdue
                file.seek(3072)
                file.write(bytes(16 * 8))
            _, _, after, answer, _ = run_alone(Alone, REQUEST_URI="/healthz")
            assert answer.startswith(b"Status: 200 ")
            took.append(after)
        assert min(took) < 0.100, took
        assert max(took) > 0.040, took                  # it did try
