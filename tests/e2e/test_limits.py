# SPDX-License-Identifier: MIT
"""Limits with real servers and several workers: exact for the host, and independent of what clients claim."""

import concurrent.futures
import json
import os
import pathlib
import re
import signal
import time

import pytest

from client import Client
from conftest import WEB_SERVERS
from test_curtctl import TOP, Curtctl

URL = "https://example.com/limited"
# So slow that nothing grows back while a test runs.
SETTINGS = {
    "api.anonymous_create": "yes",
    "server.trusted_proxies": "127.0.0.1",
    "limits.creates_per_user": "10/1d",
    "limits.creates_per_address": "5/1d",
    "limits.misses_per_address": "20/1d",
}


@pytest.fixture(scope="module")
def limited(stack):
    """One host for each web server, all addresses of which are made up by its trusted proxy: us."""
    started = {}

    def host(web):
        if web not in started:
            started[web] = stack.host(web, settings=SETTINGS)
        return started[web]
    return host


@pytest.fixture(params=WEB_SERVERS)
def web(stack, limited, request):
    return stack.client(limited(request.param))


def anonymous(client, address, **headers):
    return client.post({"long_url": URL}, headers={"Authorization": None,
                                                   "X-Forwarded-For": address, **headers})


def ask(client, code, address, **headers):
    return client.get(code, {"X-Forwarded-For": address, **headers})


def statuses(tasks):
    """The statuses of many requests that are made at once, and how often each came."""
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = [future.result().status for future in [pool.submit(task) for task in tasks]]
    return {status: answers.count(status) for status in sorted(set(answers))}


def test_anonymous_creates_are_exact_over_all_workers(web):
    assert statuses([lambda: anonymous(web, "192.0.2.1")] * 60) == {201: 5, 429: 55}
    refused = anonymous(web, "192.0.2.1")
    refused.is_problem(429, "rate_limited")
    assert 0 < int(refused.header("Retry-After")) <= 86400 / 5
    assert refused.header("RateLimit-Limit") == "5"
    assert refused.header("RateLimit-Remaining") == "0"
    assert 0 < int(refused.header("RateLimit-Reset")) <= 86400
    assert anonymous(web, "192.0.2.2").status == 201


def test_clients_cannot_choose_their_address(web):
    spoofed = [f"198.51.100.{number}, 192.0.2.11" for number in range(60)]
    assert statuses([lambda a=a: anonymous(web, a) for a in spoofed]) == {201: 5, 429: 55}
    other = [{name: f"198.51.100.{number}"} for number in range(3)
             for name in ("X-Real-IP", "Client-IP", "True-Client-IP")]
    other += [{"Forwarded": f"for=198.51.100.{number}"} for number in range(3)]
    assert statuses([lambda h=h: anonymous(web, "192.0.2.11", **h) for h in other]) == {429: 12}


def test_an_address_that_is_none_counts_as_the_proxy(web):
    nonsense = ["unknown", "for=1.2.3.4", "1.2.3.4.5", "999.1.1.1", "::1::", "a" * 1000] * 10
    assert statuses([lambda a=a: anonymous(web, a) for a in nonsense]) == {201: 5, 429: 55}


def test_ipv6_customers_have_one_network(web):
    addresses = [f"2001:db8:0:7::{number:x}" for number in range(1, 61)]
    assert statuses([lambda a=a: anonymous(web, a) for a in addresses]) == {201: 5, 429: 55}
    assert anonymous(web, "2001:db8:0:8::1").status == 201


def test_who_hunts_for_codes_finds_none(web):
    known = web.create(URL)["code"]
    hunt = [lambda n=n: ask(web, f"hunted{n}", "192.0.2.21") for n in range(100)]
    seen = statuses(hunt)
    workers = 64
    assert set(seen) == {404, 429} and 20 <= seen[404] < 20 + workers
    ask(web, known, "192.0.2.21").is_problem(429, "rate_limited")
    assert ask(web, known, "192.0.2.22").status == 302
    page = ask(web, known, "192.0.2.21", Accept="text/html")
    assert page.status == 429 and page.type == "text/html"
    assert int(page.header("Retry-After")) > 0


