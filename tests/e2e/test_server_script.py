# SPDX-License-Identifier: MIT
"""script/server, as a new user runs it."""

import json
import os
import pathlib
import re
import signal
import stat
import subprocess
import tempfile
import urllib.parse

import pytest

from client import Client
from conftest import SOURCES, WEB_SERVERS, build_directory
from stack.process import start_time, wait_until
from stack.web import free_port

SCRIPT = SOURCES / "script" / "server"


class Server:
    """script/server on a directory and a port of its own."""

    def __init__(self, directory):
        self.directory = directory
        self.port = free_port()

    def run(self, *arguments, port=None):
        return subprocess.run(self.command(*arguments, port=port), capture_output=True, text=True,
                              timeout=120, stdin=subprocess.DEVNULL)

    def command(self, *arguments, port=None):
        return [SCRIPT, "--build", build_directory(), "--var", self.directory,
                "--port", str(port or self.port), *arguments]

    def start(self, *arguments):
        done = self.run("--detach", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def running(self):
        return json.loads((self.directory / "server.json").read_text(encoding="utf-8"))

    @property
    def client(self):
        url = urllib.parse.urlsplit(self.running["base_url"])
        return Client(url.port, url.path + "/", key=self.running["api_key"])

    def pids(self):
        pids = self.running["pids"]
        return [*pids["workers"], *(pid for pid in pids.values() if isinstance(pid, int))]

    def stop(self):
        return self.run("--stop")


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "var")
    yield server
    server.stop()


def is_gone(pids):
    return all(start_time(pid) is None for pid in pids)


@pytest.mark.parametrize("web", WEB_SERVERS)
def test_a_first_link(server, web):
    output = server.start("--web", web, "--workers", "3")
    running = server.running
    assert running["base_url"] in output and running["web"] == web
    assert set(running) == {"base_url", "api_key", "web", "config", "mysql_socket",
                            "memcached_socket", "pids"}
    assert len(running["pids"]["workers"]) == 3
    assert not is_gone(server.pids())
    for name in ("config", "mysql_socket", "memcached_socket"):
        assert pathlib.Path(running[name]).exists()

    curl, = re.findall(r"^curl .*$", output, re.MULTILINE)
    made = subprocess.run(["sh", "-c", curl.replace("curl", "curl -sS", 1)], capture_output=True,
                          text=True, check=True)
    link = json.loads(made.stdout)
    sign_in, token = re.search(r"^sign in: (\S+)#token=(\S+)$", output, re.MULTILINE).groups()
    assert sign_in == f"{running['base_url']}/admin/"
    signed_in = subprocess.run(["curl", "-sS", "-H", "Content-Type: application/json", "-d", json.dumps({"token": token}),
                                f"{sign_in}session"], capture_output=True, text=True, check=True)
    assert json.loads(signed_in.stdout)["role"] == "admin"
    stats, = re.findall(r"^(/\S*/curtctl --config \S+ stats)$", output, re.MULTILINE)
    told = subprocess.run(stats.split(), capture_output=True, text=True, check=False)
    assert told.returncode == 0 and "links" in told.stdout.lower(), told
    followed = subprocess.run(["curl", "-sSI", link["short_url"]], capture_output=True, text=True,
                              check=True)
    assert followed.stdout.startswith("HTTP/1.1 302")
    assert re.search(r"^Location: https://example\.com/\r?$", followed.stdout, re.MULTILINE)

    pids = server.pids()
    place = pathlib.Path(running["config"]).parent
    assert server.stop().returncode == 0
    # Not even as zombies, whoever has the pid 1 here.
    assert not [pid for pid in pids if pathlib.Path(f"/proc/{pid}").exists()]
    assert not place.exists()
    assert not (server.directory / "server.json").exists()

    # The next start finds the link, and the key is the same.
    server.start("--web", web)
    assert server.running["api_key"] == running["api_key"]
    assert server.client.get(link["code"]).location == "https://example.com/"


def test_private_files(server):
    server.start()
    for name in ("admin.key", "server.json"):
        mode = stat.S_IMODE((server.directory / name).stat().st_mode)
        assert mode == 0o600, name
    assert stat.S_IMODE(pathlib.Path(server.running["config"]).stat().st_mode) & 0o007 == 0


def test_settings(server):
    server.start("--set", f"server.base_url=http://127.0.0.1:{server.port}/s",
                 "--set", "links.code_length=9", "--set", "links.redirect_status=307")
    assert server.running["base_url"].endswith("/s")
    link = server.client.create("https://example.com/")
    assert len(link["code"]) == 9 and link["redirect_status"] == 307
    assert link["short_url"].startswith(server.running["base_url"] + "/")
    assert server.client.get(link["code"]).status == 307


