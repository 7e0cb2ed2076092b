# SPDX-License-Identifier: MIT
"""The pages of those who are signed in, in a real Chromium: sessions, links, statistics."""

import csv
import io
import re

import pytest

import country_file
from browser import Keys
from test_pages_files import MAKERS
from test_pages import EVIL, SIZES, axe, browser, page, text_of, with_pages  # noqa: F401 (fixtures)

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(scope="module")
def site(stack):
    countries = stack.place.path / "countries.mmdb"
    country_file.write(countries, {"192.0.2.0/25": "DE", "192.0.2.128/26": "BR", "192.0.2.192/26": "SG"})
    countries.chmod(0o644)
    host = stack.host("lighttpd", mount="/s/", settings={
        "clicks.country_database": countries, "server.trusted_proxies": "127.0.0.1",
        "clicks.flush_interval": "200ms", "limits.creates_per_address": "0", "pages.operator": "Example"})
    yield host
    host.stop()


@pytest.fixture
def client(stack, site):
    return stack.client(site)


@pytest.fixture
def user(stack, site, request):
    """A user of the test's own, whose links are no other test's: a client with the user's key."""
    made = stack.client(site)
    name = re.sub(r"\W+", "-", request.node.name)[:40].strip("-").lower()
    made.key = site.make_key(user=name, role="user")
    made.name = name
    return made


def sign_in(page, site, key, where=""):
    page.go(f"{site.base_url}/admin/#/{where or 'sign-in'}")
    page.one("input[name=key]").send_keys(key, Keys.ENTER)
    page.until(lambda: page.all("nav [href$='#/links']"), "the session")


@pytest.fixture
def member(page, site, user):
    """A page with the session of `user`, at the list of links."""
    sign_in(page, site, user.key, "links")
    page.one("main h1")
    return page


def rows(page):
    """The first lines of the links that are shown: their short URLs without the scheme."""
    return page.run("return [...document.querySelectorAll('.links .short a')].map((one) => one.textContent)")


def shows(page, aliases, site):
    wanted = [f"127.0.0.1:{site.port}/s/{alias}" for alias in aliases]
    page.until(lambda: rows(page) == wanted, f"{wanted} are shown")


# --- signing in ---


def test_a_key_becomes_a_session_and_is_kept_nowhere(page, site, user):
    sign_in(page, site, user.key)
    page.says(f"Signed in as {user.name}", "footer")
    assert page.run("return document.cookie") == ""
    cookie, = page.driver.get_cookies()
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict"
    kept = page.run("return JSON.stringify([{...localStorage}, {...sessionStorage}, document.documentElement.outerHTML, "
                    "[...document.querySelectorAll('input')].map((one) => one.value), location.href])")
    assert user.key not in kept and cookie["value"] not in kept
    page.go(f"{site.base_url}/admin/")
    page.says(f"Signed in as {user.name}", "footer")
    page.click("Sign out")
    page.until(lambda: not page.driver.get_cookies(), "the cookie is gone")
    page.one("nav [href$='sign-in']")


def test_a_wrong_key_is_refused_at_the_field(page, site, user):
    page.go(f"{site.base_url}/admin/#/sign-in")
    page.one("form button").click()
    page.says("Enter your API key.", ".error")
    page.one("input[name=key]").send_keys("curt_1_wrong", Keys.ENTER)
    page.says("This key is not valid", ".error")
    field = page.one("input[name=key]")
    assert (field.get_attribute("value"), field.get_attribute("aria-invalid")) == ("", "true")
    field.send_keys(user.key, Keys.ENTER)
    page.says(f"Signed in as {user.name}", "footer")


def sign_in_link(site, user):
    """The one-time link that curtctl prints."""
    said = site.installation.ctl(site.config, "key", "create", "--user", user.name, "--sign-in")
    return re.search(r"https?://\S+#token=\S+", said)[0]


def test_a_one_time_link_signs_in_once(browser, site, user):
    link = sign_in_link(site, user)
    for opened, said in ((True, f"Signed in as {user.name}"), (False, "has been used already")):
        with browser.page() as page:
            page.go(link)
            page.says(said, "footer" if opened else ".error")
            assert "token" not in page.run("return location.href")
            assert len(page.driver.get_cookies()) == int(opened)
            assert page.refused() == []


