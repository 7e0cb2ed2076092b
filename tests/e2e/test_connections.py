# SPDX-License-Identifier: MIT
"""Connections to the database: opened when needed, at most one a worker, closed when idle. Hosters
allow an account only so many."""

import contextlib

import pytest

from conftest import WEB_SERVERS
from load import Load
from stack.process import wait_until
from stack.web import SERVERS, TOP, Nginx

WORKERS = 3


class NginxThatKeepsConnections(Nginx):
    """Each kept connection holds a worker, which then waits in the middle of one: so few are kept, one
    by each of nginx's two processes, that a worker is left for those that are not."""

    def configuration(self):
        shipped = TOP / "nginx-conf" / "curt-fastcgi.conf"
        text = shipped.read_text(encoding="utf-8")
        kept = text.replace("fastcgi_keep_conn off;", "fastcgi_keep_conn on;")
        assert kept != text
        here = super().configuration().replace(f"include {shipped};", kept)
        upstream = f"server unix:{self.socket};"
        assert upstream in here
        return here.replace(upstream, f"{upstream}\n        keepalive 1;")


KINDS = {**{name: SERVERS[name] for name in WEB_SERVERS}, "nginx, kept": NginxThatKeepsConnections}


@pytest.fixture(params=KINDS)
def idle_stack(request, own_stack):
    """The stack and a host on it whose workers close connections after a second."""
    host = own_stack.host(request.param.split(",")[0], server=KINDS[request.param], workers=WORKERS,
                          settings={"mysql.idle_close": "1s", "memcached.servers": "",
                                    "segment.local_cache": "0"})
    with contextlib.ExitStack() as cleanup:
        cleanup.callback(host.stop)
        yield own_stack, own_stack.client(host)


def connections(stack):
    return stack.sql(f"SELECT COUNT(*) FROM {stack.processlist}"
                     " WHERE USER = %s AND ID <> CONNECTION_ID()", stack.database.user)[0][0]


def test_one_a_worker_while_they_work_none_afterwards(idle_stack):
    stack, client = idle_stack
    wait_until(lambda: connections(stack) == 0, 10, "no connection before the first request")
    assert client.get("healthz").status == 200
    client.get("no%20code").is_problem(404, "not_found")
    assert connections(stack) <= 1      # of the maintenance, for a moment
    code = client.create("https://example.com/idle")["code"]
    seen = set()
    with Load(lambda *_: (code, client.get(code)), clients=8) as load:
        for _ in range(10):
            load.wait_for(20)
            seen.add(connections(stack))
    assert load.statuses() == {302: len(load.shots)}
    assert 1 <= max(seen) <= WORKERS + 1
    wait_until(lambda: connections(stack) == 0, 10, "the end of the idle connections")
    assert client.get(code).status == 302
    wait_until(lambda: connections(stack) == 0, 10, "the end of the one that was opened again")
