# SPDX-License-Identifier: MIT
"""The page "Manage" in a real Chromium: tags, API keys, and for admins users."""

import datetime
import re

import pytest

from browser import Keys
from stack.process import wait_until
from test_pages import SIZES, axe, browser, page, with_pages  # noqa: F401 (fixtures)
from test_pages_members import sign_in, user  # noqa: F401 (fixture)


@pytest.fixture(scope="module")
def stack(new_stack):
    """Of its own: lists of users are short, and the first admin is the last."""
    with new_stack() as started:
        yield started


@pytest.fixture(scope="module")
def site(stack):
    host = stack.host("lighttpd", mount="/s/", settings={
        "limits.creates_per_address": "0", "cache.local_ttl": "1s", "pages.operator": "Example"})
    yield host
    host.stop()


@pytest.fixture
def member(page, site, user):
    """The page with the session of `user`."""
    sign_in(page, site, user.key, "manage")
    page.one(".manage-keys table")
    return page


@pytest.fixture
def admin(page, site, stack):
    sign_in(page, site, stack.key, "manage")
    page.one(".manage-users table")
    return page


def ask(client, path):
    return client.get(path, {"X-Api-Key": client.key})


def cells(page, section):
    """The rows of a section's table as lists of texts."""
    return page.run("return [...document.querySelectorAll(`.manage-${arguments[0]} tbody tr`)].map("
                    "(row) => [...row.children].slice(0, -1).map((cell) => cell.innerText.trim()))", section)


def press(page, label):
    """Clicks the button that is called so for those who do not see it."""
    page.until(lambda: page.run("const one = [...document.querySelectorAll('button')].find((each) => each.getAttribute('aria-label') === "
                                "arguments[0]); one?.click(); return !!one", label), f"a button {label!r}")


# --- tags ---


def test_tags_are_counted_and_renamed_by_keyboard(site, user, page):
    for tags in (["a/b ü", "one"], ["a/b ü"], ["two"]):
        user.create("https://example.com/", tags=tags)
    sign_in(page, site, user.key, "manage")
    page.until(lambda: cells(page, "tags") == [["a/b ü", "2"], ["one", "1"], ["two", "1"]], "three tags")
    page.run("document.querySelector('#manage-tags').closest('section').querySelector('tbody button').focus()")
    page.press(Keys.ENTER)
    page.one("input[name=tag-name]")
    page.until(lambda: page.focused.get_attribute("name") == "tag-name", "the field has the focus")
    page.press(Keys.CONTROL, "a")
    page.press(Keys.BACKSPACE, Keys.ENTER)
    page.says("Enter a tag.", ".manage-tags .error")
    page.press("one", Keys.ENTER)
    page.says("The tag of 2 links was renamed.", ".said")
    page.until(lambda: cells(page, "tags") == [["one", "2"], ["two", "1"]], "two tags")
    assert ask(user, "api/v1/tags").json["tags"] == [{"tag": "one", "links": 2}, {"tag": "two", "links": 1}]
    press(page, "Rename the tag two")
    page.one("input[name=tag-name]").send_keys(Keys.ESCAPE)
    page.until(lambda: not page.all("input[name=tag-name]"), "the form is closed")
    assert page.refused() == []


def test_an_admin_sees_the_tags_of_others(admin, user):
    user.create("https://example.com/", tags=["theirs"])
    admin.fill("input[name=tags-of]", user.name)
    admin.until(lambda: cells(admin, "tags") == [["theirs", "1"]], "the tags of the user")
    press(admin, "Rename the tag theirs")
    admin.fill("input[name=tag-name]", "ours").send_keys(Keys.ENTER)
    admin.until(lambda: cells(admin, "tags") == [["ours", "1"]], "the new name")
    admin.fill("input[name=tags-of]", "nobody-of-this-name")
    admin.says("There are no tags.", ".manage-tags")


# --- keys ---


