# SPDX-License-Identifier: MIT
"""The life of links and keys under concurrent requests."""

import collections
import json
import threading
import time

import pytest

from client import Client
from clicking import GOOGLEBOT, HUMAN
from load import Load
from stack.process import wait_until
from test_races import all_at_once

URLS = "api/v1/urls"


def call(client, method, path, body=None, **headers):
    """A call of the API with the key; headers are spelled with _ for -."""
    sent = {"Authorization": f"Bearer {client.key}", "Content-Type": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()}}
    data = None if body is None else json.dumps(body).encode("utf-8")
    return client.request(method, path, data, sent)


def test_a_life(client):
    link = client.create("https://example.com/a", title="A", tags=["x", "y"], forward_query=True)
    path = f"{URLS}/{link['code']}"
    alias = f"life-{link['code']}"
    changed = call(client, "PATCH", path, {"long_url": "https://example.com/b?c=%2B",
                                           "custom_alias": alias}, If_Match='"1"')
    assert changed.status == 200 and changed.header("ETag") == '"2"'
    assert changed.json["title"] == "A" and changed.json["tags"] == ["x", "y"]
    for code in (link["code"], alias):
        assert client.get(code).location == "https://example.com/b?c=%2B"
        assert client.get(f"{code}?d=%26").location == "https://example.com/b?c=%2B&d=%26"
    call(client, "PUT", path, {"title": "B"}, If_Match='"1"').is_problem(412, "precondition_failed")
    assert client.show(alias).json == client.show(link["code"]).json == changed.json
    assert call(client, "DELETE", f"{URLS}/{alias}").json["message"]
    for code in (link["code"], alias):
        assert client.get(code).status == 404
        assert client.show(code).status == 404
        assert call(client, "DELETE", f"{URLS}/{code}").status == 404


def test_changes_at_once_lose_nothing(any_client):
    """Changes of different members at the same time do not undo each other."""
    link = any_client.create("https://example.com/")
    path = f"{URLS}/{link['code']}"
    changes = [{"title": "T"}, {"tags": ["t"]}, {"max_clicks": 7}, {"redirect_status": 308},
               {"forward_query": True}, {"long_url": "https://example.com/changed"}]
    answers = all_at_once([lambda change=change: call(any_client, "PATCH", path, change)
                           for change in changes])
    assert [answer.status for answer in answers] == [200] * len(changes)
    now = any_client.show(link["code"])
    assert now.header("ETag") == f'"{1 + len(changes)}"'
    for change in changes:
        assert {name: now.json[name] for name in change} == change


def test_one_of_many_has_the_version(any_client):
    link = any_client.create("https://example.com/")
    answers = all_at_once([
        lambda number=number: call(any_client, "PATCH", f"{URLS}/{link['code']}",
                                   {"title": str(number)}, If_Match='"1"')
        for number in range(12)])
    assert collections.Counter(answer.status for answer in answers) == {200: 1, 412: 11}


def test_max_clicks_are_exact(client):
    """64 people and 64 bots at once: exactly 100 people are redirected, and no bot sees where to."""
    link = client.create("https://secret.example.com/limited", title="Limited", max_clicks=100)
    statuses = {"people": collections.Counter(), "bots": collections.Counter()}
    lock = threading.Lock()

    def visit(who, headers):
        answers = [client.get(link["code"], headers) for _ in range(4)]
        with lock:
            statuses[who].update(answer.status for answer in answers)
        if who == "bots":
            assert not [answer for answer in answers if answer.location or b"secret" in answer.body]
    all_at_once([lambda: visit("people", HUMAN), lambda: visit("bots", {"User-Agent": GOOGLEBOT})] * 64)
    assert statuses["people"] == {302: 100, 410: 156}
    assert set(statuses["bots"]) <= {200, 410} and statuses["bots"].total() == 256
    assert client.show(link["code"]).json["state"] == "exhausted"


def test_an_alias_is_taken_off(client, other_client):
    """On this host at once, on others within local_ttl; what it counted stays."""
    typo, right = (f"{word}-{client.port}" for word in ("sprnig", "spring"))
    client.create("https://example.com/typo", custom_alias=typo)
    assert call(client, "PATCH", f"{URLS}/{typo}", {"custom_alias": right}).status == 200
    assert client.get(typo, HUMAN).status == other_client.get(typo, HUMAN).status == 302
    answer = call(client, "DELETE", f"{URLS}/{right}/aliases/{typo}")
    assert answer.status == 200 and answer.json["aliases"] == [right] and answer.json["code"] == right
    assert client.get(typo).status == 404 and client.get(right).status == 302
    wait_until(lambda: other_client.get(typo).status == 404, 15, "the other host to see it")
    assert call(client, "DELETE", f"{URLS}/{right}/aliases/{typo}").status == 404
    assert call(client, "DELETE", f"{URLS}/{right}/aliases/{right}").status == 400
    wait_until(lambda: call(client, "GET", f"{URLS}/{right}/stats").json["clicks"] == 2, 15, "the clicks of both hosts")
    client.create("https://example.com/other", custom_alias=typo)
    assert client.get(typo).location == "https://example.com/other"


