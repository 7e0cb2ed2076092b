# SPDX-License-Identifier: MIT
"""Links that are deleted and restored: with all they had, exactly once, whatever is killed meanwhile."""

import collections
import os
import signal
import threading

import pytest

from clicking import HUMAN
from stack.process import wait_until
from test_curtctl import MISSING, USAGE, Curtctl, within_local_ttl
from test_life import URLS, call
from test_races import all_at_once

DAY = 24 * 3600


def restore(client, code):
    return call(client, "POST", f"{URLS}/{code}/restore", {})


def totals(client):
    return call(client, "GET", "api/v1/stats").json


def deleted(client):
    """The codes of the links that can be restored."""
    return [link["code"] for link in call(client, "GET", f"{URLS}?state=deleted&limit=100").json["links"]]


@pytest.fixture
def place(new_stack):
    """A stack of its own with one host, a client of it, and its curtctl."""
    with new_stack() as stack:
        host = stack.host("lighttpd", workers=4)
        ctl = Curtctl(stack.installation.curtctl, host.config)
        yield stack, host, stack.client(host), ctl


def test_all_comes_back(place):
    """Codes, fields, counted redirects, clicks and statistics; also clicks that were not flushed at the deletion."""
    stack, _, client, ctl = place
    link = client.create("https://example.com/a?b=%2B", title="Ä", tags=["x", "y"], custom_alias="Spring",
                         max_clicks=10, expires_at="2099-01-01T00:00:00Z", redirect_status=307)
    path = f"{URLS}/{link['code']}"
    assert call(client, "PATCH", path, {"custom_alias": "summer"}).status == 200
    for _ in range(3):
        assert client.get("Spring", HUMAN).status == 307
    wait_until(lambda: client.show("summer").json["clicks"] == 3, 20, "the clicks")
    for _ in range(2):
        assert client.get("summer", HUMAN).status == 307
    before = client.show("summer").json
    count = totals(client)["links"]
    assert call(client, "DELETE", path).status == 200
    for code in (link["code"], "Spring", "summer"):
        assert client.get(code, HUMAN).status == 404
        assert client.show(code).status == 404
        client.post({"long_url": "https://example.com/", "custom_alias": code}).is_problem(409, "alias_taken")
    assert totals(client)["links"] == count - 1
    assert deleted(client) == [link["code"]]
    assert call(client, "GET", f"{URLS}?limit=100").json["links"] == []
    ctl("flush")
    answer = restore(client, "Spring")
    assert answer.status == 200 and answer.header("ETag") == client.show("Spring").header("ETag")
    assert {**answer.json, "clicks": before["clicks"]} == before
    assert totals(client)["links"] == count and deleted(client) == []
    wait_until(lambda: client.show("summer").json["clicks"] == 5, 20, "the clicks from before the deletion")
    assert call(client, "GET", f"{path}/stats").json["clicks"] == 5
    for _ in range(5):
        assert client.get("summer", HUMAN).status == 307
    assert client.get("summer", HUMAN).status == 410
    assert stack.sql("SELECT COUNT(*) FROM deleted_link") == ((0,),)


def test_other_hosts_see_it(stack, hosts):
    clients = [stack.client(hosts(web)) for web in ("lighttpd", "apache")]
    for turn in range(3):
        code = clients[0].create(f"https://example.com/{turn}")["code"]
        assert clients[1].get(code).status == 302
        assert call(clients[0], "DELETE", f"{URLS}/{code}").status == 200
        within_local_ttl(lambda: clients[1].get(code).status == 404)        # pylint: disable=cell-var-from-loop
        assert restore(clients[1], code).status == 200
        assert clients[1].get(code).status == 302
        within_local_ttl(lambda: clients[0].get(code).status == 302)        # pylint: disable=cell-var-from-loop


def test_one_of_many_restores(any_client):
    for turn in range(5):
        code = any_client.create(f"https://example.com/once/{turn}")["code"]
        assert call(any_client, "DELETE", f"{URLS}/{code}").status == 200
        answers = all_at_once([lambda: restore(any_client, code)] * 20)     # pylint: disable=cell-var-from-loop
        assert collections.Counter(answer.status for answer in answers) == {200: 1, 404: 19}
        assert any_client.get(code).status == 302