def test_hits_and_nonsense_are_free(web):
    known = web.create(URL)["code"]
    assert statuses([lambda: ask(web, known, "192.0.2.31")] * 60) == {302: 60}
    assert statuses([lambda: ask(web, "nothing.ico", "192.0.2.31")] * 60) == {404: 60}


def test_keys_are_limited_wherever_they_are_used(stack, limited):
    host = limited("lighttpd")
    for user in ("limited-ann", "limited-bob"):
        key = host.make_key(user=user, role="user", name="limits")
        client = Client(host.port, host.mount, key=key)
        tasks = [lambda n=n, c=client: c.post({"long_url": URL},
                                              headers={"X-Forwarded-For": f"192.0.2.{n}"})
                 for n in range(40)]
        assert statuses(tasks) == {201: 10, 429: 30}
    admin = stack.client(host)
    assert statuses([lambda: admin.post({"long_url": URL})] * 40) == {201: 40}


def test_a_user_does_not_grow_by_keys(stack, limited):
    host = limited("lighttpd")
    first = Client(host.port, host.mount, key=host.make_key(user="limited-eve", role="user", name="limits"))
    made = first.post({}, path="api/v1/keys")
    assert made.status == 201
    second = Client(host.port, host.mount, key=made.json["secret"])
    assert statuses([lambda c=c: c.post({"long_url": URL}) for c in (first, second) * 20]) == {201: 9, 429: 31}
    second.post({}, path="api/v1/keys").is_problem(429, "rate_limited")
    many = second.post({"links": [{"long_url": URL}] * 2}, path="api/v1/urls/bulk")
    many.is_problem(429, "rate_limited")


def test_a_bulk_is_counted_by_its_links(stack, limited):
    host = limited("lighttpd")
    client = Client(host.port, host.mount, key=host.make_key(user="limited-mallory", role="user", name="limits"))
    bulk = lambda n: client.post({"links": [{"long_url": URL}] * n}, path="api/v1/urls/bulk")
    assert client.post({"long_url": URL}).status == 201
    bulk(10).is_problem(429, "rate_limited")
    before = stack.sql("SELECT COUNT(*) FROM link")
    assert bulk(9).status == 207
    bulk(1).is_problem(429, "rate_limited")
    assert stack.sql("SELECT COUNT(*) FROM link")[0][0] == before[0][0] + 9


@pytest.mark.parametrize("by", ["the API", "curtctl", "a role"])
def test_a_revoked_key_is_refused_by_all_workers_at_once(stack, by):
    host = stack.host("lighttpd", workers=4, settings={"cache.local_ttl": "1h"})
    admin = stack.client(host)
    user = f"revoked-{by.split()[-1]}"
    key = host.make_key(user=user, role="admin", name="short life")
    client = Client(host.port, host.mount, key=key)
    ctl = Curtctl(stack.installation.curtctl, host.config)
    [number] = [row["id"] for row in ctl.json("key", "list", "--user", user)]
    tasks = [lambda: client.get("api/v1/urls?owner=nobody-of-that-name",
                                {"Authorization": f"Bearer {key}"})] * 200
    assert set(statuses(tasks)) <= {200, 400, 404}
    if by == "the API":
        assert admin.request("DELETE", f"api/v1/keys/{number}", None,
                             {"Authorization": f"Bearer {admin.key}"}).status == 200
    elif by == "curtctl":
        ctl("key", "revoke", number)
    else:
        ctl("user", "role", user, "user")
    assert statuses(tasks) == {401 if by != "a role" else 403: 200}


