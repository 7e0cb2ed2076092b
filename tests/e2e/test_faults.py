# SPDX-License-Identifier: MIT
"""Things die while visitors come: workers, memcached, MariaDB."""

import itertools
import os
import random
import signal
import time

import pytest

from load import Load
from stack.process import wait_until

LONG_URL = "https://example.com/while-things-die"


@pytest.fixture(scope="module")
def stack(new_stack):
    """A stack of our own, to be broken."""
    with new_stack() as started:
        yield started


@pytest.fixture(scope="module")
def hosts(stack):
    started = {}

    def host(web):
        if web not in started:
            started[web] = stack.host(web)
        return started[web]
    return host


@pytest.fixture
def codes(client):
    """Links that a cache holds: they were followed."""
    made = [client.create(f"{LONG_URL}/{number}")["code"] for number in range(20)]
    assert all(client.get(code).status == 302 for code in made)
    return made


def follow(client, codes):
    """A task for Load: follows one link after the other."""
    def task(number, turn):
        index = (number + turn) % len(codes)
        return f"{LONG_URL}/{index}", client.get(codes[index])
    return task


def test_workers_are_killed(client, host, codes):
    """Who was being served loses an answer; all others are served, and workers come back."""
    choice = random.Random(1)
    clients, kills = 8, 6
    with Load(follow(client, codes), clients=clients, least=10) as load:
        for _ in range(kills):
            victim = choice.choice(host.web.worker_pids())
            os.kill(victim, signal.SIGKILL)
            load.wait_for(100)
            wait_until(lambda: victim not in host.web.worker_pids()
                       and len(host.web.worker_pids()) >= 4, 15, "the new worker")
    good = [shot for shot in load.shots if shot.status == 302]
    assert all(shot.answer.location == shot.asked for shot in good)
    lost = len(load.shots) - len(good)
    assert lost <= kills * clients, load.statuses()
    ends = sorted(shot.ended for shot in good)
    assert max(later - sooner for sooner, later in itertools.pairwise(ends)) < 1


def test_all_workers_are_killed_at_once(client, host, codes):
    for victim in host.web.worker_pids():
        os.kill(victim, signal.SIGKILL)

    def serves():
        return client.get(codes[0]).status == 302
    wait_until(serves, 10, "an answer")
    assert client.create(LONG_URL)["state"] == "live"


def test_memcached_is_killed_and_comes_back(stack, client, codes):
    with Load(follow(client, codes), least=5) as load:
        stack.memcached.kill()
        load.wait_for(200)
        assert client.create(LONG_URL)["state"] == "live"
        stack.memcached.start()
        load.wait_for(200)
        # retry_after is 2 s: then it is used again.
        wait_until(lambda: hits(stack) > 0, 10, "hits in memcached")
    assert load.statuses() == {302: len(load.shots)}
    assert all(shot.answer.location == shot.asked for shot in load.shots)


def hits(stack):
    import socket
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(str(stack.memcached.socket))
        peer.sendall(b"stats\r\n")
        received = b""
        while not received.endswith(b"END\r\n"):
            received += peer.recv(65536)
    return int(received.partition(b"STAT get_hits ")[2].split()[0])


def test_memcached_stands_still(stack, client, codes):
    """Slow is worse than dead: it costs each worker a time-out now and then, and no answer."""
    process = stack.memcached.process
    with Load(follow(client, codes), least=5) as load:
        process.child.send_signal(signal.SIGSTOP)
        try:
            load.wait_for(300)
        finally:
            process.child.send_signal(signal.SIGCONT)
        load.wait_for(50)
    assert load.statuses() == {302: len(load.shots)}
    took = sorted(shot.ended - shot.began for shot in load.shots)
    assert took[len(took) // 2] < 0.1 and took[-1] < 2


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_mariadb_goes_and_comes_back(stack, client, codes, how):
    """Cached links never fail; for everything else there is an honest 503, and within 2 s of its
    return all is well again."""
    counter = itertools.count()

    def task(number, turn):
        kind = ("cached", "unknown", "create", "show")[number % 4]
        if kind == "cached":
            code = codes[turn % len(codes)]
            return kind, client.get(code)
        if kind == "unknown":
            return kind, client.get(f"nobody-has-{how}-{number}-{turn}-{time.time_ns()}")
        if kind == "create":
            return kind, client.post({"long_url": f"{LONG_URL}/new/{next(counter)}"})
        return kind, client.show(codes[turn % len(codes)])
    well = {"cached": 302, "unknown": 404, "create": 201, "show": 200}

    with Load(task, clients=8, least=3) as load:
        getattr(stack.database, how)()
        down = time.monotonic()
        load.wait_for(300)
        going_up = time.monotonic()
        stack.database.start()
        back = time.monotonic()
        wait_until(lambda: len([shot for shot in load.shots if shot.began > back + 2]) >= 200,
                   30, "requests after the return")
    assert all(shot.answer for shot in load.shots)
    for shot in load.shots:
        if shot.asked == "cached":
            assert shot.status == 302
        elif shot.status == 503:
            assert int(shot.answer.header("Retry-After")) >= 1
            shot.answer.is_problem(503, "unavailable")
        else:
            assert shot.status == well[shot.asked], shot
    while_down = [shot for shot in load.shots if shot.began > down and shot.ended < going_up]
    refused = {shot.asked for shot in while_down if shot.status == 503}
    assert refused == {"unknown", "create", "show"}
    late = [shot for shot in load.shots if shot.began > back + 2 and shot.status == 503]
    assert not late, f"{len(late)} after {late[0].began - back:.1f} s"
    made = [shot.answer.json for shot in load.shots if shot.status == 201]
    for link in made[:: max(1, len(made) // 50)]:
        assert client.get(link["code"]).location == link["long_url"]


def test_an_expired_link_stays_gone_while_mariadb_is_away(stack, any_client):
    link = any_client.create(LONG_URL, ttl_seconds=1)
    assert any_client.get(link["code"]).status == 302
    stack.database.stop()
    try:
        def gone():
            return any_client.get(link["code"]).status != 302
        wait_until(gone, 5, "the end of the link")
        assert any_client.get(link["code"]).status in (410, 503)
    finally:
        stack.database.start()