def test_a_key_is_made_shown_once_and_revoked(member, site, user, stack):
    member.fill("input[name=key-name]", "laptop")
    member.run("document.querySelector('select[name=key-scope]').value = 'read';"
               "document.querySelector('select[name=key-scope]').dispatchEvent(new Event('change'))")
    member.click("Make a key")
    secret = member.text(".secret code")
    made = stack.client(site)
    made.key = secret
    assert ask(made, "api/v1/urls").status == 200 and made.post({"long_url": "https://example.com/"}).status == 403
    number = re.search(r"curtctl key sign-in (\d+)", member.text(".manage-keys .made"))[1]
    assert secret.startswith("curt_")
    member.until(lambda: [row[:2] for row in cells(member, "keys")][1:] == [["laptop", "only see"]], "the key is listed")
    kept = member.run("return JSON.stringify([{...localStorage}, {...sessionStorage}, location.href])")
    assert secret not in kept
    press(member, "Revoke laptop")
    member.one("dialog .danger").click()
    member.says("The key was revoked.", ".said")
    member.until(lambda: len(cells(member, "keys")) == 1 and not member.all(".secret"), "one valid key")
    wait_until(lambda: ask(made, "api/v1/urls").status == 401, 10, "the key is refused")
    member.one("input[name=keys-all]").click()
    member.until(lambda: cells(member, "keys")[1][0] == "laptop revoked", "the revoked key, on demand")
    assert number in [str(key["id"]) for key in ask(user, "api/v1/keys").json["keys"]]
    member.go(f"{site.base_url}/admin/#/links")
    member.one("main h1")
    member.go(f"{site.base_url}/admin/#/manage")
    member.one(".manage-keys table")
    assert secret not in member.driver.page_source
    assert member.refused() == []


def test_keys_by_keyboard_alone(member):
    member.tab_to("input[name=key-name]")
    member.type("laptop", Keys.ENTER)
    member.one(".secret code")
    member.until(lambda: [row[0] for row in cells(member, "keys")][1:] == ["laptop"], "the key is listed")
    member.tab_to("button[aria-label='Revoke laptop']")
    member.type(Keys.ENTER)
    member.one("dialog")
    member.tab_to("dialog .danger")
    member.type(Keys.ENTER)
    member.says("The key was revoked.", ".said")


def test_what_a_key_cannot_be_is_said_at_its_field(member):
    member.run("const one = document.querySelector('input[name=key-expires]'); one.value = '2001-01-01T00:00';"
               "one.dispatchEvent(new Event('input'))")
    member.click("Make a key")
    member.says(str(datetime.datetime.now(datetime.timezone.utc).year), ".manage-keys .error")
    assert member.one("input[name=key-expires]").get_attribute("aria-invalid") == "true"
    assert len(cells(member, "keys")) == 1 and not member.all(".manage-users")


def test_a_key_that_may_only_read_is_told_so(page, site, user):
    reader = user.post({"scope": "read"}, path="api/v1/keys").json["secret"]
    sign_in(page, site, reader, "manage")
    page.says("manage", ".manage-keys .error")
    page.says("There are no tags.", ".manage-tags")
    assert not page.all(".manage-keys table")


# --- users ---


def row_of(page, name):
    return next((row for row in cells(page, "users") if row[0].split("\n")[0].split(" ")[0] == name), None)


def test_users_by_keyboard_alone(admin):
    admin.tab_to("input[name=user-name]", 80)
    admin.type("kim", Keys.ENTER)
    admin.until(lambda: row_of(admin, "kim"), "the user is listed")
    admin.tab_to("button[aria-label='Edit kim']", 80)
    admin.type(Keys.ENTER)
    admin.tab_to("input[name=max_ttl_seconds]", 80)
    admin.type("7", Keys.ENTER)
    admin.until(lambda: not admin.all(".editing"), "the change is saved")
    admin.tab_to("button[aria-label='Delete kim']", 80)
    admin.type(Keys.ENTER)
    admin.tab_to("dialog .danger")
    admin.type(Keys.ENTER)
    admin.until(lambda: not row_of(admin, "kim"), "the user is gone")


