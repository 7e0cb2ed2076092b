# SPDX-License-Identifier: MIT
"""Real caches in front of Curt, with the configurations that are shipped: what they store, what they never store,
for how long, and how it is purged. Curt makes an X-Request-Id for each request that reaches it, so answers with
the same one are one stored answer."""

import contextlib
import datetime
import random
import subprocess
import time

import pytest

from clicking import HUMAN
from edge import EDGES, NginxEdge
from load import Load
from stack.process import wait_until

EDGE_TTL = 60
# The pages are where no cache expects them.
SETTINGS = {"cache.edge_ttl": f"{EDGE_TTL}s", "server.trusted_proxies": "127.0.0.1", "pages.path": "/staff/pages"}
LONG_URL = "https://example.com/edge"


@pytest.fixture(scope="module", params=EDGES)
def edge(request, stack):
    edge = EDGES[request.param](stack, settings=SETTINGS)
    yield edge
    edge.stop()


@pytest.fixture
def client(edge):
    return edge.client


@pytest.fixture(params=EDGES)
def own_edge(request, own_stack):
    """To be broken."""
    edge = EDGES[request.param](own_stack, settings={**SETTINGS, "memcached.servers": ""})
    with contextlib.ExitStack() as cleanup:
        cleanup.callback(edge.stop)
        yield edge


def identity(answer):
    return answer.header("X-Request-Id")


def are_kept(client, path):
    """Whether two answers in a row are one. A cache may hand out the first before it has stored it."""
    return any(identity(client.get(path)) == identity(client.get(path)) for _ in range(3))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_kept(client, status):
    code = client.create(LONG_URL, redirect_status=status)["code"]
    first = client.get(code)
    assert are_kept(client, code)
    for answer in (first, client.get(code)):
        assert (answer.status, answer.location, answer.body) == (status, LONG_URL, b"")
        assert answer.header("Set-Cookie") is None


def test_a_browser_signs_in_behind_it(client):
    session = "staff/pages/session"
    answer = client.post({"key": client.key}, path=session, headers={"Authorization": None})
    assert answer.status == 201
    cookie = {"Cookie": answer.header("Set-Cookie").split(";")[0]}
    for _ in range(2):
        assert client.get(session, headers=cookie).status == 200
        assert client.get(session).status == 401
    code = client.create(LONG_URL)["code"]
    assert are_kept(client, code)
    kept = client.get(code)
    for headers in (cookie, {"Cookie": "theme=dark"}, cookie):
        visit = client.get(code, headers=headers)
        assert (visit.status, visit.location, identity(visit)) == (302, LONG_URL, identity(kept))
    sent = {**cookie, "X-Csrf-Token": answer.json["csrf"]}
    assert client.request("DELETE", session, headers=sent).status == 200
    assert client.get(session, headers=cookie).status == 401


def test_head_is_answered_too(client):
    code = client.create(LONG_URL)["code"]
    asked = [client.request(method, code) for method in ("HEAD", "GET", "HEAD", "GET")]
    assert [(answer.status, answer.location, answer.body) for answer in asked] == [(302, LONG_URL, b"")] * 4
    assert are_kept(client, code)
    assert identity(client.request("HEAD", code)) == identity(client.get(code))


def test_hot_links_hardly_reach_curt(client):
    codes = [client.create(f"{LONG_URL}/{number}")["code"] for number in range(20)]
    choice = random.Random(4)
    weights = [1 / (rank + 1) for rank in range(len(codes))]
    path = choice.choices(codes, weights, k=4000)
    with Load(lambda number, turn: (None, client.get(path[(number * 499 + turn) % len(path)]))) as load:
        load.wait_for(1500)
    assert load.statuses() == {302: len(load.shots)}
    reached = len({identity(shot.answer) for shot in load.shots})
    assert 1 - reached / len(load.shots) > 0.9


def test_links_that_end_do_so_to_the_second(client):
    """Made all over a second, asked for all the time until a second after the last has ended."""
    life = 4
    links = []
    began = time.monotonic()
    while len(links) < 8:
        links.append(client.create(LONG_URL, ttl_seconds=life))
        wait_until(lambda: time.monotonic() > began + len(links) / 8, 5, "the next eighth of a second")
    ends = {link["code"]: datetime.datetime.fromisoformat(link["expires_at"]).timestamp() for link in links}
    shots = []

    def ask(number, turn):
        code = links[(number + turn) % len(links)]["code"]
        asked = time.time()
        answer = client.get(code)
        shots.append((code, asked, time.time(), answer))
        return code, answer

    with Load(ask, clients=4):
        wait_until(lambda: time.time() > max(ends.values()) + 1, life + 10, "the end of the links")
    for code, asked, answered, answer in shots:
        if asked >= ends[code]:
            assert answer.status == 410, f"{asked - ends[code]} s after its end: {answer}"
        elif answered < ends[code]:
            assert answer.status == 302, answer
    before = [identity(answer) for code, asked, _, answer in shots if answer.status == 302]
    after = [identity(answer) for code, asked, _, answer in shots if answer.status == 410]
    assert len(before) - len(set(before)) > 100      # it was the cache that kept them
    assert len(set(after)) == len(after)             # and no cache stores a 410