def test_a_one_time_link_asks_who_is_signed_in_as_somebody_else(stack, page, site, user):
    sign_in(page, site, stack.key)
    page.go(f"{site.base_url}/healthz")
    page.go(sign_in_link(site, user))
    page.says("Signed in as admin", "main")
    page.click("Sign in with the link")
    page.says(f"Signed in as {user.name}", "footer")


def test_sessions_are_listed_and_ended(member, site, user):
    for _ in range(2):
        answer = user.post({"key": user.key}, path="admin/session", headers={"Authorization": None, "User-Agent": FIREFOX})
        assert answer.status == 201
    member.click("Sessions")
    member.until(lambda: len(member.all("main tbody tr")) == 3, "3 sessions")
    assert member.text("main tbody").count("Firefox on Linux") == 2 and member.text("main tbody").count("this one") == 1
    next(row for row in member.all("main tbody tr") if "Firefox" in row.text).find_element("css selector", "button").click()
    member.until(lambda: len(member.all("main tbody tr")) == 2, "2 sessions")
    member.click("Sign out everywhere")
    member.one("dialog .danger").click()
    member.one("input[name=key]")
    member.go(f"{site.base_url}/admin/#/links")
    member.one("input[name=key]")


def test_a_session_ends_with_its_key(member, site, user, client):
    [key] = user.get("api/v1/keys", {"X-Api-Key": user.key}).json["keys"]
    assert client.request("DELETE", f"api/v1/keys/{key['id']}", headers={"X-Api-Key": client.key}).status == 200
    member.fill("input[name=q]", "any")
    member.one("input[name=key]")


# --- links ---


def test_search_and_filters_find_links(member, site, user):
    user.create("https://apples.example/", custom_alias="find-one", tags=["red"])
    user.create("https://pears.example/", custom_alias="find-two", tags=["red", "green"])
    user.create("https://pears.example/2", custom_alias="seek-three", starts_at="2040-01-01")
    member.go(f"{site.base_url}/admin/#/")
    member.go(f"{site.base_url}/admin/#/links")
    shows(member, ["seek-three", "find-two", "find-one"], site)
    member.fill("input[name=q]", "find")
    shows(member, ["find-one", "find-two"], site)
    member.fill("input[name=q]", "apples.e")
    shows(member, ["find-one"], site)
    member.fill("input[name=q]", "nothing-like-this")
    member.says("No link matches.", "main")
    member.fill("input[name=q]", Keys.BACKSPACE)
    shows(member, ["seek-three", "find-two", "find-one"], site)
    member.click("Made")
    shows(member, ["find-one", "find-two", "seek-three"], site)
    member.one("select[name=state] option[value=scheduled]").click()
    shows(member, ["seek-three"], site)
    member.one("select[name=state] option[value='']").click()
    member.until(lambda: len(rows(member)) == 3, "all")
    member.one("button.badge[aria-label='Only links with the tag green']").click()
    shows(member, ["find-two"], site)


def heads(page):
    """How the columns say that they are sorted."""
    return page.run("return [...document.querySelectorAll('.links th[aria-sort]')].map((head) => head.innerText + head.ariaSort)")


def test_columns_order_the_list(member, site, user):
    for alias, expires_at in [("ends-last", "2042-01-01"), ("ends-never", None), ("ends-first", "2040-01-01")]:
        user.create("https://apples.example/", custom_alias=alias, **({"expires_at": expires_at} if expires_at else {}))
    refresh(member, site, ["ends-first", "ends-never", "ends-last"])
    assert not any(one.is_displayed() for one in member.all("select[name=order]"))
    member.click("Ends")
    shows(member, ["ends-first", "ends-last", "ends-never"], site)
    member.until(lambda: [one.lower() for one in heads(member)] == ["endsascending"], "the order is said")
    member.click("Ends")
    shows(member, ["ends-last", "ends-first", "ends-never"], site)
    member.until(lambda: [one.lower() for one in heads(member)] == ["endsdescending"], "the order is said")
    member.tab_to(".links th:nth-child(3) button", most=60)
    member.press(Keys.ENTER)
    shows(member, ["ends-first", "ends-never", "ends-last"], site)
    assert [one.lower() for one in heads(member)] == ["clicksdescending"]
    member.one("button.badge[aria-label='Only links to apples.example']").click()
    member.until(lambda: not member.all(".links th button"), "a search has its own order")
    assert heads(member) == [] and len(rows(member)) == 3


