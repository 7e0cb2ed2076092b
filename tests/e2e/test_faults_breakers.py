# SPDX-License-Identifier: MIT
"""Servers that accept connections and never answer: a few requests wait for them, then none until they answer
again."""

import contextlib
import json
import signal
import subprocess
import time

import pytest

from load import Load, follow
from stack.process import wait_until
from test_curtctl import TOP

pytestmark = pytest.mark.alone


# About a second, and what a busy machine takes; a breaker is open for 30.
SOON = 4


@contextlib.contextmanager
def hanging(server):
    """The server accepts connections, as the kernel does for it, and never answers."""
    child = server.process.child
    child.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        child.send_signal(signal.SIGCONT)


@pytest.fixture(scope="module")
def host(own_stack):
    # All codes are asked for again and again: the local cache keeps them, but never as fresh.
    return own_stack.host("lighttpd", settings={"cache.local_ttl": "0"})


@pytest.fixture
def client(own_stack, host):
    return own_stack.client(host)


@pytest.fixture
def known(client):
    made = [client.create(f"https://example.com/hang/{number}") for number in range(20)]
    assert all(client.get(link["code"]).status == 302 for link in made)
    return made


def slow(shots, seconds):
    return [shot for shot in shots if shot.ended - shot.began > seconds]


def test_a_memcached_that_hangs_costs_a_few_one_timeout(own_stack, client, known):
    """50 ms each, five failures in a row on the whole host, four workers at a time."""
    with Load(follow(client, known), clients=4, least=20) as load:
        with hanging(own_stack.memcached):
            began = time.monotonic()
            load.wait_for(400)
            settled = time.monotonic()
            load.wait_for(400)
            before_the_end = time.monotonic()
        load.wait_for(400)
    assert load.statuses() == {302: len(load.shots)}
    waited = slow([shot for shot in load.shots if began < shot.began < before_the_end], 0.045)
    # Besides the five, those that were let go at the same time, and what the machine is busy with.
    assert len([shot for shot in waited if shot.began < settled]) <= 5 + 4 + 8, waited
    took = sorted(shot.ended - shot.began
                  for shot in load.shots if settled < shot.began < before_the_end)
    assert took[len(took) * 9 // 10] < 0.045, took


def test_memcached_is_used_again_within_a_second(own_stack, client, known):
    with Load(follow(client, known), clients=4, least=20) as load:
        with hanging(own_stack.memcached):
            load.wait_for(300)
        back = time.monotonic()
        wait_until(lambda: in_use(own_stack, client, known), 5, "memcached in use")
        assert time.monotonic() - back < SOON
    assert load.statuses() == {302: len(load.shots)}


def in_use(stack, client, known):
    before = stack.memcached.hits()
    for link in known[:3]:
        client.get(link["code"])
    return stack.memcached.hits() > before


@pytest.fixture(scope="module")
def other_host(own_stack, host):
    """A host that remembers nothing of its own, but believes memcached."""
    return own_stack.host("lighttpd", settings={"segment.local_cache": "0"})


def change(client, link, method, body=None):
    answer = client.request(method, f"api/v1/urls/{link['code']}",
                            json.dumps(body).encode("ascii") if body else None,
                            {"Content-Type": "application/json",
                             "Authorization": f"Bearer {client.key}"})
    assert answer.status == 200, answer.body


def test_what_memcached_missed_is_removed_when_it_is_back(own_stack, client, other_host, known):
    """Else other hosts would go on with what it still has, for an hour."""
    other = own_stack.client(other_host)
    changed, deleted = known[:10], known[10:]
    assert all(other.get(link["code"]).location == link["long_url"] for link in known)
    with hanging(own_stack.memcached):
        for link in changed:
            change(client, link, "PATCH", {"long_url": link["long_url"] + "/changed"})
        for link in deleted:
            change(client, link, "DELETE")
    back = time.monotonic()

    def is_right():
        return (all(other.get(link["code"]).location == link["long_url"] + "/changed"
                    for link in changed)
                and all(other.get(link["code"]).status == 404 for link in deleted))
    wait_until(is_right, 10, "the changes on the other host")
    assert time.monotonic() - back < SOON
    wait_until(lambda: in_use(own_stack, other, changed), 5, "memcached in use")
    for _ in range(20):
        assert is_right()


def test_a_mariadb_that_hangs_holds_up_a_few(own_stack, client, known):
    """With both away, what is in the local cache redirects; once the breaker is open, at once."""
    own_stack.memcached.stop()
    try:
        with Load(follow(client, known), clients=4, least=20) as load:
            with hanging(own_stack.database):
                wait_until(lambda: is_fast(client, known), 20, "redirects that do not wait")
                settled = time.monotonic()
                load.wait_for(400)
                answer = client.get(f"never-made-{time.time_ns()}")
                answer.is_problem(503, "unavailable")
                before_the_end = time.monotonic()
            back = time.monotonic()
            wait_until(lambda: client.get(f"never-made-{time.time_ns()}").status == 404, 10,
                       "MariaDB in use")
            assert time.monotonic() - back < SOON
        assert load.statuses() == {302: len(load.shots)}
        took = sorted(shot.ended - shot.began
                      for shot in load.shots if settled < shot.began < before_the_end)
        assert took[len(took) * 9 // 10] < 0.1, took
    finally:
        own_stack.memcached.start()


def is_fast(client, known):
    began = time.monotonic()
    for link in known[:5]:
        assert client.get(link["code"]).status == 302
    return time.monotonic() - began < 0.25


def test_the_doctor_names_open_breakers(own_stack, client, host, known):
    def breakers():
        done = subprocess.run([own_stack.installation.curtctl, "--config", host.config, "--json",
                               "doctor", "--schema", TOP / "schema"],
                              capture_output=True, text=True, check=False)
        found = [json.loads(line) for line in done.stdout.splitlines()]
        return [(line["state"], line["text"]) for line in found if line["check"] == "breakers"]
    wait_until(lambda: [state for state, _ in breakers()] == ["ok"], 5, "all in use")
    with hanging(own_stack.memcached):
        with Load(follow(client, known), clients=4, least=20):
            wait_until(lambda: [state for state, _ in breakers()] == ["warning"], 5, "a warning")
        assert "memcached unix:" in breakers()[0][1]
    wait_until(lambda: [state for state, _ in breakers()] == ["ok"], 5, "all in use")


def test_a_mariadb_that_comes_back_is_used_within_a_second(own_stack, host, client):
    own_stack.prepared(host)
    own_stack.database.kill()
    try:
        for _ in range(10):
            assert client.post({"long_url": "https://example.com/meanwhile"}).status == 202
    finally:
        own_stack.database.start()
    back = time.monotonic()
    wait_until(lambda: client.post({"long_url": "https://example.com/again"}).status == 201, 10,
               "creates")
    assert time.monotonic() - back < SOON