def test_limited_clicks_are_counted_exactly(client):
    code = client.create(LONG_URL, max_clicks=3)["code"]
    assert [client.get(code, HUMAN).status for _ in range(5)] == [302, 302, 302, 410, 410]


def test_unknown_codes_are_not_kept(edge):
    code = f"not-yet-{edge.client.port}"
    for _ in range(2):
        assert edge.client.get(code).status == 404
    edge.origin.create(LONG_URL, custom_alias=code)
    assert edge.client.get(code).status == 302


def test_what_is_over_is_not_kept(edge):
    link = edge.origin.create(LONG_URL, ttl_seconds=1)
    wait_until(lambda: edge.client.get(link["code"]).status == 410, 10, "its end")
    key = {"Authorization": f"Bearer {edge.origin.key}", "Content-Type": "application/json"}
    later = edge.origin.request("PATCH", f"api/v1/urls/{link['code']}", b'{"expires_at": null}', key)
    assert later.status == 200
    assert edge.client.get(link["code"]).status == 302


def test_an_outage_is_not_kept(own_edge, own_stack):
    client = own_edge.client
    other = own_stack.host("lighttpd")
    try:
        code = own_stack.client(other).create(LONG_URL)["code"]
    finally:
        other.stop()
    own_stack.database.stop()
    try:
        assert client.get(code).status == 503
    finally:
        own_stack.database.start()
    wait_until(lambda: client.get(code).status == 302, 30, "the redirect")


def test_what_is_ours_is_not_kept(edge):
    client = edge.client
    code = client.create(LONG_URL)["code"]
    key = {"Authorization": f"Bearer {client.key}"}
    for path in ("", "healthz", f"api/v1/urls/{code}", "api/v1/urls?limit=1", "api/v1/openapi.json"):
        answers = [client.get(path, key), client.get(path, key), client.get(path)]
        assert len({identity(answer) for answer in answers}) == 3, path


def test_a_key_goes_to_curt(edge):
    code = edge.client.create(LONG_URL)["code"]
    assert are_kept(edge.client, code)
    for headers, passes in (({"Authorization": "Bearer x"}, True), ({"X-Api-Key": "x"}, edge.heeds_api_key),
                            ({"Cookie": "x=y"}, False), ({"Cache-Control": "no-cache"}, False)):
        kept = identity(edge.client.get(code))
        assert (identity(edge.client.get(code, headers)) != kept) == passes, headers
        assert identity(edge.client.get(code)) == kept, headers


def test_query_strings_are_kept_apart(client):
    code = client.create(LONG_URL, forward_query=True)["code"]
    for query in ("a=1", "a=2", "a=1&b", "A=1"):
        for _ in range(2):
            assert client.get(f"{code}?{query}").location == f"{LONG_URL}?{query}"
        assert are_kept(client, f"{code}?{query}")
    assert client.get(code).location == LONG_URL


def test_codes_are_kept_apart(client):
    aliases = [f"{name}-{client.port}" for name in ("Either-Case", "either-case", "EITHER-CASE")]
    for alias in aliases:
        client.create(f"{LONG_URL}/{alias}", custom_alias=alias)
    for _ in range(2):
        for alias in aliases:
            assert client.get(alias).location == f"{LONG_URL}/{alias}"


def test_the_next_cache_does_not_keep_it_longer(edge):
    """An answer has its age, or says that it may not be stored."""
    link = edge.origin.create(LONG_URL)
    assert are_kept(edge.client, link["code"])
    if not edge.tells_age:
        assert edge.client.get(link["code"]).header("Cache-Control") == "private, no-cache"
        return
    wait_until(lambda: int(edge.client.get(link["code"]).header("Age")) >= 2, 10, "an age")


def change(edge, code, long_url):
    key = {"Authorization": f"Bearer {edge.origin.key}", "Content-Type": "application/json"}
    answer = edge.origin.request("PATCH", f"api/v1/urls/{code}", f'{{"long_url": "{long_url}"}}'.encode(), key)
    assert answer.status == 200