def test_a_phone_chooses_the_order(browser, site, user):
    user.create("https://apples.example/", custom_alias="ends-later", expires_at="2042-01-01")
    user.create("https://apples.example/", custom_alias="ends-soon", expires_at="2040-01-01")
    with browser.page(width=390, height=800) as page:
        sign_in(page, site, user.key, "links")
        shows(page, ["ends-soon", "ends-later"], site)
        page.one("select[name=order] option[value='-expires']").click()
        shows(page, ["ends-later", "ends-soon"], site)
        page.fill("input[name=q]", "apples")
        page.until(lambda: not page.all("select[name=order]:enabled"), "a search has its own order")


def test_pages_follow_one_another_and_lead_back(member, site, user):
    numbers = list(range(120))
    answer = user.post({"links": [{"long_url": f"https://example.com/{n}", "custom_alias": f"row-{n:03}"} for n in numbers]},
                       path="api/v1/urls/bulk")
    assert answer.status == 207
    member.go(f"{site.base_url}/admin/#/")
    member.go(f"{site.base_url}/admin/#/links")
    newest = [f"row-{n:03}" for n in reversed(numbers)]
    shows(member, newest[:50], site)
    member.click("Next page")
    shows(member, newest[50:100], site)
    member.click("Next page")
    shows(member, newest[100:], site)
    assert not any(one.text == "Next page" for one in member.all("nav button"))
    member.click("Previous page")
    shows(member, newest[50:100], site)
    member.fill("input[name=q]", "row-00")
    shows(member, [f"row-00{n}" for n in range(10)], site)


def refresh(member, site, aliases):
    member.go(f"{site.base_url}/admin/#/")
    member.go(f"{site.base_url}/admin/#/links")
    shows(member, aliases, site)


def test_a_link_is_changed_in_place(member, site, user):
    user.create("https://example.com/before", custom_alias="change-me", title="Before", tags=["old"], max_clicks=5,
                expired_url="https://example.com/over")
    refresh(member, site, ["change-me"])
    member.click("Edit")
    member.fill("input[name=edit-url]", "example.com/after")
    member.fill("input[name=title]", "After")
    member.fill("input[name=tags]", "new, newer")
    member.fill("input[name=max]", Keys.BACKSPACE)
    member.fill("input[name=expired-url]", Keys.BACKSPACE)
    member.fill("input[name=not-started-url]", "example.com/soon")
    member.click("A week longer")
    member.one("form.edit .primary").click()
    member.says("The change was saved.", ".said")
    member.says("After", ".links")
    link = user.show("change-me").json
    assert (link["long_url"], link["title"], link["tags"], link["max_clicks"]) == (
        "https://example.com/after", "After", ["new", "newer"], None)
    assert (link["expired_url"], link["not_started_url"]) == (None, "https://example.com/soon")
    assert link["expires_at"] and not member.all("form.edit")


def test_a_change_meanwhile_is_not_overwritten(member, site, user):
    user.create("https://example.com/", custom_alias="changed-meanwhile", title="First")
    refresh(member, site, ["changed-meanwhile"])
    member.click("Edit")
    member.fill("input[name=title]", "Mine")
    user.request("PATCH", "api/v1/urls/changed-meanwhile", b'{"title": "Theirs"}',
                 {"X-Api-Key": user.key, "Content-Type": "application/json"})
    member.one("form.edit .primary").click()
    member.says("changed this link meanwhile", ".said")
    assert user.show("changed-meanwhile").json["title"] == "Theirs"
    member.until(lambda: member.one("input[name=title]").get_attribute("value") == "Theirs", "the change is shown")


def test_a_link_is_ended_at_once(member, site, user):
    user.create("https://example.com/", custom_alias="end-me")
    refresh(member, site, ["end-me"])
    member.click("Edit")
    member.click("End now")
    member.says("The change was saved.", ".said")
    member.until(lambda: user.get("end-me").status == 410, "the link is over")


def test_a_link_is_deleted_after_a_question(member, site, user):
    user.create("https://example.com/", custom_alias="delete-me")
    refresh(member, site, ["delete-me"])
    member.click("Delete")
    member.one("dialog")
    member.press(Keys.ESCAPE)
    member.until(lambda: not member.all("dialog"), "the question is gone")
    assert user.get("delete-me").status == 302
    member.click("Delete")
    member.one("dialog .danger").click()
    member.says("There are no links yet.", "main")
    assert user.get("delete-me").status == 404