def test_users_are_made_changed_and_deleted(admin, site, stack):
    client = stack.client(site)
    admin.click("Make a user")
    admin.says("Enter a name.", ".manage-users .error")
    admin.fill("input[name=user-name]", "eve").send_keys(Keys.ENTER)
    admin.says("eve was made.", ".said")
    admin.until(lambda: row_of(admin, "eve")[1:4] == ["User", "0", "0"], "the user is listed")
    admin.fill("input[name=user-name]", "eve").send_keys(Keys.ENTER)
    admin.says("There is a user of this name already.", ".manage-users .error")
    press(admin, "Edit eve")
    admin.fill("input[name=default_ttl_seconds]", "2").send_keys(Keys.TAB)
    admin.fill("input[name=max_ttl_seconds]", "1.5").send_keys(Keys.ENTER)
    admin.says("The default lifetime is longer than the maximum.", ".editing .error")
    admin.fill("input[name=max_ttl_seconds]", "many").send_keys(Keys.ENTER)
    admin.says("not possible", ".editing .error")
    admin.fill("input[name=max_ttl_seconds]", "7").send_keys(Keys.ENTER)
    admin.until(lambda: not admin.all(".editing"), "the change is saved")
    eve = next(one for one in ask(client, "api/v1/users?limit=1000").json["users"] if one["user"] == "eve")
    assert (eve["default_ttl_seconds"], eve["max_ttl_seconds"], eve["role"]) == (2 * 86400, 7 * 86400, "user")
    made = client.post({"user": "eve"}, path="api/v1/keys").json["secret"]
    client.key = made
    code = client.create("https://example.com/")["code"]
    client.key = stack.key
    admin.driver.refresh()
    admin.until(lambda: row_of(admin, "eve")[2:4] == ["1", "1"], "a link and a key")
    press(admin, "Delete eve")
    admin.says("1 link is deleted or given away", "dialog")
    admin.fill("dialog input[name=heir]", "nobody-of-this-name")
    admin.one("dialog .danger").click()
    admin.says("There is no such user.", ".said")
    press(admin, "Delete eve")
    admin.fill("dialog input[name=heir]", "admin")
    admin.one("dialog .danger").click()
    admin.says("eve was deleted.", ".said")
    admin.until(lambda: row_of(admin, "eve") is None, "the user is gone")
    assert ask(client, f"api/v1/urls/{code}").json["owner"] == "admin"
    assert admin.refused() == []


def test_the_last_admin_stays_one(admin):
    assert not admin.all(".manage-users button[aria-label='Delete admin']")
    press(admin, "Edit admin")
    admin.run("const one = document.querySelector('.editing select'); one.value = 'user'; one.dispatchEvent(new Event('change'))")
    admin.one(".editing .primary").click()
    admin.says("This is the last admin", ".editing .error")


@pytest.mark.parametrize("language", ["en", "de", "ar"])
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_it_is_accessible(browser, site, stack, user, axe, size, dark, language):
    user.create("https://example.com/", tags=["tag", "a-tag-that-is-as-long-as-a-tag-may-be-which-is-50-b"[:50]])
    with browser.page(dark=dark, language=language, **SIZES[size]) as page:
        sign_in(page, site, stack.key, "manage")
        page.one(".manage-users table")
        page.fill("input[name=tags-of]", user.name)
        page.until(lambda: len(cells(page, "tags")) == 2, "two tags")
        found = {"lists": page.violations(axe)}
        page.one(".manage-tags tbody button").click()
        page.one(".manage-users [aria-expanded=false]").click()
        page.one("input[name=tag-name]")
        page.one(".editing form")
        page.one(".manage-keys form .primary").click()
        page.one(".secret")
        found["forms"] = page.violations(axe)
        assert not page.is_wider_than_the_window()
        page.until(lambda: any(user.name in text for row in cells(page, "users") for text in row), "the user")
        page.run("[...document.querySelectorAll('.manage-users tbody tr')].find((row) => row.innerText.includes(arguments[0]))"
                 ".querySelector('.end button:last-child').click()", user.name)
        page.one("dialog")
        found["question"] = page.violations(axe)
        assert {name: all_of for name, all_of in found.items() if all_of} == {}
        assert page.refused() == []