@pytest.mark.parametrize("arguments,complaint", [
    (["--set", "nonsense"], "section.key=value"),
    (["--set", "links.nonsense=1"], "nonsense"),
    (["--set", "links.code_length=many"], "code_length"),
    (["--web", "iis"], "invalid choice"),
    (["--workers", "0"], "1 to 512"),
    (["--port", "70000"], "not a port"),
])
def test_what_makes_no_sense_is_refused(server, arguments, complaint):
    done = server.run("--detach", *arguments)
    assert done.returncode != 0 and complaint in done.stderr
    assert not (server.directory / "server.json").exists()


def test_only_one_at_a_time(server):
    server.start()
    pids = server.pids()
    second = server.run("--detach", port=free_port())
    assert second.returncode == 1 and "runs on" in second.stderr
    assert server.pids() == pids and server.client.get("healthz").status == 200


def test_a_port_in_use(server, tmp_path):
    server.start()
    other = Server(tmp_path / "other")
    done = other.run("--detach", port=server.port)
    assert done.returncode == 1 and "in use" in done.stderr
    assert other.stop().returncode == 0


def test_what_runs_is_said_before_anything_is_installed(server, tmp_path):
    """Without --build, too, where installing and building come first."""
    server.start()
    for directory, complaint in ((server.directory, "runs on"), (tmp_path / "other", "in use")):
        done = subprocess.run([SCRIPT, "--var", directory, "--port", str(server.port)], capture_output=True, text=True,
                              timeout=30, stdin=subprocess.DEVNULL)
        assert done.returncode == 1 and complaint in done.stderr and "uilding" not in done.stderr
    assert not (tmp_path / "other").exists()


def test_stop_without_a_server(server):
    done = server.stop()
    assert done.returncode == 0 and "nothing runs" in done.stderr
    assert not server.directory.exists()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_in_the_foreground(server, name):
    process = subprocess.Popen(server.command(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, stdin=subprocess.DEVNULL)
    pids = []
    try:
        if any("Ctrl-C stops it" in line for line in process.stdout):   # else it has ended
            assert server.client.get("healthz").status == 200
            pids = server.pids()
    finally:
        process.send_signal(getattr(signal, name))
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0 and pids, errors
    assert is_gone(pids)


def test_what_a_killed_one_left_is_cleaned_up(server):
    server.start()
    code = server.client.create("https://example.com/")["code"]
    pids = server.pids()
    state = json.loads((server.directory / "processes.json").read_text(encoding="utf-8"))
    os.kill(state["supervisor"][0], signal.SIGKILL)
    wait_until(lambda: is_gone(state["supervisor"][:1]), 5, "the end of it")
    assert not is_gone(pids)
    server.start()
    assert is_gone(pids)
    assert server.client.get(code).status == 302


def test_server_json_follows_the_workers(server):
    server.start()
    victim = server.running["pids"]["workers"][0]
    os.kill(victim, signal.SIGKILL)

    def followed():
        workers = server.running["pids"]["workers"]
        return victim not in workers and len(workers) == 4
    wait_until(followed, 15, "the new worker in server.json")


def test_curt_goes_on_without_memcached(server):
    server.start()
    code = server.client.create("https://example.com/")["code"]
    os.kill(server.running["pids"]["memcached"], signal.SIGKILL)
    wait_until(lambda: server.running["pids"]["memcached"] is None, 10, "null in server.json")
    assert server.client.get(code).status == 302


@pytest.mark.parametrize("end", ["stop", "kill"])
@pytest.mark.parametrize("reach", ["anybody", "nobody"])
def test_what_waits_for_the_database_outlives_a_stop(server, tmp_path, reach, end):
    """Whether or not the web server's user may come to DIR."""
    with tempfile.TemporaryDirectory(prefix="curt-e2e-var-", dir="/tmp") as open_to_all:
        os.chmod(open_to_all, 0o755)
        server.directory = pathlib.Path(open_to_all if reach == "anybody" else tmp_path) / "var"
        try:
            server.start()
            server.client.create("https://example.com/stored")
            os.kill(server.running["pids"]["mariadb"], signal.SIGKILL)
            wait_until(lambda: server.running["pids"]["mariadb"] is None, 10, "the end of MariaDB")
            kept = server.client.post({"long_url": "https://example.com/kept"})
            assert kept.status == 202
            if end == "kill":
                state = json.loads((server.directory / "processes.json").read_text(encoding="utf-8"))
                os.kill(state["supervisor"][0], signal.SIGKILL)
            server.stop()
            server.start()
            wait_until(lambda: server.client.show(kept.json["code"]).status == 200, 20,
                       "the link in the database")
        finally:
            server.stop()