def test_many_links_are_changed_at_once(member, site, user):
    aliases = [f"many-{n}" for n in range(4)]
    for alias in aliases:
        user.create("https://example.com/", custom_alias=alias, tags=["some"])
    refresh(member, site, aliases[::-1])
    for box in member.all("tbody input[type=checkbox]")[:2]:
        box.click()
    member.says("2 links selected", ".bulk")
    member.one("select[name=bulk] option[value=tag]").click()
    member.fill("input[name=bulk-tag]", "added")
    member.click("Apply")
    member.says("Done with 2 links.", ".said")
    tags = {alias: user.show(alias).json["tags"] for alias in aliases}
    assert tags == {"many-0": ["some"], "many-1": ["some"], "many-2": ["added", "some"], "many-3": ["added", "some"]}
    member.one("thead input[type=checkbox]").click()
    member.one("select[name=bulk] option[value=delete]").click()
    user.request("DELETE", "api/v1/urls/many-1", headers={"X-Api-Key": user.key})
    member.click("Apply")
    member.one("dialog .danger").click()
    member.says("1 link was left out.", ".said")
    member.says("There are no links yet.", "main")
    assert [user.get(alias).status for alias in aliases] == [404] * 4


def test_links_by_keyboard_alone(member, site, user):
    user.create("https://example.com/", custom_alias="by-keys", title="Before")
    refresh(member, site, ["by-keys"])
    member.tab_to("input[name=q]")
    member.press("by-k")
    member.until(lambda: not member.all(".links th button"), "what the search finds")
    shows(member, ["by-keys"], site)
    member.tab_to("button[aria-label^='Edit ']")
    member.press(Keys.ENTER)
    member.until(lambda: member.run("return document.activeElement.name") == "edit-url", "the form has the focus")
    member.tab_to("input[name=title]")
    member.press(Keys.CONTROL, "a")
    member.press("After", Keys.ENTER)
    member.until(lambda: not member.all("form.edit"), "the form is closed")
    member.says("After", ".links")
    member.tab_to("button[aria-label^='Delete ']")
    member.press(Keys.ENTER)
    member.until(lambda: member.run("return document.activeElement.textContent.trim()") == "Cancel", "the safe answer has the focus")
    member.press(Keys.ENTER)
    member.until(lambda: not member.all("dialog"), "the question is gone")
    assert user.get("by-keys").status == 302


# --- statistics ---


def test_clicks_appear_in_the_statistics_by_themselves(member, site, user):
    user.create("https://example.com/", custom_alias="watch-me")
    refresh(member, site, ["watch-me"])
    member.one("td.number a").click()
    member.one(".totals")
    assert member.text(".totals dd") == "0"
    for referrer in ("https://news.example/a", "https://news.example/b", "https://other.example/"):
        user.get("watch-me", {"User-Agent": FIREFOX, "Referer": referrer})
    member.until(lambda: member.text(".totals dd") == "3", "the clicks")
    member.one(".chart canvas")
    member.says("news.example 2", ".breakdown")
    member.one("details.table summary").click()
    assert len(member.all(".scroll tbody tr")) == 30
    assert member.all(".scroll tbody tr")[0].text.split()[-3] == "3"
    member.one("select[name=unit] option[value=hour]").click()
    member.until(lambda: len(member.all(".scroll tbody tr")) == 48, "hours")
    target = member.one("a[download]").get_attribute("href").removeprefix(f"{site.base_url}/")
    table = list(csv.DictReader(io.StringIO(user.get(target, {"X-Api-Key": user.key}).body.decode())))
    assert table[0]["section"] == "total" and table[0]["clicks"] == "3"


