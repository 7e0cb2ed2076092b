# SPDX-License-Identifier: MIT
"""Deleting with undo in the pages, in a real Chromium: the notice after a deletion, and the list of what can be restored."""

import pytest

from browser import Keys
from test_pages import SIZES, axe, browser, page, with_pages  # noqa: F401 (fixtures)
from test_pages_members import client, member, refresh, rows, shows, sign_in, site, user  # noqa: F401 (fixtures)


def delete(page, code):
    """Deletes a link by its row."""
    page.one(f"button[aria-label^='Delete '][aria-label$='/{code}']").click()
    page.one("dialog .danger").click()
    page.says(f"{code} was deleted.", ".said")


def see_deleted(page):
    page.one("select[name=state] option[value=deleted]").click()


def test_a_deletion_is_undone_by_the_notice(member, site, user):
    before = user.create("https://example.com/", custom_alias="undo-me", title="Back again", tags=["kept"])
    refresh(member, site, ["undo-me"])
    member.click("Delete")
    member.says("This can be undone for 24 hours.", "dialog")
    member.press(Keys.ESCAPE)
    delete(member, "undo-me")
    member.says("There are no links yet.", "main")
    assert user.get("undo-me").status == 404
    member.click("Undo")
    member.says("1 link is back.", ".said")
    shows(member, ["undo-me"], site)
    assert {**user.show("undo-me").json, "clicks": 0} == before
    assert user.get("undo-me").status == 302


def test_the_notice_stays_until_it_is_closed(member, site, user):
    """It outlives the list that it came from, and changes the one that is shown meanwhile."""
    for alias in ("stay-1", "stay-2"):
        user.create("https://example.com/", custom_alias=alias)
    refresh(member, site, ["stay-2", "stay-1"])
    delete(member, "stay-1")
    member.click("Sessions")
    member.says("stay-1 was deleted.", ".said")
    member.click("Links")
    shows(member, ["stay-2"], site)
    member.click("Undo")
    shows(member, ["stay-2", "stay-1"], site)
    delete(member, "stay-2")
    member.one(".said button[aria-label=Close]").click()
    member.until(lambda: not member.all(".said p"), "the notice is closed")
    assert user.get("stay-2").status == 404 and rows(member) != []


def test_many_deletions_are_undone_at_once(member, site, user):
    aliases = [f"flock-{n}" for n in range(5)]
    for alias in aliases:
        user.create("https://example.com/", custom_alias=alias)
    refresh(member, site, aliases[::-1])
    for box in member.all("tbody input[type=checkbox]")[:3]:
        box.click()
    member.one("select[name=bulk] option[value=delete]").click()
    assert user.request("DELETE", "api/v1/urls/flock-3", headers={"X-Api-Key": user.key}).status == 200
    member.click("Apply")
    member.one("dialog .danger").click()
    member.says("1 link was left out.", ".said")
    shows(member, ["flock-1", "flock-0"], site)
    member.click("Undo")
    member.says("2 links are back.", ".said")
    shows(member, ["flock-4", "flock-2", "flock-1", "flock-0"], site)


def test_deleted_links_are_listed_and_restored(member, site, user, stack):
    for number in range(3):
        user.create(f"https://pears.example/{number}", custom_alias=f"gone-{number}", tags=["red"])
    for number in (0, 1):
        assert user.request("DELETE", f"api/v1/urls/gone-{number}", headers={"X-Api-Key": user.key}).status == 200
    stack.sql("UPDATE deleted_link SET deleted_at = deleted_at - 3600 * 20 WHERE link_id IN "
              "(SELECT link_id FROM alias WHERE code = 'gone-1')")
    refresh(member, site, ["gone-2"])
    member.click("Clicks")      # a search has an order of its own
    member.fill("input[name=q]", "gone-2")
    see_deleted(member)
    deleted = [f"127.0.0.1:{site.port}/s/gone-{number}" for number in (1, 0)]
    member.until(lambda: [one.text for one in member.all(".links .short")] == deleted, "what was deleted")
    assert "Gone for good in 3 hours" in member.all(".links tbody tr")[0].text
    assert "Gone for good in 23 hours" in member.all(".links tbody tr")[1].text
    assert not member.all(".links tbody a, .links tbody button.badge, .links .copy")
    assert [one.get_attribute("value") for one in member.all("input[name=q]:disabled, input[name=tag]:disabled")] == ["", ""]
    assert [one.text for one in member.all(".links th button")] == ["Made"]
    member.click("Made")
    member.until(lambda: [one.text for one in member.all(".links .short")] == deleted[::-1], "the oldest first")
    member.one(f"button[aria-label='Restore {deleted[0]}']").click()
    member.says("1 link is back.", ".said")
    member.until(lambda: [one.text for one in member.all(".links .short")] == deleted[1:], "the other one")
    assert user.get("gone-1").status == 302
    member.one("thead input[type=checkbox]").click()
    assert [one.get_attribute("value") for one in member.all("select[name=bulk] option")] == ["", "restore"]
    member.one("select[name=bulk] option[value=restore]").click()
    member.click("Apply")
    member.says("There is no deleted link that can be restored.", "main")
    assert user.get("gone-0").status == 302
    member.one("select[name=state] option[value='']").click()
    shows(member, ["gone-0", "gone-1", "gone-2"], site)