def test_a_preview_spends_no_click(client):
    """A chat's bot, a prefetch, then a person; and a person who is taken for a bot and presses the button."""
    link = client.create("https://secret.example.com/once", title="Täst & more", max_clicks=2)
    for headers in ({"User-Agent": GOOGLEBOT}, {**HUMAN, "Sec-Purpose": "prefetch;prerender"}, {"User-Agent": ""}):
        answer = client.get(link["code"], headers)
        assert answer.status == 200 and not answer.location and answer.type == "text/html"
        assert "Täst &amp; more".encode() in answer.body and b"secret" not in answer.body
        assert answer.header("Cache-Control") == "no-store"
        assert not client.request("HEAD", link["code"], headers=headers).location
    form = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": GOOGLEBOT}
    answer = client.request("POST", link["code"], b"curt=continue", form)
    assert (answer.status, answer.location) == (303, link["long_url"])
    assert client.get(link["code"], HUMAN).location == link["long_url"]
    assert client.get(link["code"], HUMAN).status == 410
    assert client.request("POST", link["code"], b"curt=continue", form).status == 410


def test_retries_at_once_make_one_link(any_client):
    body = {"long_url": "https://example.com/once"}
    answers = all_at_once([lambda: any_client.post(body, headers={"Idempotency-Key": "at-once"})
                           for _ in range(16)])
    assert {answer.status for answer in answers} == {201}
    assert len({answer.json["code"] for answer in answers}) == 1


def test_lists_are_followed(any_client):
    tag = "followed"
    made = [any_client.create(f"https://list{number % 3}.example.com/{number}", tags=[tag])["code"]
            for number in range(25)]

    def walk(query):
        found, cursor = [], ""
        while cursor is not None:
            page = call(any_client, "GET", f"{URLS}?{query}{cursor and '&cursor=' + cursor}").json
            found += [link["code"] for link in page["links"]]
            cursor = page["next_cursor"]
        return found
    assert walk(f"tag={tag}&limit=4") == made[::-1]
    assert walk(f"tag={tag}&limit=25&order=created") == made
    assert sorted(walk(f"tag={tag}&q=list1.exa&limit=3")) == sorted(made[1::3])
    assert walk(f"tag={tag}&state=expired") == []


def seconds(task):
    began = time.monotonic()
    task()
    return time.monotonic() - began


@pytest.mark.alone
def test_a_bulk_create_is_worth_it(new_stack, record_property):
    """Links cost a twentieth in a bulk of a thousand, or less, of what they cost one by one, on a
    database that keeps what it has promised."""
    links = [{"long_url": f"https://example.com/bulk/{number}"} for number in range(1000)]
    with new_stack(durable=True) as stack:
        client = stack.client(stack.host())

        def singles():
            for link in links[:100]:
                assert client.post(link).status == 201

        def bulk():
            answer = call(client, "POST", f"{URLS}/bulk", {"links": links})
            assert answer.status == 207
            results = answer.json["results"]
            assert [result["status"] for result in results] == [201] * len(links)
            assert [result["link"]["long_url"] for result in results] == \
                [link["long_url"] for link in links]
        def ratio():
            return min(one for one, _ in rounds) / min(many for _, many in rounds)
        bulk()      # everything is warm
        rounds = []
        while len(rounds) < 5 or (ratio() < 20 and len(rounds) < 25):   # the machine may be busy
            rounds.append((seconds(singles) / 100, seconds(bulk) / len(links)))
        record_property("bulk_ratio", round(ratio(), 1))
        print(f"\nbulk: {1 / min(many for _, many in rounds):.0f} links/s, singles: "
              f"{1 / min(one for one, _ in rounds):.0f} links/s, ratio {ratio():.1f}")
        codes = stack.sql("SELECT COUNT(DISTINCT code) FROM code")[0][0]
        assert codes == (1 + len(rounds)) * 1000 + len(rounds) * 100
        assert ratio() >= 20


def test_a_revoked_key_opens_nothing(stack):
    """A thousand keys in use, one of them revoked: it is refused at the latest local_ttl later."""
    local_ttl = 2
    host = stack.host(workers=4, settings={"cache.local_ttl": f"{local_ttl}s"})
    try:
        admin = stack.client(host)
        keys = [call(admin, "POST", "api/v1/keys", {"user": f"many-{number}"}).json
                for number in range(1000)]
        victim = keys[500]
        clients = [Client(host.port, host.mount, key=key["secret"]) for key in keys]
        link = admin.create("https://example.com/")

        def use(number, turn):
            index = 500 if number % 2 else (turn * 8 + number) % len(keys)
            return index, clients[index].show(link["code"])
        with Load(use, clients=8, least=20) as load:
            answer = call(admin, "DELETE", f"api/v1/keys/{victim['id']}")
            revoked_at = time.monotonic()
            assert answer.status == 200
            from stack.process import wait_until
            wait_until(lambda: time.monotonic() > revoked_at + 2 * local_ttl, 30, "the time")
            load.wait_for(40)
        for shot in load.shots:
            if shot.asked != 500:
                assert shot.status == 404       # known, but not the owner
            elif shot.began > revoked_at + local_ttl:
                assert shot.status == 401
        used = [shot.status for shot in load.shots if shot.asked == 500]
        assert 404 in used and 401 in used
    finally:
        host.stop()
