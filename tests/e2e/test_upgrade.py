# SPDX-License-Identifier: MIT
"""A new program is installed under load: workers execute it between two requests, and the web server is not
restarted. No request fails."""

import contextlib
import json
import os
import re
import shutil
import subprocess

import pytest

from conftest import WEB_SERVERS
from load import Load
from stack.process import start_time, wait_until

LONG_URL = "https://example.com/upgrade"
NEXT = "9.9"


def version_of(program):
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return said.split()[1]


def place(program, content):
    """Installs `content` as dpkg does: beside the program, then by a rename."""
    fresh = program.with_suffix(".dpkg-new")
    fresh.write_bytes(content)
    shutil.copystat(program, fresh)
    fresh.chmod(0o750)
    old = program.stat()
    os.chown(fresh, old.st_uid, old.st_gid)
    fresh.rename(program)


def renumbered(content, before, after):
    """The program as one of another version, which has another layout of the segment, too."""
    assert len(before) == len(after)
    return content.replace(before.encode(), after.encode())


@pytest.fixture
def upgrade(stack):
    """A host of one's own, and what installs a program of the next version there."""
    with contextlib.ExitStack() as cleanup:
        def start(web, **settings):
            host = stack.host(web, settings=settings)
            cleanup.callback(host.stop)
            return host
        yield start


def next_version(version):
    return (NEXT + version[len(NEXT):])[:len(version)]


def versions(client, times=12):
    """Which versions answer."""
    found = set()
    for _ in range(times):
        text = client.get("metrics").body.decode()
        found.add(re.search(r'^build_info\{version="([^"]*)"', text, re.M)[1])
    return found


def run_old(host):
    """The processes that run a program which is no longer there."""
    def exe(pid):
        with contextlib.suppress(OSError):
            return os.readlink(f"/proc/{pid}/exe")
        return ""
    return [pid for pid in host.web.worker_pids() if exe(pid).endswith(" (deleted)")]


def follow_and_create(client, code):
    def task(number, turn):
        if number % 4 == 0:
            return "create", client.post({"long_url": f"{LONG_URL}/{number}/{turn}"})
        return "follow", client.get(code)
    return task


def outcomes(load):
    counts = {}
    for shot in load.shots:
        key = (shot.asked if isinstance(shot.asked, str) else repr(shot.asked), shot.status)
        counts[key] = counts.get(key, 0) + 1
    return counts


@pytest.mark.parametrize("web", WEB_SERVERS)
def test_a_new_program_takes_over_under_load(stack, upgrade, web):
    host = upgrade(web)
    client = stack.client(host)
    code = client.create(LONG_URL)["code"]
    program = host.web.site.program
    old = program.read_bytes()
    before = version_of(program)
    after = next_version(before)
    server = (host.web.process.pid, start_time(host.web.process.pid))
    with Load(follow_and_create(client, code), clients=8, least=5) as load:
        for content, version in ((renumbered(old, before, after), after), (old, before)):
            place(program, content)
            wait_until(lambda: not run_old(host), 40, "the workers to take the new program")
            load.wait_for(100)
            assert versions(client) == {version}
    assert set(outcomes(load)) == {("follow", 302), ("create", 201)}, outcomes(load)
    assert (host.web.process.pid, start_time(host.web.process.pid)) == server
    assert "program_replaced" in stack.log(host)


@pytest.mark.parametrize("web", WEB_SERVERS)
def test_idle_workers_take_the_new_program(stack, upgrade, web):
    host = upgrade(web)
    client = stack.client(host)
    client.create(LONG_URL)
    program = host.web.site.program
    workers = host.web.worker_pids()
    place(program, program.read_bytes())
    wait_until(lambda: not run_old(host), 40, "the workers to take the new program")
    if web != "nginx":      # those are the web server's children, which it knows by their pid
        assert host.web.worker_pids() == workers
    assert host.web.parent.is_alive() if web == "nginx" else True


@pytest.mark.parametrize("web", WEB_SERVERS)
def test_workers_of_a_new_program_share_one_segment(stack, upgrade, web):
    """A change is seen at once by all of them, whoever replaced the segment of the old ones."""
    host = upgrade(web)
    client = stack.client(host)
    link = client.create(LONG_URL)
    program = host.web.site.program
    before = version_of(program)
    place(program, renumbered(program.read_bytes(), before, next_version(before)))
    wait_until(lambda: not run_old(host), 40, "the workers to take the new program")
    wait_until(lambda: len(segments(host)) == 1, 20, "one segment")
    for number in range(8):
        changed = client.request("PATCH", f"api/v1/urls/{link['code']}",
                                 json.dumps({"long_url": f"{LONG_URL}/{number}"}).encode(),
                                 {"Content-Type": "application/json",
                                  "Authorization": f"Bearer {stack.key}"})
        assert changed.status == 200
        assert {client.get(link["code"]).location for _ in range(8)} == {f"{LONG_URL}/{number}"}


def segments(host):
    """Which segments the workers have mapped."""
    found = set()
    path = str(host.settings["segment.path"])
    for pid in host.web.worker_pids():
        with contextlib.suppress(OSError), open(f"/proc/{pid}/maps", encoding="utf-8") as maps:
            found |= {(line.split()[4], line.rstrip().endswith("(deleted)"))
                      for line in maps if line.split()[5:6] == [path]}
    return found


BROKEN = {
    "the beginning of it": lambda content: content[:len(content) // 16],
    "no program": lambda content: b"#!/bin/sh\nexit 7\n",
    "one that hangs up": lambda content: b"#!/bin/sh\necho 'out of order' >&2\nkill -9 $$\n",
}


@pytest.mark.parametrize("web", WEB_SERVERS)
@pytest.mark.parametrize("what", BROKEN)
def test_a_program_that_cannot_serve_is_not_executed(stack, upgrade, web, what):
    host = upgrade(web)
    client = stack.client(host)
    code = client.create(LONG_URL)["code"]
    program = host.web.site.program
    good = program.read_bytes()
    workers = host.web.worker_pids()
    with Load(follow_and_create(client, code), clients=4, least=5) as load:
        place(program, BROKEN[what](good))
        wait_until(lambda: "program_refused" in stack.log(host), 20, "the refusal")
        load.wait_for(50)
        assert set(workers) <= set(run_old(host))
        place(program, good)
        wait_until(lambda: not run_old(host), 40, "the workers to take the good program")
    assert set(outcomes(load)) == {("follow", 302), ("create", 201)}, outcomes(load)


def test_tables_of_an_older_version_are_waited_for(stack, upgrade):
    host = upgrade("lighttpd")
    client = stack.client(host)
    code = client.create(LONG_URL)["code"]
    program = host.web.site.program
    workers = host.web.worker_pids()
    newest = stack.sql("SELECT number, name, checksum, applied_at FROM migration"
                       " ORDER BY number DESC LIMIT 1")[0]
    stack.sql("DELETE FROM migration WHERE number = %s", newest[0])
    try:
        place(program, program.read_bytes())
        wait_until(lambda: "curtctl db migrate" in stack.log(host), 20, "the refusal")
        assert set(workers) <= set(run_old(host))
        assert client.get(code).status == 302
    finally:
        stack.sql("INSERT INTO migration (number, name, checksum, applied_at) VALUES (%s, %s, %s, %s)",
                  *newest)
    wait_until(lambda: not run_old(host), 60, "the workers to take the new program")
    assert client.get(code).status == 302