def test_wrong_keys_are_limited(stack, limited):
    host = limited("lighttpd")
    wrong = Client(host.port, host.mount, key="curt_zz_" + "0" * 44)
    seen = statuses([lambda: wrong.get("api/v1/urls", {"X-Forwarded-For": "192.0.2.91",
                                                       "Authorization": f"Bearer {wrong.key}"})] * 80)
    assert set(seen) == {401, 429} and 20 <= seen[401] < 40
    assert ask(wrong, "nobody", "192.0.2.91").status == 429
    assert ask(wrong, "nobody", "192.0.2.92").status == 404


def test_an_untrusted_proxy_is_told_of(stack):
    host = stack.host("lighttpd", settings={"limits.misses_per_address": "20/1d"})
    client = stack.client(host)
    for number in range(5):
        assert ask(client, f"behind{number}", f"192.0.2.{number}").status == 404
    assert "untrusted_proxy" in stack.log(host)
    found = Curtctl(stack.installation.curtctl, host.config).json("doctor", "--schema", TOP / "schema")
    [proxies] = [finding for finding in found if finding["check"] == "proxies"]
    assert proxies["state"] == "warning" and "server.trusted_proxies" in proxies["cure"]
    assert 'untrusted_proxy_requests_total 5' in client.get("metrics").body.decode()


def test_killed_workers_forget_nothing(stack):
    host = stack.host("lighttpd", settings=SETTINGS)
    client = stack.client(host)
    made = 0
    for _ in range(6):
        found = statuses([lambda: anonymous(client, "192.0.2.41")] * 10)
        made += found.get(201, 0)
        for pid in host.web.worker_pids():
            os.kill(pid, signal.SIGKILL)
        until(lambda: client.get("healthz").status == 200)
    assert made == 5


def test_no_address_is_kept(stack, limited, web):
    """Neither the log, nor the database, nor the segment has an address that was limited."""
    for address in ("203.0.113.77", "2001:db8:7777:7777::1"):
        for number in range(30):
            anonymous(web, address)
            ask(web, f"kept{number}", address)
    for started in [limited("lighttpd")]:
        log = stack.log(started)
        assert "203.0.113.77" not in log and "2001:db8:7777" not in log
        segment = pathlib.Path(started.settings["segment.path"]).read_bytes()
        for needle in (b"203.0.113.77", bytes([203, 0, 113, 77]), b"2001:db8:7777",
                       bytes.fromhex("20010db877777777")):
            assert needle not in segment
    tables = [row[0] for row in stack.sql("SHOW TABLES")]
    assert tables
    for table in tables:
        assert not re.search(r"203\.0\.113\.77|2001:db8:7777", repr(stack.sql(f"SELECT * FROM `{table}`")))


def test_without_a_segment_limits_still_hold(stack):
    host = stack.host("lighttpd", workers=1, settings={**SETTINGS, "segment.path": ""})
    client = stack.client(host)
    assert statuses([lambda: anonymous(client, "192.0.2.51")] * 30) == {201: 5, 429: 25}


def test_off(stack):
    host = stack.host("lighttpd", settings={
        **SETTINGS, "limits.creates_per_address": "", "limits.misses_per_address": "0"})
    client = stack.client(host)
    assert statuses([lambda: anonymous(client, "192.0.2.61")] * 40) == {201: 40}
    assert statuses([lambda: ask(client, "nobody", "192.0.2.61")] * 40) == {404: 40}


def test_blocked_destinations_follow_their_file(stack):
    place = stack.place.directory("blocked")
    path = place / "domains"
    path.write_text("# phishing\nevil.example\n*.bad.example\nnot a name\n", encoding="utf-8")
    host = stack.host("lighttpd", settings={"links.blocked_file": path})
    client = stack.client(host)
    for url in ("https://evil.example/", "http://www.EVIL.example/x", "https://a.bad.example/",
                "https://evil%2Eexample/", "https://evil.example./"):
        client.post({"long_url": url}).is_problem(400, "blocked_destination")
    kept = client.create("https://worse.example/")["code"]
    fresh = place / "fresh"
    fresh.write_text("worse.example\n", encoding="utf-8")
    fresh.rename(path)
    until(lambda: client.post({"long_url": "https://worse.example/"}).status == 400)
    until(lambda: client.post({"long_url": "https://evil.example/"}).status == 201)
    assert client.get(kept).status == 302
    assert "blocked_domains_read" in stack.log(host)
    path.unlink()
    for _ in range(8):
        client.post({"long_url": "https://worse.example/"}).is_problem(400, "blocked_destination")


