# SPDX-License-Identifier: MIT
"""The maintenance of a host: one process holds the lease, another takes it when that one dies, it ends on request,
and it does not use the database while there is nothing to do."""

import os
import pathlib
import re
import signal
import time

import pytest

from stack.process import wait_until

LOCK_AT = 1 << 40
LEASES = 1 << 16
BACKLOG = 20_000


def infos(pid):
    """What the kernel says of each open file of a process; nothing of one that is gone."""
    try:
        return list(pathlib.Path(f"/proc/{pid}/fdinfo").glob("*"))
    except OSError:
        return []


def locks(host):
    """{pid: byte} of the workers that hold a lease, on the file that is the segment now. Each lease locks the next
    byte: a lock on an earlier byte is of a holder that was stopped."""
    found = {}
    segment = pathlib.Path(host.settings["segment.path"])
    for pid in host.web.worker_pids():
        for info in infos(pid):
            try:
                for at in re.findall(r"^lock:.*\s(\d+)\s+\d+$", info.read_text(), re.M):
                    if LOCK_AT <= int(at) < LOCK_AT + LEASES and \
                            os.path.samefile(info.parent.parent / "fd" / info.name, segment):
                        found[pid] = int(at)
            except OSError:     # gone meanwhile
                pass
    return found


def leaders(host):
    """The processes that hold the present lease: there should be one."""
    found = locks(host)
    return {pid for pid, at in found.items() if at == max(found.values())}


def connections(stack):
    """The connections of all other clients."""
    return stack.sql(f"SELECT COUNT(*) FROM {stack.processlist} "
                     "WHERE user = 'curt' AND id <> CONNECTION_ID()")[0][0]


@pytest.mark.parametrize("web", ["lighttpd", "nginx"])
def test_one_a_host(stack, web):
    hosts = [stack.host(web, workers=3) for _ in range(2)]
    try:
        for host in hosts:
            wait_until(lambda: leaders(host), 20, "a leader")
        first = [leaders(host) for host in hosts]
        assert [len(pids) for pids in first] == [1, 1]
        os.kill(min(first[0]), signal.SIGKILL)
        wait_until(lambda: leaders(hosts[0]) - first[0], 20, "another leader")
        assert len(leaders(hosts[0])) == 1 and leaders(hosts[1]) == first[1]
    finally:
        for host in hosts:
            host.stop()


@pytest.mark.parametrize("found, event, level", [("older", "tables_older", "error"),
                                                 ("newer", "tables_newer", "warn")])
def test_tables_of_another_version_are_in_the_log(stack, hosts, found, event, level):
    """And so is that they fit again."""
    hosts("lighttpd")
    (newest, name, checksum, at) = stack.sql("SELECT * FROM migration ORDER BY number DESC LIMIT 1")[0]
    other = newest - 1 if found == "older" else newest + 1
    if found == "older":
        stack.sql("DELETE FROM migration WHERE number = %s", newest)
    else:
        stack.sql("INSERT INTO migration VALUES (%s, 'later', 'c', 1)", other)
    host = stack.host("nginx", workers=1)
    try:
        line = wait_until(lambda: re.search(f"^.*event={event} .*$", stack.log(host), re.M), 20, event)[0]
        assert f"level={level}" in line and f"migration={other} program={newest}" in line and "cure=" in line
        stack.sql("DELETE FROM migration WHERE number > %s", newest)
        stack.sql("REPLACE INTO migration VALUES (%s, %s, %s, %s)", newest, name, checksum, at)
        wait_until(lambda: "event=tables_fit" in stack.log(host), 30, "tables_fit")
        assert stack.log(host).count(f"event={event}") == 1
    finally:
        stack.sql("DELETE FROM migration WHERE number > %s", newest)
        stack.sql("REPLACE INTO migration VALUES (%s, %s, %s, %s)", newest, name, checksum, at)
        host.stop()


