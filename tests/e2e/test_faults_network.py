# SPDX-License-Identifier: MIT
"""The network between a host and its servers is cut: connections are not refused, and no answer arrives."""

import itertools
import time

import pytest

from cable import Cable
from load import Load
from stack.process import wait_until
from test_spool import BACK_WITHIN, rows

pytestmark = pytest.mark.alone

LONG_URL = "https://example.com/behind-a-cut-cable"


@pytest.fixture(scope="module")
def cables(own_stack):
    with Cable(own_stack.database.socket) as database, Cable(own_stack.memcached.socket) as memcached:
        yield database, memcached


@pytest.fixture(scope="module")
def host(own_stack, cables):
    database, memcached = cables
    # No answer comes from the local cache alone: each request asks a server behind the cables, if it can.
    return own_stack.host("lighttpd", settings={
        "mysql.socket": "", "mysql.host": "127.0.0.1", "mysql.port": database.port,
        "memcached.servers": f"127.0.0.1:{memcached.port}", "cache.local_ttl": "0"})


@pytest.fixture
def client(own_stack, host):
    return own_stack.client(host)


@pytest.fixture
def known(client):
    made = [client.create(f"{LONG_URL}/known/{number}") for number in range(20)]
    assert all(client.get(link["code"]).status == 302 for link in made)
    return made


def traffic(client, links):
    """A task for Load: three of four clients follow links, the others make some."""
    counter = itertools.count()

    def task(number, turn):
        if number % 4 == 0:
            long_url = f"{LONG_URL}/{time.time_ns()}/{next(counter)}"
            return long_url, client.post({"long_url": long_url})
        link = links[(number + turn) % len(links)]
        return link["long_url"], client.get(link["code"])
    return task


def ninth_tenth(shots):
    took = sorted(shot.ended - shot.began for shot in shots)
    return took[len(took) * 9 // 10]


def settled(client, known):
    """Whether no request waits any more for a server that is cut off."""
    began = time.monotonic()
    for link in known:
        assert client.get(link["code"]).status == 302
    return time.monotonic() - began < 0.5


def test_memcached_behind_a_cut_cable(client, cables, known):
    with Load(traffic(client, known), clients=8, least=10) as load:
        with cables[1].is_cut():
            wait_until(lambda: settled(client, known), 20, "requests that do not wait")
            since = time.monotonic()
            load.wait_for(400)
            until = time.monotonic()
        load.wait_for(100)
    assert set(load.statuses()) == {201, 302}
    assert all(shot.answer.location == shot.asked for shot in load.shots if shot.status == 302)
    assert ninth_tenth([shot for shot in load.shots if since < shot.began < until]) < 0.3


def test_all_servers_behind_cut_cables(own_stack, host, client, cables, known):
    """What the host knows redirects, and it makes links; both are as ever when the network is back."""
    own_stack.prepared(host)
    with Load(traffic(client, known), clients=8, least=10) as load:
        with cables[0].is_cut(), cables[1].is_cut():
            wait_until(lambda: settled(client, known), 30, "requests that do not wait")
            since = time.monotonic()
            load.wait_for(400)
            # Visitors may be through with that before a create that was under way has given up.
            wait_until(lambda: load.statuses(since).get(202, 0) > 10, 30, "links that are accepted")
            client.get(f"never-made-{time.time_ns()}").is_problem(503, "unavailable")
            until = time.monotonic()
        accepted = {shot.answer.json["code"]: shot.asked for shot in load.shots[:] if shot.status == 202}
        wait_until(lambda: accepted.keys() <= {code for code, _ in rows(own_stack, f"{LONG_URL}/")},
                   BACK_WITHIN, "what was accepted, in MariaDB")
        back = time.monotonic()
        wait_until(lambda: 201 in load.statuses(back), 10, "creates")
        load.wait_for(100)
    assert set(load.statuses()) == {201, 202, 302} and len(accepted) > 10
    assert set(load.statuses(since, until)) == {202, 302}
    assert all(shot.answer.location == shot.asked for shot in load.shots if shot.status == 302)
    assert ninth_tenth([shot for shot in load.shots if since < shot.began < until]) < 0.3
    codes, ids = zip(*rows(own_stack, f"{LONG_URL}/"))
    assert len(codes) == len(set(codes)) == len(set(ids))
    for code, long_url in itertools.islice(accepted.items(), 50):
        assert client.get(code).location == long_url