def test_kills_leave_no_half_link(place):
    """Workers are killed while links are deleted and restored: each link is there or deleted, and counted so."""
    stack, host, client, _ = place
    codes = [client.create(f"https://example.com/{n}", tags=["t"], custom_alias=f"alias-{n}", max_clicks=99)["code"]
             for n in range(8)]
    stop = threading.Event()

    def author(code):
        own = stack.client(host)
        while not stop.is_set():
            try:
                call(own, "DELETE", f"{URLS}/{code}")
                restore(own, code)
            except Exception:       # pylint: disable=broad-exception-caught  # its worker was killed
                continue
    threads = [threading.Thread(target=author, args=[code]) for code in codes]
    for thread in threads:
        thread.start()
    try:
        for _ in range(12):
            for pid in host.web.worker_pids()[:2]:
                os.kill(pid, signal.SIGKILL)
            wait_until(lambda: client.get("healthz").status == 200, 20, "a worker")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    live = {code for code in codes if client.show(code).status == 200}
    assert set(deleted(client)) == set(codes) - live
    assert totals(client)["links"] == len(live)
    for code in set(codes) - live:
        assert restore(client, code).status == 200
    for table in ("link", "tag", "alias", "click_limit"):
        assert stack.sql(f"SELECT COUNT(*) FROM {table}") == ((8,),)
    assert stack.sql("SELECT COUNT(*) FROM code") == ((8,),)
    assert totals(client)["links"] == 8
    for number, code in enumerate(codes):
        assert client.show(code).json["tags"] == ["t"]
        within_local_ttl(lambda: client.get(f"alias-{number}", HUMAN).status == 302)  # pylint: disable=cell-var-from-loop


def test_without_the_database(place):
    stack, _, client, _ = place
    code = client.create("https://example.com/")["code"]
    assert call(client, "DELETE", f"{URLS}/{code}").status == 200
    stack.database.kill()
    restore(client, code).is_problem(503, "unavailable")
    stack.database.start()
    wait_until(lambda: restore(client, code).status == 200, 20, "the database")
    assert client.get(code).status == 302


def test_after_its_time(place):
    """It cannot be restored; the purge deletes it for good, and its alias is free."""
    stack, _, client, ctl = place
    client.create("https://example.com/", custom_alias="spring", tags=["t"], max_clicks=3)
    assert call(client, "DELETE", f"{URLS}/spring").status == 200
    assert ctl.json("purge")[0]["links"] == 0
    stack.sql("UPDATE deleted_link SET deleted_at = deleted_at - %s", DAY)
    assert restore(client, "spring").status == 404 and deleted(client) == []
    client.post({"long_url": "https://example.com/", "custom_alias": "spring"})
    wait_until(lambda: ctl.json("purge") and stack.sql("SELECT COUNT(*) FROM deleted_link") == ((0,),), 20, "the purge")
    for table in ("link", "code", "alias", "tag", "click_limit"):
        assert stack.sql(f"SELECT COUNT(*) FROM {table}") == ((0,),), table
    assert totals(client)["links"] == 0
    client.create("https://example.com/new", custom_alias="spring")


def test_by_curtctl(place):
    _, _, client, ctl = place
    link = client.create("https://example.com/", custom_alias="spring")
    assert call(client, "DELETE", f"{URLS}/spring").status == 200
    [found] = ctl.json("link", "list", "--state", "deleted")
    assert found["code"] == link["code"] and found["state"] == "deleted"
    ctl("link", "list", "--state", "deleted", "--tag", "t", status=USAGE)
    ctl("link", "restore", "spring", "no-such-link", status=MISSING)
    assert ctl.complaints == "curtctl: there is no link no-such-link\n"
    assert ctl.json("link", "show", "spring")[0]["state"] == "live"
    within_local_ttl(lambda: client.get("spring").status == 302)
    ctl("link", "restore", "spring", status=MISSING)
    ctl("link", "rm", "spring")
    ctl("link", "restore", "spring", status=MISSING)
    client.create("https://example.com/again", custom_alias="spring")


def test_a_user_goes(place):
    """Deleted links go to the heir; with --delete-links they are gone."""
    stack, host, client, ctl = place
    for name, option in (("ann", ("--give-links-to", "admin")), ("bob", ("--delete-links",))):
        made = call(client, "POST", "api/v1/keys", {"user": name, "role": "user"}).json
        own = stack.client(host)
        own.key = made["secret"]
        own.create("https://example.com/", custom_alias=f"{name}-link")
        assert call(own, "DELETE", f"{URLS}/{name}-link").status == 200
        ctl("user", "rm", *option, name)
    assert restore(client, "bob-link").status == 404
    assert restore(client, "ann-link").json["owner"] == "admin"


def test_no_undo(new_stack):
    """With links.restore_window = 0 a deletion is for good, and the alias is free at once."""
    with new_stack() as stack:
        client = stack.client(stack.host("lighttpd", workers=2, settings={"links.restore_window": "0"}))
        client.create("https://example.com/", custom_alias="spring")
        assert call(client, "DELETE", f"{URLS}/spring").status == 200
        assert restore(client, "spring").status == 404
        client.create("https://example.com/2", custom_alias="spring")
        assert stack.sql("SELECT COUNT(*) FROM deleted_link") == ((0,),)