def test_a_stopped_leader_is_replaced(stack):
    """Another one does its work, and it does not do it any more when it continues. (lighttpd would still hand
    requests to workers that are stopped: each has a socket of its own there.)"""
    host = stack.host("nginx", workers=3)
    client = stack.client(host)
    stopped = set()

    def flushed():
        metric = next(line for line in client.get("metrics").body.decode().splitlines()
                      if line.startswith("clicks_flushed_total "))
        return int(metric.split()[1])
    try:
        code = client.create("https://example.com/kept")["code"]
        for _ in range(2):      # the second one, too
            (keeper,) = wait_until(lambda: leaders(host) - stopped, 40, "a leader that is not stopped")
            os.kill(keeper, signal.SIGSTOP)
            stopped.add(keeper)
        (keeper,) = wait_until(lambda: leaders(host) - stopped, 40, "a third one")
        before = flushed()
        for _ in range(5):
            assert client.get(code, {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}).status == 302
        wait_until(lambda: flushed() == before + 5, 20, "the clicks in the database")
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
        wait_until(lambda: set(locks(host)) == {keeper}, 10, "their locks given back")
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
        host.stop()


def test_a_replaced_segment_has_its_own(stack):
    """A leader of a segment that was removed does not prevent a lease of the new one."""
    host = stack.host(workers=2)
    try:
        wait_until(lambda: leaders(host), 20, "a leader")
        before = leaders(host)
        pathlib.Path(host.settings["segment.path"]).unlink()
        (other,) = set(host.web.worker_pids()) - before
        os.kill(other, signal.SIGKILL)
        wait_until(lambda: leaders(host), 20, "a leader of the new one")
        assert len(leaders(host)) == 1
    finally:
        host.stop()


def test_no_connection_is_kept(new_stack):
    with new_stack() as stack:
        host = stack.host(workers=3, settings={"mysql.idle_close": "1s"})
        client = stack.client(host)
        code = client.create("https://example.com/")["code"]
        stack.sql("UPDATE link SET expires_at = 1")
        stack.sql("INSERT INTO link_expiry (expires_at, link_id) SELECT 1, id FROM link")
        wait_until(lambda: stack.sql("SELECT COUNT(*) FROM link") == ((0,),), 20, "the purge")
        wait_until(lambda: connections(stack) == 0, 20, "the end of the connections")
        assert len(leaders(host)) == 1
        assert client.show(code).status == 404


def test_it_ends_in_the_middle(new_stack):
    with new_stack() as stack:
        host = stack.host(workers=3)
        stack.client(host).create("https://example.com/")
        stack.sequence(BACKLOG)
        stack.sql("INSERT INTO code (domain_id, code, link_id) SELECT 1, CONCAT('old', seq), 1000000 + seq "
                  f"FROM seq_1_to_{BACKLOG}")
        stack.sql("INSERT INTO link (id, owner_id, version, redirect_status, flags, created_at, "
                  "expires_at, code_kind, code, long_url) SELECT 1000000 + seq, 1, 1, 302, "
                  "0, 1, 2, 0, CONCAT('old', seq), 'https://example.com/' "
                  f"FROM seq_1_to_{BACKLOG}")
        stack.sql("INSERT INTO link_expiry (expires_at, link_id) SELECT 2, 1000000 + seq "
                  f"FROM seq_1_to_{BACKLOG}")

        def left():
            return stack.sql("SELECT COUNT(*) FROM link")[0][0]
        os.kill(min(host.web.worker_pids()), signal.SIGKILL)    # the next worker's first round is soon
        wait_until(lambda: left() < BACKLOG, 90, "the purge")
        began = time.monotonic()
        host.stop()
        took = time.monotonic() - began
        assert not host.web.worker_pids()
        assert 1 < left() < BACKLOG, "it went on"
        assert took < 5
        assert stack.sql("SELECT COUNT(*) FROM code JOIN link ON link.id = link_id")[0][0] == \
            stack.sql("SELECT COUNT(*) FROM code")[0][0] == left()
        wait_until(lambda: connections(stack) == 0, 5, "the server's notice that the connections are closed")