def test_clicks_of_all_links_are_shown_together(member, site, user):
    codes = [user.create("https://example.com/")["code"] for _ in range(3)]
    member.go(f"{site.base_url}/admin/#/statistics")
    member.one(".chart canvas")
    assert [one.text for one in member.all(".totals dd")] == ["0", "0", "0"]
    for code in codes:
        user.get(code, {"User-Agent": FIREFOX, "Referer": "https://news.example/"})
    user.get(codes[0], {"User-Agent": "curl/8.0"})
    member.until(lambda: [one.text for one in member.all(".totals dd")] == ["3", "3", "1"], "three clicks and a bot")
    member.says("news.example", ".breakdowns")
    member.says("Clicks of all your links.", "main")
    member.one("details.table summary").click()
    assert member.run("return document.querySelector('.table tbody td').textContent") == "3"
    assert member.one("a[download]").get_attribute("href").endswith("&format=csv")
    member.run("const one = document.querySelector('select[name=unit]'); one.value = 'hour'; one.dispatchEvent(new Event('change'))")
    member.until(lambda: len(member.all(".table tbody tr")) == 48, "48 hours")
    assert [one.text for one in member.all(".totals dd")] == ["3", "3", "1"]
    assert member.refused() == []


def test_countries_are_on_a_map_and_in_a_table(member, site, user, installation):
    if '"DE"' not in next(installation.files.glob("world-map.*.js")).read_text(encoding="utf-8"):
        pytest.skip("this build has no map (script/bootstrap --build fetches world-atlas)")
    code = user.create("https://example.com/")["code"]
    for address, times in (("192.0.2.1", 3), ("192.0.2.129", 1), ("192.0.2.193", 1), ("198.51.100.1", 1)):
        for _ in range(times):
            user.get(code, {"User-Agent": FIREFOX, "X-Forwarded-For": address})
    for page in (f"links/{code}", "statistics"):
        member.go(f"{site.base_url}/admin/#/{page}")
        member.until(lambda: member.run("return [...document.querySelectorAll('.map .hit')].map((one) => [one.dataset.country, "
                                        "one.textContent, Number(one.getAttribute('fill-opacity'))])") ==
                     [["BR", "Brazil: 1", 0.63], ["DE", "Germany: 3", 1]], "two countries on the map")
        member.one(".countries summary").click()
        member.until(lambda: member.run("return [...document.querySelectorAll('.countries tbody tr')].map((one) => one.innerText.split(/\\s+/))") ==
                     [["Germany", "3"], ["Brazil", "1"], ["Singapore", "1"], ["unknown", "1"]], "four in the table")
    assert len(member.all(".map g")) > 170
    assert member.refused() == []


def test_the_statistics_of_no_link_say_so(member, site):
    member.go(f"{site.base_url}/admin/#/links/no-such-link")
    member.says("link", ".error")


# --- from other sites ---


def test_pages_of_other_sites_can_do_nothing(member, site, user):
    """A page of http://localhost is one of another site than http://127.0.0.1, whatever the port is."""
    user.create("https://example.com/", custom_alias="not-theirs")
    member.go(f"http://localhost:{site.port}{site.mount}healthz")
    attack = """
        const done = arguments[1], base = arguments[0], tried = [];
        const send = (path, options) => fetch(base + path, {credentials: "include", ...options})
            .then((answer) => tried.push(answer.type), () => tried.push("failed"));
        (async () => {
            await send("/api/v1/urls", {method: "POST", mode: "no-cors", body: '{"long_url": "https://evil.example/"}'});
            await send("/api/v1/urls", {method: "POST", body: "{}", headers: {"Content-Type": "application/json"}});
            await send("/api/v1/urls/not-theirs", {method: "DELETE"});
            await send("/admin/session", {method: "DELETE"});
            await send("/admin/session", {});
            done(tried);
        })();"""
    assert member.driver.execute_async_script(attack, site.base_url) == ["opaque", "failed", "failed", "failed", "failed"]
    member.run("const f = document.createElement('form'); f.method = 'post'; f.action = arguments[0];"
               "f.innerHTML = '<input name=long_url value=\"https://evil.example/\">'; document.body.append(f); f.submit()",
               f"{site.base_url}/api/v1/urls")
    member.until(lambda: "127.0.0.1" in member.driver.current_url, "the form's answer")
    member.go(f"{site.base_url}/admin/#/links")
    shows(member, ["not-theirs"], site)
    member.driver.get_log("browser")


def test_no_other_page_has_it_in_a_frame(member, site):
    member.go(f"http://localhost:{site.port}{site.mount}healthz")
    member.run("const f = document.createElement('iframe'); f.src = arguments[0]; document.body.append(f)", f"{site.base_url}/admin/")
    heard = member.until(lambda: [one for one in member.driver.get_log("browser") if "frame-ancestors" in one["message"]], "the refusal")
    assert heard
    member.go(f"{site.base_url}/admin/")
    member.one("main h1")
    member.driver.get_log("browser")


