# SPDX-License-Identifier: MIT
"""Curt's own parent: it replaces workers without a failed request and ends without a lost one."""

import collections
import contextlib
import os
import signal
import socket

import pytest

from conftest import WEB_SERVERS
from fastcgi import Connection
from load import Load
from stack.process import tail, wait_until
from stack.web import ApacheProxy, Nginx

LONG_URL = "https://example.com/prefork"


@pytest.fixture(params=[Nginx, ApacheProxy])
def any_host(request, stack):
    host = stack.host(request.param.__name__, server=request.param)
    yield host
    host.stop()


@pytest.fixture
def host(stack):
    host = stack.host("nginx")
    yield host
    host.stop()


def test_behind_both_web_servers(stack, any_host):
    client = stack.client(any_host)
    link = client.create(LONG_URL)
    assert client.get(link["code"]).location == LONG_URL
    assert client.show(link["code"]).json == link
    client.get("a%20b?c=d").is_problem(404, "not_found")


def test_sighup_replaces_the_workers_without_a_failed_request(stack, client, host):
    code = client.create(LONG_URL)["code"]
    first = host.web.worker_pids()
    with Load(lambda *_: (code, client.get(code)), clients=8, least=5) as load:
        for _ in range(3):
            before = set(host.web.worker_pids())
            host.web.parent.child.send_signal(signal.SIGHUP)
            wait_until(lambda: not before & set(host.web.worker_pids())
                       and len(host.web.worker_pids()) == 4, 20, "new workers")
            load.wait_for(50)
    assert load.statuses() == {302: len(load.shots)}
    assert host.web.parent.is_alive() and not set(first) & set(host.web.worker_pids())


def test_sighup_with_a_broken_configuration_changes_nothing(client, host):
    code = client.create(LONG_URL)["code"]
    workers = host.web.worker_pids()
    good = host.config.read_text(encoding="utf-8")
    host.config.write_text(good + "\n[nonsense]\nkey = value\n", encoding="utf-8")
    log = host.web.parent.log
    host.web.parent.child.send_signal(signal.SIGHUP)
    wait_until(lambda: "nonsense" in tail(log), 10, "the complaint")
    assert host.web.worker_pids() == workers and client.get(code).status == 302
    host.config.write_text(good, encoding="utf-8")
    host.web.parent.child.send_signal(signal.SIGHUP)
    wait_until(lambda: not set(workers) & set(host.web.worker_pids()), 20, "new workers")
    assert client.get(code).status == 302


def test_sighup_takes_the_new_configuration(client, host):
    code = client.create(LONG_URL)["code"]
    workers = host.web.worker_pids()
    text = host.config.read_text(encoding="utf-8")
    host.config.write_text(text + "\n[links]\nredirect_status = 307\n", encoding="utf-8")
    host.web.parent.child.send_signal(signal.SIGHUP)
    wait_until(lambda: not set(workers) & set(host.web.worker_pids()), 20, "new workers")
    assert client.get(code).status == 302
    assert client.create(LONG_URL)["redirect_status"] == 307


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_the_end_waits_for_the_requests_at_hand(client, host, name):
    code = client.create(LONG_URL)["code"]
    # Two workers are in the middle of a request when the signal comes.
    waiting = [Connection(host.web.socket, f"/{code}") for _ in range(2)]
    started = Connection(host.web.socket, f"/{code}")
    started.finish()
    started.answer()        # by now the two before it have been accepted, too
    host.web.parent.child.send_signal(getattr(signal, name))
    wait_until(lambda: len(host.web.worker_pids()) <= 2, 10, "the end of the idle workers")
    for connection in waiting:
        connection.finish()
        output = connection.answer()
        assert output.startswith(b"Status: 302") and LONG_URL.encode() in output
    assert host.web.parent.child.wait(10) == 0
    assert not host.web.worker_pids()


def test_a_worker_that_is_killed_is_replaced(client, host):
    victims = set(host.web.worker_pids())
    for victim in victims:
        os.kill(victim, signal.SIGKILL)
    wait_until(lambda: len(set(host.web.worker_pids()) - victims) == 4, 15, "new workers")
    assert client.get("healthz").status == 200


@pytest.mark.parametrize("web", WEB_SERVERS)
def test_max_requests_recycles_workers(stack, web):
    host = stack.host(web, settings={"server.max_requests": 50})
    with contextlib.closing(contextlib.ExitStack()) as cleanup:
        cleanup.callback(host.stop)
        client = stack.client(host)
        code = client.create(LONG_URL)["code"]
        workers = host.web.worker_pids()
        with Load(lambda *_: (code, client.get(code)), clients=8) as load:
            load.wait_for(1500)
        assert load.statuses() == {302: len(load.shots)}
        # Request ids begin with the name of a worker.
        counts = collections.Counter(shot.answer.header("X-Request-Id")[:9] for shot in load.shots)
        assert max(counts.values()) <= 50 and len(counts) >= 30
        if web != "nginx":      # what a web server has spawned stays what it knows
            assert set(workers) <= set(host.web.worker_pids())


def test_rude_peers(client, host):
    """Peers that vanish, abort or speak nonsense hold no worker and kill none."""
    before = host.web.worker_pids()
    for data in (b"", b"\0" * 7, b"\xff" * 64, b"\x01\x01\x00\x01\x00\x08", b"GET / HTTP/1.0\r\n\r\n"):
        for _ in range(4):
            with socket.socket(socket.AF_UNIX) as peer:
                peer.connect(str(host.web.socket))
                peer.sendall(data)
    for _ in range(4):
        connection = Connection(host.web.socket, "/abc")
        connection.peer.sendall(b"\x01\x02\x00\x01\x00\x00\x00\x00")    # FCGI_ABORT_REQUEST
        connection.peer.close()
    assert client.create(LONG_URL)["state"] == "live"
    assert host.web.worker_pids() == before
