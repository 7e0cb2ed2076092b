# SPDX-License-Identifier: MIT
"""The headers for caches in front of the web server: to keep a redirect for edge_ttl, never longer than the link
lives."""

import re

import pytest

from clicking import HUMAN
from conftest import WEB_SERVERS

EDGE_TTL = 60
PRIVATE = "private, no-cache"


@pytest.fixture(scope="module", params=WEB_SERVERS)
def edge(request, stack):
    host = stack.host(request.param, workers=2, settings={"cache.edge_ttl": f"{EDGE_TTL}s"})
    yield stack.client(host)
    host.stop()


def shared_seconds(answer):
    said = answer.header("Cache-Control")
    assert answer.status == 302 and re.fullmatch(r"public, max-age=0, s-maxage=[1-9]\d*", said), said
    return int(said.rpartition("=")[2])


def test_links_without_an_end(edge):
    code = edge.create("https://example.com/edge")["code"]
    for method in ("GET", "HEAD", "GET"):       # from the database, and from caches
        assert shared_seconds(edge.request(method, code)) == EDGE_TTL


def test_links_that_end_are_let_go_in_time(edge):
    late = edge.create("https://example.com/edge", ttl_seconds=EDGE_TTL * 10)["code"]
    soon = edge.create("https://example.com/edge", ttl_seconds=EDGE_TTL // 2)["code"]
    for _ in range(2):
        assert shared_seconds(edge.get(late)) == EDGE_TTL
        # It may be kept from the next second on; the link ends with a full one.
        assert EDGE_TTL // 2 - 10 < shared_seconds(edge.get(soon)) < EDGE_TTL // 2 - 1
    last = edge.create("https://example.com/edge", ttl_seconds=2)["code"]
    answer = edge.get(last)
    assert answer.status == 410 or answer.header("Cache-Control") == PRIVATE


def test_clicks_that_are_limited_reach_us(edge):
    code = edge.create("https://example.com/edge", max_clicks=5)["code"]
    assert edge.get(code, HUMAN).header("Cache-Control") == PRIVATE


def test_all_else_is_kept_by_nobody(edge):
    link = edge.create("https://example.com/edge")
    for answer in (edge.get("nobody-has-this"), edge.show(link["code"]), edge.get("healthz"),
                   edge.get("nobody-has-this", {"Accept": "text/html"})):
        assert answer.header("Cache-Control") in ("no-store", "no-cache", PRIVATE), answer


def test_off_by_default(client):
    code = client.create("https://example.com/edge")["code"]
    assert client.get(code).header("Cache-Control") == PRIVATE
