# SPDX-License-Identifier: MIT
"""How short links really arrive, through every web server: escaped by SMS gateways, copied out of a sentence, sent as
a form, with a body that a GET need not have, to the host names of containers."""

import json

import pytest

from clicking import HUMAN
from test_curtctl import FAILED, TOP, Curtctl, within_local_ttl

TO = "https://example.com/arrived"


@pytest.fixture
def alias(client):
    code = f"Spring_{client.port}"
    if client.get(code).status == 404:
        client.create(TO, custom_alias=code)
    return code


@pytest.mark.parametrize("escape", ["%5F", "%5f"])
def test_an_escaped_unreserved_byte_is_that_byte(client, alias, escape):
    answer = client.get(alias.replace("_", escape))
    assert answer.status == 302 and answer.location == TO
    assert client.get(alias.replace("S", "%53")).location == TO
    assert client.show(alias.replace("_", escape)).json["code"] == alias
    assert client.get(alias.replace("_", "%255F")).status == 404


@pytest.mark.parametrize("end", [".", ")", "),", "%20", "%E2%80%8B", "%29", "%C2%A0", "!", ";", "%22"])
def test_what_follows_a_code_in_a_sentence_is_dropped(client, alias, end):
    answer = client.get(alias + end + "?utm=1")
    assert answer.status == 302 and answer.location == TO


@pytest.mark.parametrize("end", [".html", "%20more", "/more", "x)"])
def test_what_names_something_else_is_not_found(client, alias, end):
    assert client.get(alias + end).status == 404


@pytest.mark.parametrize(("own", "to"), [("append", TO + "/a%2Fb//c/?mine=1&x=%2B#f"), ("ignore", TO + "?mine=1&x=%2B#f"),
                                         ("404", None), (None, None)])
def test_a_path_behind_a_code_means_what_the_link_says(client, own, to):
    code = client.create(TO + "?mine=1#f", forward_query=True, extra_path=own)["code"]
    answer = client.get(f"{code}/a%2Fb//c/?x=%2B", HUMAN)
    assert (answer.status, answer.location) == ((302, to) if to else (404, None))
    assert client.get(f"{code}/").location == TO + "?mine=1#f"
    for dots in ("..", "../x", "x/%2e%2E/y", "..%2Fx", "..%5cx", "."):
        assert client.get(f"{code}/{dots}").status == 404


@pytest.mark.parametrize("web", ["lighttpd", "apache", "nginx"])
def test_the_site_says_what_a_path_means(stack, web):
    host = stack.host(web, mount="/s/", settings={"links.extra_path": "append"})
    client = stack.client(host)
    code = client.create(TO, max_clicks=2)["code"]
    refused = client.create(TO, extra_path="404")["code"]
    assert client.get(f"{code}/more", HUMAN).location == TO + "/more"
    assert client.get(f"{code}/../{refused}", HUMAN).status == 404
    assert client.get(f"{refused}/more", HUMAN).status == 404
    assert client.get(f"{code}/more", HUMAN).location == TO + "/more"
    assert client.get(f"{code}/more", HUMAN).status == 410
    assert client.get("nobody-has-this/more").status == 404
    assert client.get("api/v1/urls/x/more").json["code"] == "not_found"


@pytest.mark.parametrize("web", ["lighttpd", "apache", "nginx"])
def test_the_letter_case_of_aliases_may_not_count(stack, web):
    host = stack.host(web, settings={"links.alias_case": "ignore"})
    client = stack.client(host)
    alias = f"Spring-{web}-{client.port}"
    link = client.create(TO, custom_alias=alias)
    assert (link["code"], link["aliases"]) == (alias, [alias])
    for spelling in (alias, alias.lower(), alias.upper(), alias.swapcase() + "."):
        for _ in range(2):
            assert client.get(spelling).location == TO
    assert client.show(alias.upper()).json == link
    for spelling in (alias.lower(), alias.upper()):
        client.post({"long_url": TO, "custom_alias": spelling}).is_problem(409, "alias_taken")
    code = client.create(TO + "/generated")["code"]
    assert client.get(code).location == TO + "/generated"
    assert code.swapcase() == code or client.get(code.swapcase()).status == 404
    key = {"Authorization": f"Bearer {client.key}", "Content-Type": "application/json"}
    changes = {"long_url": TO + "/changed", "custom_alias": f"other-{web}-{client.port}"}
    assert client.request("PATCH", f"api/v1/urls/{alias.upper()}", json.dumps(changes).encode(), key).status == 200
    assert client.get(alias.upper()).location == TO + "/changed"
    assert client.request("DELETE", f"api/v1/urls/{alias}/aliases/{alias.upper()}", headers=key).status == 200
    for spelling in (alias, alias.lower(), alias.upper()):
        assert client.get(spelling).status == 404