# --- behind every web server ---

PLACES = {**MAKERS, "another path": {"web": "nginx", "mount": "/s/", "settings": {"pages.path": "/our/pages"}},
          "another path, lighttpd": {"web": "lighttpd", "mount": "/s/", "settings": {"pages.path": "/our/pages"}},
          "another path, apache": {"web": "apache", "settings": {"pages.path": "/our/pages"}}}


@pytest.mark.parametrize("place", PLACES)
def test_the_pages_work_behind_each_web_server(stack, page, place):
    host = stack.host(**PLACES[place])
    try:
        pages = host.settings.get("pages.path", "/admin")
        page.go(f"{host.base_url}/")
        page.click("Sign in")
        page.one("nav [href$='#/sign-in']").click()
        page.one("input[name=key]").send_keys(stack.key, Keys.ENTER)
        page.says("Signed in as admin", "footer")
        assert page.run("return location.pathname") == f"{host.mount.rstrip('/')}{pages}/"
        page.fill("input[name=url]", "https://example.com/behind")
        page.one("form button[type=submit]").click()
        short = page.one(".made .short a").get_attribute("href")
        assert stack.client(host).get(short.removeprefix(f"{host.base_url}/")).status == 302
        page.go(f"{host.base_url}{pages}/#/links")
        page.until(lambda: short.partition("//")[2] in rows(page), "the new link")
        page.one("td.number a").click()
        page.one(".chart canvas")
        page.click("Sign out")
        page.one("input[name=key]")
        assert page.refused() == []
    finally:
        host.stop()


# --- on every page ---


def test_texts_of_strangers_are_texts(stack, browser, site, user):
    link = user.create(f"https://example.com/{EVIL}", title=EVIL, tags=[EVIL[:50].replace(",", "")])
    user.get(link["code"], {"User-Agent": FIREFOX, "Referer": "https://evil.example/<img src=x onerror=hurt=1>"})
    with browser.page() as page:
        sign_in(page, site, stack.key, "links")
        page.fill("input[name=owner]", user.name)
        page.says(EVIL[:40], ".links")
        page.click("Edit")
        page.one("form.edit")
        page.go(f"{site.base_url}/admin/#/links/{link['code']}")
        page.says("evil.example", ".breakdowns")
        assert page.run("return [window.hurt === undefined, document.querySelectorAll('#app script, #app [onerror]').length]") == [True, 0]
        assert page.refused() == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_page_is_accessible(browser, site, user, axe, size, dark, language):
    user.create("https://example.com/" + "long/" * 60, title="A title", tags=["tag"], expires_at="2040-01-01", max_clicks=9)
    over = user.create("https://example.com/over", starts_at="2040-01-01")
    user.get(user.create("https://example.com/")["code"], {"User-Agent": FIREFOX})
    with browser.page(dark=dark, language=language, **SIZES[size]) as page:
        page.go(f"{site.base_url}/admin/#/links")
        page.one("input[name=key]")
        found = {"sign in": page.violations(axe)}
        page.one("input[name=key]").send_keys(user.key, Keys.ENTER)
        page.until(lambda: len(rows(page)) == 3, "3 links")
        page.all("tbody input[type=checkbox]")[0].click()
        page.one(f"button[aria-expanded=false]").click()
        page.one("form.edit")
        found["links"] = page.violations(axe)
        assert not page.is_wider_than_the_window()
        page.all("button[aria-label*='" + over["code"] + "']")[-1].click()
        page.one("dialog")
        found["question"] = page.violations(axe)
        page.press(Keys.ESCAPE)
        page.go(f"{site.base_url}/admin/#/links/{over['code']}")
        page.one(".chart canvas")
        page.one("details.table summary").click()
        page.one(".countries summary").click()
        found["statistics"] = page.violations(axe)
        assert not page.is_wider_than_the_window()
        page.go(f"{site.base_url}/admin/#/statistics")
        page.one(".chart canvas")
        found["statistics of all"] = page.violations(axe)
        assert not page.is_wider_than_the_window()
        page.go(f"{site.base_url}/admin/#/sessions")
        page.one("main table")
        found["sessions"] = page.violations(axe)
        assert not page.is_wider_than_the_window()
        assert {name: all_of for name, all_of in found.items() if all_of} == {}
        assert page.refused() == []
