# SPDX-License-Identifier: MIT
"""Previews: a + after a short URL says where it leads, through every web server, at the root of a host and below it."""

import re

import pytest

from clicking import GOOGLEBOT, HUMAN, Flusher
from client import Client
from conftest import WEB_SERVERS
from test_life import URLS, call

TO = "https://example.com/previewed?a=1&b=%22%3Cscript%3E"
HTML = {**HUMAN, "Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
JSON = {**HUMAN, "Accept": "application/json"}
TITLE = '"><script>alert(1)</script>'


@pytest.fixture(scope="module", params=[(web, mount) for web in WEB_SERVERS for mount in ("/", "/s/")],
                ids=lambda row: "-".join(row).replace("/", "") or "root")
def host(request, stack):
    web, mount = request.param
    host = stack.host(web, mount=mount, workers=2)
    yield host
    host.stop()


@pytest.mark.parametrize("mark", ["+", "%2B", "%2b", "+/", "+?utm_source=x"])
def test_it_says_where_a_link_leads(client, host, mark):
    link = client.create(TO, title=TITLE)
    page = client.get(link["code"] + mark, HTML)
    text = page.body.decode()
    assert page.status == 200 and page.header("Content-Type") == "text/html; charset=utf-8"
    assert TO.replace("&", "&amp;") in text and f'href="{host.base_url}/{link["code"]}"' in text
    assert "&quot;&gt;&lt;script&gt;" in text and "<script" not in text
    assert "<svg" in text and "just now" in text
    assert client.get(link["code"] + mark, JSON).json == {
        **{name: link[name] for name in ("code", "short_url", "long_url", "title", "created_at")}}


def test_it_is_kept_by_nobody_and_loads_nothing(client):
    code = client.create(TO)["code"]
    page = client.get(code + "+", HTML)
    assert page.header("Cache-Control") == "no-store" and page.header("X-Robots-Tag") == "noindex"
    assert page.header("Referrer-Policy") == "no-referrer" and page.header("Location") is None
    policy = page.header("Content-Security-Policy")
    assert policy.startswith("default-src 'none'; style-src 'sha256-") and "unsafe" not in policy
    assert "form-action 'none'" in policy and "frame-ancestors 'none'" in policy
    assert not re.search(rb'(src|href)="(?!https?://127)', page.body) and b"@import" not in page.body
    head = client.request("HEAD", code + "+", None, HTML)
    assert head.status == 200 and head.body == b""
    for method in ("POST", "PUT", "DELETE"):
        assert client.request(method, code + "+", b"", HTML).status == 405


def test_it_is_refused_as_the_link_is(client):
    client.get("nobody-has-this+", JSON).is_problem(404, "not_found")
    assert client.get("nobody-has-this+", HTML).status == 404
    client.get(client.create(TO, starts_at="2099-01-01T00:00:00Z")["code"] + "+", JSON).is_problem(404, "not_found")
    code = client.create(TO)["code"]
    assert client.get(code + "+", JSON).status == 200
    call(client, "DELETE", f"{URLS}/{code}")
    client.get(code + "+", JSON).is_problem(404, "not_found")


def test_it_spends_no_click_and_keeps_the_secret(client):
    code = client.create(TO, max_clicks=1, title="Few")["code"]
    for headers in (HTML, JSON, {"User-Agent": GOOGLEBOT, "Accept": "text/html"}):
        for _ in range(3):
            page = client.get(code + "+", headers)
            assert page.status == 200 and b"example.com/previewed" not in page.body and b"Few" in page.body
    assert client.get(code, HTML).location == TO
    assert client.get(code + "+", HTML).status == 410


def test_it_is_no_click(new_stack):
    with new_stack() as stack:
        host = stack.host(settings={"clicks.flush_interval": "1h"})
        client = stack.client(host)
        code = client.create(TO)["code"]
        flusher = Flusher(stack, host, "previews")
        for headers in (HTML, JSON, {"User-Agent": GOOGLEBOT}):
            assert client.get(code + "+", headers).status == 200
        assert client.get(code, HTML).status == 302
        flusher.flush()
        stats = call(client, "GET", f"{URLS}/{code}/stats").json
        assert (stats["clicks"], stats["bots"]) == (1, 0)


def test_it_can_be_off(stack):
    host = stack.host(settings={"pages.preview": "no"})
    try:
        client = Client(host.port, host.mount, key=stack.key)
        code = client.create(TO)["code"]
        for mark in ("+", "%2B"):
            assert client.get(code + mark, HTML).location == TO
    finally:
        host.stop()