def until(condition, seconds=15):
    """Waits for what must become true for every worker: ten times in a row."""
    end = time.monotonic() + seconds
    in_a_row = 0
    while in_a_row < 10:
        assert time.monotonic() < end, "it did not happen in time"
        in_a_row = in_a_row + 1 if condition() else 0


@pytest.mark.parametrize("web_server", WEB_SERVERS)
def test_cors_through_web_servers(stack, web_server):
    host = stack.host(web_server, settings={"api.cors_origins": "https://app.example"})
    client = stack.client(host)
    preflight = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST",
                 "Access-Control-Request-Headers": "authorization,content-type"}
    answer = client.request("OPTIONS", "api/v1/urls", headers=preflight)
    assert answer.status in (200, 204)
    assert answer.header("Access-Control-Allow-Origin") == "https://app.example"
    assert "POST" in answer.header("Access-Control-Allow-Methods")
    assert "authorization" in answer.header("Access-Control-Allow-Headers").lower()
    assert "POST" in answer.header("Allow")
    made = client.post({"long_url": URL}, headers={"Origin": "https://app.example"})
    assert made.status == 201
    assert made.header("Access-Control-Allow-Origin") == "https://app.example"
    for origin in ("https://evil.example", "null", "*", "https://app.example.evil.example", "https://evil-app.example",
                   "https://app.example, https://evil.example", "http://app.example", "https://app.example:444",
                   "https://app.example/", "https://app.example%00.evil.example"):
        for foreign in (client.request("OPTIONS", "api/v1/urls", headers={**preflight, "Origin": origin}),
                        client.post({"long_url": URL}, headers={"Origin": origin})):
            assert foreign.header("Access-Control-Allow-Origin") is None, origin
            assert "Origin" in foreign.header("Vary")
    assert made.header("Access-Control-Allow-Credentials") is None and "Origin" in made.header("Vary")
    redirect = client.get(json.loads(made.body)["code"], {"Origin": "https://app.example"})
    assert redirect.status == 302 and redirect.header("Access-Control-Allow-Origin") is None


@pytest.mark.parametrize("web_server", WEB_SERVERS)
def test_bulk_bodies_are_larger_than_others(stack, hosts, web_server):
    client = stack.client(hosts(web_server))
    links = [{"long_url": "https://example.com/" + "a" * 7900, "title": f"{n}"} for n in range(1000)]
    body = json.dumps({"links": links}).encode()
    assert 7 << 20 < len(body) < 8 << 20
    assert client.post(body, path="api/v1/urls/bulk").status == 207
    client.post(body).is_problem(413, "payload_too_large")
    padded = body + b" " * ((8 << 20) + 1 - len(body))
    client.post(padded, path="api/v1/urls/bulk").is_problem(413, "payload_too_large")


def test_bulk_creates_are_paid_for(stack, limited):
    host = limited("lighttpd")
    client = Client(host.port, host.mount,
                    key=host.make_key(user="limited-bulk", role="user", name="limits"))
    links = {"links": [{"long_url": f"{URL}/{number}"} for number in range(30)]}
    first = client.post(links, path="api/v1/urls/bulk")
    assert first.status == 207 and {item["status"] for item in first.json["results"]} == {201}
    refused = client.post(links, path="api/v1/urls/bulk")
    refused.is_problem(429, "rate_limited")
    # 21 of 10 a day: 20 that were too many, and one to take.
    assert 20 * 8640 < int(refused.header("Retry-After")) <= 21 * 8640