def test_who_comes_too_late_is_told(member, site, user, stack):
    user.create("https://example.com/", custom_alias="too-late")
    refresh(member, site, ["too-late"])
    delete(member, "too-late")
    stack.sql("UPDATE deleted_link SET deleted_at = deleted_at - 86400 WHERE link_id IN "
              "(SELECT link_id FROM alias WHERE code = 'too-late')")
    member.click("Undo")
    member.says("1 link was left out.", ".said .bad")


def test_undo_by_keyboard_alone(member, site, user):
    user.create("https://example.com/", custom_alias="undone-by-keys")
    refresh(member, site, ["undone-by-keys"])
    for undo in (True, False):
        member.tab_to("button[aria-label^='Delete ']", most=60)
        member.press(Keys.ENTER)
        member.until(lambda: member.run("return document.activeElement.textContent.trim()") == "Cancel", "the question")
        member.press(Keys.SHIFT, Keys.TAB)
        member.press(Keys.ENTER)
        member.until(lambda: member.focused.text == "Undo", "the notice has the focus")
        member.until(lambda: rows(member) == [], "the link is gone")
        assert member.focused.text == "Undo"
        if undo:
            member.press(Keys.ENTER)
            shows(member, ["undone-by-keys"], site)
            assert member.run("return document.activeElement.tagName") == "H1"
    member.press(Keys.TAB)
    member.press(Keys.ENTER)
    member.until(lambda: member.run("return document.activeElement.tagName") == "H1", "the notice is closed")
    member.tab_to("select[name=state]")
    member.press(Keys.END)
    member.tab_to("button[aria-label^='Restore ']")
    member.press(Keys.ENTER)
    member.says("1 link is back.", ".said")
    assert user.get("undone-by-keys").status == 302


def test_without_a_window_nothing_is_offered(stack, page):
    host = stack.host("lighttpd", settings={"links.restore_window": "0"})
    try:
        stack.client(host).create("https://example.com/", custom_alias="for-good")
        sign_in(page, host, stack.key, "links")
        page.fill("input[name=q]", "for-good")
        page.until(lambda: len(rows(page)) == 1, "the link")
        assert not page.all("select[name=state] option[value=deleted]")
        page.click("Delete")
        assert "undone" not in page.text("dialog")
        page.one("dialog .danger").click()
        page.says("for-good was deleted.", ".said")
        assert not page.all(".said button")
    finally:
        host.stop()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_notice_and_list_are_accessible(browser, site, user, axe, size, dark, language):
    seen, gone = (f"{language}-{size}-{dark}-{number}" for number in range(2))
    for alias in (seen, gone):
        user.create("https://example.com/" + "long/" * 60, custom_alias=alias, title="A title", tags=["tag"], max_clicks=9)
    assert user.request("DELETE", f"api/v1/urls/{gone}", headers={"X-Api-Key": user.key}).status == 200
    with browser.page(dark=dark, language=language, still=True, **SIZES[size]) as page:
        sign_in(page, site, user.key, "links")
        shows(page, [seen], site)
        page.one("td.end button:last-child").click()
        page.one("dialog .danger").click()
        page.one(".said button")
        found = {"notice": page.violations(axe)}
        assert not page.is_wider_than_the_window()
        see_deleted(page)
        page.until(lambda: all(name in page.text(".links") for name in (seen, gone)), "both")
        found["deleted"] = page.violations(axe)
        assert not page.is_wider_than_the_window()
        assert {name: all_of for name, all_of in found.items() if all_of} == {}
        assert page.refused() == []
