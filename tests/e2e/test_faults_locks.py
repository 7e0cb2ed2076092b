# SPDX-License-Identifier: MIT
"""A worker is stopped (SIGSTOP, a debugger, a machine out of memory) while it holds any lock."""

import contextlib
import fcntl
import itertools
import os
import pathlib
import signal
import struct
import time

import pytest

from load import Load, follow
from stack.process import wait_until
from test_maintenance import leaders
from test_spool import answers_again, kill_workers, rows

F_OFD_SETLK = 37        # fcntl(2)
LONG_URL = "https://example.com/while-somebody-stands-still"


def lock(file, start, length):
    """Locks what is free of these bytes; how many that are."""
    # struct flock: type, whence, start, length, pid
    wanted = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, start, length, 0)
    try:
        fcntl.fcntl(file, F_OFD_SETLK, wanted)
        return length
    except BlockingIOError:
        if length == 1:
            return 0
    return lock(file, start, length // 2) + lock(file, start + length // 2, length - length // 2)


@contextlib.contextmanager
def all_locks(host):
    """All locks of the segment and of the click ring that nobody has for good, as workers hold them who were
    stopped between taking and giving them back."""
    segment = pathlib.Path(host.settings["segment.path"])
    with open(segment, "r+b") as file, open(f"{segment}.clicks", "r+b") as ring:
        size = os.fstat(file.fileno()).st_size
        # Some are in use just now; those of the workers' places in the metrics are for good.
        held = [lock(file, 0, size) for _ in range(10)]
        assert 0 < size - held[-1] < 100
        wait_until(lambda: lock(ring, 0, 2) == 2, 10, "the locks of the click ring")
        yield


@pytest.fixture(scope="module")
def host(own_stack):
    return own_stack.host("lighttpd", settings={"breaker.open": "2s"})


@pytest.fixture
def client(own_stack, host):
    return own_stack.client(host)


def traffic(client, links):
    """A task for Load: half the clients follow links, the others make some, and change them."""
    counter = itertools.count()

    def task(number, turn):
        if number % 2 == 0:
            return follow(client, links)(number, turn)
        long_url = f"{LONG_URL}/{next(counter)}"
        return "made", client.post({"long_url": long_url})
    return task


def test_whoever_holds_all_locks_holds_up_nobody(own_stack, host, client):
    links = [client.create(f"{LONG_URL}/known/{number}") for number in range(20)]
    with Load(traffic(client, links), clients=8, least=5) as load:
        with all_locks(host):
            began = time.monotonic()
            wait_until(lambda: load.statuses(began).get(201, 0) >= 100, 30, "creates")
            changed = links[0]["long_url"] = f"{LONG_URL}/changed"
            answer = client.request("PATCH", f"api/v1/urls/{links[0]['code']}",
                                    b'{"long_url": "%s"}' % changed.encode(),
                                    {"Content-Type": "application/json",
                                     "Authorization": f"Bearer {client.key}"})
            assert answer.status == 200 and client.get(links[0]["code"]).location == changed
            # Those that start now find everything made.
            killed = time.monotonic()
            kill_workers(host)
            answers_again(client)
            settled = time.monotonic() + 2     # lighttpd does not use a socket for a second
            wait_until(lambda: load.statuses(settled).get(201, 0) >= 100, 30, "creates of other workers")
        load.wait_for(100)
    assert not [shot for shot in load.shots if is_wrong_answer(shot)]
    assert set(load.statuses(until=killed)) | set(load.statuses(since=settled)) <= {201, 302}, load.statuses()
    made = [shot.answer.json for shot in load.shots if shot.status == 201]
    assert len({link["code"] for link in made}) == len(made)
    took = sorted(shot.ended - shot.began for shot in load.shots if shot.status)
    assert took[len(took) * 95 // 100] < 0.5, took[-20:]


def test_and_without_a_database_it_is_503(own_stack, host, client):
    """Two things at once: the ids that the host has at hand are out of reach, and so are others."""
    links = [client.create(f"{LONG_URL}/known/{number}") for number in range(20)]
    assert all(client.get(link["code"]).status == 302 for link in links)
    kill_workers(host)      # which have ids of their own
    answers_again(client)
    own_stack.prepared(host)
    with all_locks(host), Load(follow(client, links), clients=4, least=20) as load:
        own_stack.database.stop()
        try:
            answers = [client.post({"long_url": f"{LONG_URL}/none"}) for _ in range(10)]
            load.wait_for(200)
        finally:
            own_stack.database.start()
    assert load.statuses() == {302: len(load.shots)}
    for answer in answers:
        answer.is_problem(503, "unavailable")
        assert int(answer.header("Retry-After")) >= 1
    wait_until(lambda: client.post({"long_url": f"{LONG_URL}/again"}).status == 201, 10, "creates")


def test_a_worker_is_stopped(own_host, own_client, links):
    """A request that was being served waits until the worker continues; all others are answered."""
    keepers = leaders(own_host)
    victim = next(pid for pid in own_host.web.worker_pids() if pid not in keepers)
    clients = 8
    with Load(traffic(own_client, links), clients=clients, least=10) as load:
        os.kill(victim, signal.SIGSTOP)
        try:
            stopped = time.monotonic()
            wait_until(lambda: sum(shot.began > stopped + 1.5 for shot in load.shots[:]) > 100, 30,
                       "requests, after a while")
        finally:
            went_on = time.monotonic()
            os.kill(victim, signal.SIGCONT)
        load.wait_for(100)
    # It may be stopped in the middle of a transaction: requests that need its rows are answered 202.
    assert {201, 302} <= set(load.statuses()) <= {201, 202, 302}
    waited = [shot for shot in load.shots if shot.began < stopped + 0.5 and shot.ended > went_on]
    # lighttpd gives each worker its share of those that wait; with others it has the one it was busy with.
    assert len(waited) <= clients // 2, waited


def test_the_leader_is_stopped(own_stack, host, client):
    """Its own tasks wait; creates and redirects do not, not even when the database is available again."""
    links = [client.create(f"{LONG_URL}/kept/{number}") for number in range(20)]
    own_stack.prepared(host)
    (keeper,) = wait_until(lambda: leaders(host), 20, "a leader")
    with Load(traffic(client, links), clients=8, least=5) as load:
        os.kill(keeper, signal.SIGSTOP)
        own_stack.database.kill()
        wait_until(lambda: load.statuses().get(202, 0) >= 20, 30, "creates without a database")
        own_stack.database.start()
        back = time.monotonic()
        wait_until(lambda: 201 in load.statuses(back), 30, "creates")
        os.kill(keeper, signal.SIGKILL)     # whoever looks after it: another takes over
        promised = {shot.answer.json["code"] for shot in load.shots[:] if shot.status == 202}
        wait_until(lambda: promised <= {code for code, _ in rows(own_stack, f"{LONG_URL}/")}, 20,
                   "what was accepted, in the database")
    assert not [shot for shot in load.shots if is_wrong_answer(shot)]


def is_wrong_answer(shot):
    """Whether Curt said what it must not: not the web server, of a worker that was killed."""
    return shot.answer and shot.answer.header("X-Request-Id") and shot.status not in (201, 202, 302)