def test_links_from_before_get_their_lower_case_forms(new_stack):
    with new_stack() as stack:
        exact = stack.client(stack.host("nginx"))
        for alias in ("Mixed", "Two", "two"):
            exact.create(f"{TO}/{alias}", custom_alias=alias)
        host = stack.host("nginx", settings={"links.alias_case": "ignore"})
        client = stack.client(host)
        ctl = Curtctl(stack.installation.curtctl, host.config)

        def finding():
            found = ctl.json("doctor", "--schema", TOP / "schema", status=None)
            [line] = [line for line in found if line["check"] == "aliases"]
            return line["state"], line["cure"]

        assert client.get("mixed").status == client.get("MIXED").status == 404
        assert finding() == ("warning", "curtctl link lower")
        assert ctl.json("link", "lower", "--dry-run", status=FAILED) == [
            {"aliases": 3, "missing": 1, "present": 0, "conflicts": 1}]
        assert client.get("mixed").status == 404
        assert ctl.json("link", "lower", status=FAILED) == [{"aliases": 3, "added": 1, "present": 0, "conflicts": 1}]
        assert "Two: another link has two" in ctl.complaints
        within_local_ttl(lambda: client.get("mixed").location == f"{TO}/Mixed")
        assert client.get("MIXED").location == f"{TO}/Mixed"
        assert client.get("Two").location == f"{TO}/Two" and client.get("TWO").location == f"{TO}/two"
        assert client.show("Mixed").json["aliases"] == ["Mixed"]
        assert ctl.json("link", "lower", status=FAILED) == [{"aliases": 4, "added": 0, "present": 1, "conflicts": 1}]
        assert finding()[0] == "warning"
        ctl("link", "rm", "Two")
        assert ctl.json("link", "lower") == [{"aliases": 3, "added": 0, "present": 1, "conflicts": 0}]
        assert finding() == ("ok", "")
        assert [link["code"] for link in ctl.json("link", "show", "MIXED")] == ["Mixed"]


@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_redirect_that_keeps_the_method_takes_it(client, status, method):
    code = client.create(TO, redirect_status=status)["code"]
    answer = client.request(method, code, b"a=b&c=" + b"x" * 100_000, {"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status == status and answer.location == TO
    kept = client.create(TO, redirect_status=302)["code"]
    answer = client.request(method, kept, b"a=b")
    assert answer.status == 405 and "POST" not in answer.header("Allow")


def test_a_get_with_a_body_redirects(client, alias):
    assert client.request("GET", alias, b"ab").location == TO


@pytest.mark.parametrize("name", ["curt_web_1:8080", "CURT.example.", "[::1]:8080", "192.0.2.1"])
def test_the_host_name_does_not_matter(client, alias, name):
    head = client.raw(f"GET {client.mount}{alias} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
    assert head.startswith(b"HTTP/1.1 302 ") and f"Location: {TO}\r\n".encode() in head


@pytest.mark.parametrize("web", ["lighttpd", "apache", "nginx"])
def test_the_operators_pages(stack, web):
    """Where they are set, visitors get there instead of a page; the API does not."""
    pages = {name: f"https://www.example.com/{name}" for name in ("root_url", "unknown_url", "expired_url", "not_started_url")}
    host = stack.host(web, settings={f"pages.{name}": url for name, url in pages.items()})
    client = stack.client(host)
    code = client.create(TO, max_clicks=1)["code"]
    assert client.get(code, HUMAN).location == TO
    assert client.get(code, HUMAN).location == pages["expired_url"]
    soon = client.create(TO, starts_at="2099-01-01T00:00:00Z")["code"]
    assert client.get(soon, HUMAN).location == pages["not_started_url"]
    assert client.get("").location == pages["root_url"]
    for path in ("nobody-has-this", "nobody/has/this", "nobody.has.this"):
        answer = client.get(path)
        assert (answer.status, answer.location, answer.header("Cache-Control")) == (302, pages["unknown_url"], "no-store")
    assert client.show("nobody-has-this").status == 404
    assert client.request("POST", "nobody-has-this", b"x").status == 405


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_link_says_where_visitors_go_instead(client, method):
    """Before its start and after its end; it counts no click, no cache keeps it, and a change is seen at once."""
    own = {"expired_url": "https://example.com/after?a=%2B", "not_started_url": "https://example.com/before"}
    link = client.create(TO, max_clicks=1, starts_at="2099-01-01T00:00:00Z", redirect_status=301, **own)
    assert {name: link[name] for name in own} == own

    key = {"Authorization": f"Bearer {client.key}"}

    def change(**changes):
        return client.request("PATCH", f"api/v1/urls/{link['code']}", json.dumps(changes).encode(), {**key, "Content-Type": "application/json"})

    def answer():
        got = client.request(method, link["code"], None, HUMAN)
        return got.status, got.location, got.header("Cache-Control")
    assert answer() == (302, own["not_started_url"], "no-store")
    assert change(starts_at=None).status == 200
    assert client.get(link["code"], HUMAN).location == TO
    assert answer() == (302, own["expired_url"], "no-store")
    assert change(expired_url=None).status == 200
    assert answer()[:2] == (410, None)
    assert change(expired_url=client.create(TO)["short_url"]).status == 400
