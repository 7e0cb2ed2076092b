# SPDX-License-Identifier: MIT
"""Who changed where a link leads: the API, curtctl, and the page in a real Chromium."""

import json

import pytest

from browser import Keys
from test_curtctl import Curtctl, MISSING
from test_pages import axe, browser, page, with_pages  # noqa: F401 (fixtures)
from test_pages_members import sign_in, user  # noqa: F401 (fixture)


@pytest.fixture(scope="module")
def site(stack):
    host = stack.host("lighttpd", mount="/s/", settings={"limits.creates_per_address": "0", "cache.local_ttl": "1s"})
    yield host
    host.stop()


@pytest.fixture
def ctl(stack, site):
    return Curtctl(stack.installation.curtctl, site.config)


def change(client, code, **fields):
    answer = client.request("PATCH", f"api/v1/urls/{code}", json.dumps(fields).encode(),
                            {"X-Api-Key": client.key, "Content-Type": "application/json"})
    assert answer.status == 200, answer.body


def history(client, code, **parameters):
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    return client.get(f"api/v1/urls/{code}/history?{query}", {"X-Api-Key": client.key})


def test_who_changed_what(stack, site, user, ctl):
    admin = stack.client(site)
    code = user.create("https://example.com/first")["code"]
    change(user, code, long_url="https://example.com/second")
    change(user, code, title="no destination")
    change(user, code, long_url="https://example.com/second")
    change(admin, code, long_url="https://example.com/third", title="both")
    ctl("link", "edit", code, "--url", "https://example.com/fourth")
    page = history(admin, code).json
    assert page["next_cursor"] is None
    assert [(one["user"], one["old_url"], one["new_url"]) for one in page["changes"]] == [
        (None, "https://example.com/third", "https://example.com/fourth"),
        ("admin", "https://example.com/second", "https://example.com/third"),
        (user.name, "https://example.com/first", "https://example.com/second")]
    assert [one["key_id"] is None for one in page["changes"]] == [True, False, False]
    lines = ctl.json("link", "history", code)
    assert [line["user"] for line in lines] == ["", "admin", user.name]
    rows = [line.split("\t") for line in ctl("link", "history", f"{site.base_url}/{code}").splitlines()]
    assert rows[0] == ["CHANGED", "USER", "FROM", "TO"]
    assert rows[1][1:] == ["(command line)", "https://example.com/third", "https://example.com/fourth"]
    ctl("link", "history", "no-such-link", status=MISSING)


def test_only_for_admins(stack, site, user):
    code = user.create("https://example.com/")["code"]
    problem = history(user, code).is_problem(403, "forbidden")
    assert "admin" in problem["detail"]
    history(stack.client(site), "no-such-link").is_problem(404, "not_found")


def test_page_by_page(stack, site, user):
    admin = stack.client(site)
    code = user.create("https://example.com/0")["code"]
    for number in range(1, 106):
        change(user, code, long_url=f"https://example.com/{number}")
    seen, cursor, sizes = [], "", []
    while cursor is not None:
        page = history(admin, code, limit=1000, **({"cursor": cursor} if cursor else {})).json
        seen += [one["new_url"] for one in page["changes"]]
        sizes.append(len(page["changes"]))
        cursor = page["next_cursor"]
    assert sizes == [100, 5]
    assert seen == [f"https://example.com/{number}" for number in range(105, 0, -1)]
    other = user.create("https://example.com/other")["code"]
    assert history(admin, other).json == {"changes": [], "next_cursor": None}


def test_it_ends_with_the_link_and_after_a_year(stack, site, user, ctl):
    code = user.create("https://example.com/0")["code"]
    change(user, code, long_url="https://example.com/1")
    (link_id,), = stack.sql("SELECT link_id FROM code WHERE code = %s", code)
    stack.sql("UPDATE destination_change SET changed_at = UNIX_TIMESTAMP() - 364 * 86400 WHERE link_id = %s", link_id)
    ctl("purge")
    assert len(ctl.json("link", "history", code)) == 1
    stack.sql("UPDATE destination_change SET changed_at = UNIX_TIMESTAMP() - 366 * 86400 WHERE link_id = %s", link_id)
    ctl("purge", CURT_LINKS_HISTORY_KEEP="0")
    assert len(ctl.json("link", "history", code)) == 1
    assert ctl.json("purge")[0]["destination_changes"] >= 1
    assert ctl.json("link", "history", code) == []
    change(user, code, long_url="https://example.com/2")
    ctl("link", "rm", code)
    assert stack.sql("SELECT COUNT(*) FROM destination_change WHERE link_id = %s", link_id) == ((0,),)


def test_an_admin_sees_it_in_the_page(stack, site, user, page, axe):
    code = user.create("https://example.com/first", custom_alias=f"was-{user.name}")["code"]
    change(user, code, long_url="https://example.com/second", custom_alias=f"is-{user.name}")
    sign_in(page, site, stack.key, "links")
    page.fill("input[name=q]", f"was-{user.name}")
    page.until(lambda: len(page.all("table.links > tbody > tr")) == 1, "the link")
    page.run("document.querySelector('table.links button[aria-expanded=false]').click()")
    page.one(".link-history summary").click()
    page.until(lambda: [one.text for one in page.all(".link-history ul li")] == [f"/is-{user.name}", f"/was-{user.name}"], "its codes")
    page.until(lambda: [one.text for one in page.all(".link-history del, .link-history ins")] == [
        "https://example.com/first", "https://example.com/second"], "the change")
    page.says(user.name, ".link-history ol")
    assert page.violations(axe) == []
    assert page.refused() == []


def test_it_is_opened_by_keyboard_alone(stack, site, user, page):
    code = user.create("https://example.com/first", title=f"keys {user.name}")["code"]
    change(user, code, long_url="https://example.com/second")
    sign_in(page, site, stack.key, "links")
    page.tab_to("input[name=q]")
    page.type(f"keys {user.name}")
    page.until(lambda: len(page.all("table.links > tbody > tr")) == 1, "the link")
    page.tab_to("table.links button[aria-expanded]")
    page.type(Keys.ENTER)
    page.one("form.edit")
    page.tab_to(".link-history summary")
    page.type(Keys.ENTER)
    page.says("https://example.com/second", ".link-history ol")
    page.type(Keys.ENTER)
    page.until(lambda: not page.one(".link-history").get_attribute("open"), "it is closed again")


def test_a_user_sees_the_codes_alone(site, user, page):
    code = user.create("https://example.com/first")["code"]
    change(user, code, long_url="https://example.com/second")
    sign_in(page, site, user.key, "links")
    page.until(lambda: page.all("table.links > tbody > tr"), "the link")
    page.run("document.querySelector('table.links button[aria-expanded=false]').click()")
    page.one(".link-history summary").click()
    page.says(f"/{code}", ".link-history ul")
    assert not page.all(".link-history ol, .link-history .error")
    assert page.refused() == []