def test_a_change_is_seen_after_a_purge(edge):
    code, other = (edge.origin.create(LONG_URL)["code"] for _ in range(2))
    spellings = (code, f"{code}/", f"{code}?a=b", f"{code}/?a=b&c")
    assert all(are_kept(edge.client, path) for path in (other, f"{other}?{code}", f"{other}?/{code}"))
    others = [identity(edge.client.get(path)) for path in (other, f"{other}?{code}", f"{other}?/{code}")]
    assert all(are_kept(edge.client, path) for path in spellings)
    change(edge, code, f"{LONG_URL}/2")
    assert {edge.client.get(path).location for path in spellings} == {LONG_URL}     # as edge_ttl has it
    edge.purge(code)
    for path in spellings:
        wait_until(lambda: edge.client.get(path).location == f"{LONG_URL}/2", 3, "the change")
    assert all(are_kept(edge.client, path) for path in spellings)
    for path, was in zip((other, f"{other}?{code}"), others):
        assert identity(edge.client.get(path)) == was


def test_a_deleted_link_is_gone_after_a_purge(edge):
    code = edge.origin.create(LONG_URL)["code"]
    assert are_kept(edge.client, code)
    gone = edge.origin.request("DELETE", f"api/v1/urls/{code}",
                               headers={"Authorization": f"Bearer {edge.origin.key}"})
    assert gone.status == 200
    edge.purge(code)
    wait_until(lambda: edge.client.get(code).status == 404, 3, "the deletion")


def test_who_may_purge(edge):
    if not hasattr(edge, "varnish"):
        assert edge.client.request("PURGE", "nothing").status == 405
        return
    code = edge.origin.create(LONG_URL)["code"]
    assert are_kept(edge.client, code)
    kept = identity(edge.client.get(code))
    far = {"X-Forwarded-For": "192.0.2.1"}
    assert edge.client.request("PURGE", code, headers=far).status == 403
    assert edge.client.request("BAN", "", headers={**far, "X-Curt-Codes": code}).status == 403
    for codes in ("", "|", ".*", f"{code}|)", f"{code} && obj.status == 302"):
        assert edge.client.request("BAN", "", headers={"X-Curt-Codes": codes}).status == 400
    assert identity(edge.client.get(code)) == kept


def test_without_curt_kept_links_work_until_they_end(own_edge):
    """And no longer, although there is no server to ask."""
    client = own_edge.client
    lasting = client.create(LONG_URL)["code"]
    link = client.create(LONG_URL, ttl_seconds=6)
    ends = datetime.datetime.fromisoformat(link["expires_at"]).timestamp()
    assert are_kept(client, lasting) and are_kept(client, link["code"])
    own_edge.break_curt()
    while (asked := time.time()) < ends + 1:
        answer = client.get(link["code"])
        assert answer.status != 302 or asked < ends, f"{asked - ends} s after its end"
    assert answer.status >= 500
    assert client.get(lasting).status == 302


COLD_LINKS = 3000


def stored_in(edge):
    """How much is in the cache: files of nginx, allocations of Varnish beside those for marks of a minute."""
    if isinstance(edge, NginxEdge):
        return sum(path.is_file() for path in edge.host.web.cache.rglob("*"))
    counters = subprocess.run(["varnishstat", "-1", "-n", edge.varnish.instance, "-f", "SMA.s0.g_alloc"], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
    return int(counters.split()[1])


@pytest.mark.parametrize("front", ["nginx", "varnish"])
def test_cold_links_stay_out(new_stack, front):
    """Links that are asked for once take no room in the cache, so they drive no hot one out."""
    with new_stack() as stack, contextlib.ExitStack() as cleanup:
        edge = EDGES[front](stack, settings=SETTINGS)
        cleanup.callback(edge.stop)
        hot = edge.origin.create(LONG_URL)["code"]
        cold = []
        while len(cold) < COLD_LINKS:
            made = edge.origin.post({"links": [{"long_url": LONG_URL}] * 1000}, path="api/v1/urls/bulk").json
            cold += [result["link"]["code"] for result in made["results"]]
        assert are_kept(edge.client, hot)
        kept, stored = identity(edge.client.get(hot)), stored_in(edge)
        assert stored > 0
        with Load(lambda number, turn: (None, edge.client.get(hot)), clients=1):
            for code in cold:
                assert edge.client.get(code).status == 302
        assert stored_in(edge) == stored
        assert identity(edge.client.get(hot)) == kept
        for _ in range(edge.enters_at - 1):
            assert edge.client.get(cold[-1]).status == 302
        wait_until(lambda: stored_in(edge) > stored, 5, "one that became hot")
