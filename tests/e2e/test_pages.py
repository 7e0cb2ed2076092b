# SPDX-License-Identifier: MIT
"""The pages in a real Chromium: each flow by mouse and by keyboard, in each language, on desktop and phone."""

import re
import urllib.parse

import pytest

import browser as chromium
from browser import Keys
from stack.curt import TOP

AXE = TOP / "build" / "pages" / "node_modules" / "axe-core" / "axe.min.js"
SOURCES = TOP / "www" / "pages"
LANGUAGES = ["en", "de", "ar"]
# What a text of a stranger's would do if it were taken for HTML or for a script.
EVIL = '"><img src=x onerror="window.hurt=1"><script>window.hurt=1</script>\'{{hurt}}${hurt}'
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 360, "height": 740}}


@pytest.fixture(scope="module", autouse=True)
def with_pages(installation):
    if not any(installation.files.glob("main.*.js")):
        pytest.skip("this build has no pages (script/bootstrap --build fetches their libraries)")
    if chromium.MISSING:
        pytest.skip(chromium.MISSING)


@pytest.fixture(scope="module")
def open_site(stack):
    """In a folder, for everybody, with the page at the address of the site."""
    host = stack.host("lighttpd", mount="/s/", settings={
        "api.anonymous_create": "yes", "pages.root": "home", "pages.operator": EVIL[:100],
        "limits.creates_per_address": "0"})
    yield host
    host.stop()


@pytest.fixture(scope="module")
def axe():
    if not AXE.is_file():
        pytest.skip("axe-core is not there (script/bootstrap --build fetches it)")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def browser(with_pages):
    started = chromium.Browser()
    yield started
    started.quit()


@pytest.fixture
def page(browser):
    with browser.page() as opened:
        yield opened
        assert opened.refused() == []


def texts(language):
    """The keys of a language's texts."""
    return set(re.findall(r'^  "([^"]+)":', (SOURCES / f"text-{language}.js").read_text(encoding="utf-8"), re.MULTILINE))


def text_of(language, key):
    source = (SOURCES / f"text-{language}.js").read_text(encoding="utf-8")
    return re.search(rf'^  "{key}": "(.*)",$', source, re.MULTILINE)[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_every_text(language):
    assert texts(language) == texts("en")


def test_every_text_that_the_pages_name_is_there():
    named = set()
    for path in SOURCES.glob("*.js"):
        named |= set(re.findall(r'\bt\("([a-z0-9-]+)"', path.read_text(encoding="utf-8")))
    assert len(named) > 40 and named <= texts("en"), named - texts("en")


def made(page):
    """The newest short URL, once it is shown."""
    return page.one(".made .short a").get_attribute("href")


def test_a_link_is_made_copied_and_followed(stack, open_site, page):
    page.driver.execute_cdp_cmd("Browser.grantPermissions", {
        "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})
    page.go(f"{open_site.base_url}/")
    page.fill("input[name=url]", "  example.com/a?b=%2B#c ")
    page.one("form button[type=submit]").click()
    short = made(page)
    assert short.startswith(f"{open_site.base_url}/")
    answer = stack.client(open_site).get(short.removeprefix(f"{open_site.base_url}/"))
    assert (answer.status, answer.location) == (302, "https://example.com/a?b=%2B#c")
    page.one(".made .copy").click()
    page.says("The short link was copied.", ".said")
    assert page.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])") == short
    assert page.one("input[name=url]").get_attribute("value") == ""


def test_all_options_reach_the_link(stack, open_site, page):
    page.go(f"{open_site.base_url}/admin/")
    page.fill("input[name=url]", "https://example.com/options")
    page.one("summary").click()
    page.fill("input[name=alias]", "All-options")
    page.fill("input[name=title]", "A title")
    page.fill("input[name=tags]", "one, two ,,three")
    page.fill("input[name=max]", "7")
    page.fill("input[name=expired-url]", "example.com/over")
    page.fill("input[name=not-started-url]", "https://example.com/soon")
    page.run("const f = document.querySelector('input[name=expires]'); f.value = '2031-05-06T07:08';"
             "f.dispatchEvent(new Event('input', {bubbles: true}))")
    page.one("select[name=status] option[value='307']").click()
    page.one("form button[type=submit]").click()
    assert made(page) == f"{open_site.base_url}/All-options"
    link = stack.client(open_site).show("All-options").json
    assert (link["title"], link["tags"], link["max_clicks"], link["redirect_status"]) == (
        "A title", ["one", "three", "two"], 7, 307)
    assert (link["expired_url"], link["not_started_url"]) == ("https://example.com/over", "https://example.com/soon")
    zone = page.run("return new Date('2031-05-06T07:08').toISOString().slice(0, 19) + 'Z'")
    assert link["expires_at"] == zone


def test_what_is_wrong_is_said_at_the_field(stack, open_site, page):
    stack.client(open_site).create("https://example.com/", custom_alias="taken-by-another")
    page.go(f"{open_site.base_url}/")
    page.one("form button[type=submit]").click()
    page.says("Enter the address", ".error")
    page.fill("input[name=url]", "javascript:alert(1)")
    page.one("form button[type=submit]").click()
    page.says("scheme", ".error")
    field = page.one("input[name=url]")
    assert field.get_attribute("aria-invalid") == "true"
    described = field.get_attribute("aria-describedby").split()
    assert any("scheme" in page.one(f"[id='{name}']").text for name in described)
    page.fill("input[name=url]", "https://example.com/")
    page.one("summary").click()
    page.fill("input[name=alias]", "taken-by-another")
    page.one("form button[type=submit]").click()
    page.until(lambda: page.one("input[name=alias]").get_attribute("aria-invalid") == "true", "the alias is refused")
    assert "taken" in page.text(".more-fields .error")
    page.fill("input[name=alias]", "free-and-good")
    page.one("form button[type=submit]").click()
    assert made(page).endswith("/free-and-good")


def test_an_alias_is_checked_as_it_is_typed(stack, open_site, page):
    stack.client(open_site).create("https://example.com/", custom_alias="checked-and-taken")
    page.go(f"{open_site.base_url}/")
    page.one("summary").click()
    for alias, said, selector in (("checked-and-taken", "taken", ".error"), ("checked-and-free", "available", ".good"),
                                  ("admin", "reserved", ".error"), ("no", "alias", ".error"), ("a b/c?d", "alias", ".error")):
        page.fill("input[name=alias]", alias)
        page.until(lambda: said in page.text(f".more-fields {selector}"), f"{alias}: {said}")
        wrong = page.one("input[name=alias]").get_attribute("aria-invalid")
        assert (wrong == "true") == (selector == ".error"), alias
    page.fill("input[name=alias]", Keys.BACKSPACE)
    page.until(lambda: page.one("input[name=alias]").get_attribute("aria-invalid") is None, "nothing is said")


def test_a_second_press_makes_no_second_link(stack, open_site, page):
    tag = "pressed-twice"
    page.go(f"{open_site.base_url}/")
    page.fill("input[name=url]", "https://example.com/twice")
    page.one("summary").click()
    page.fill("input[name=tags]", tag)
    page.run("const b = document.querySelector('form button[type=submit]'); b.click(); b.click(); b.click()")
    made(page)
    client = stack.client(open_site)
    found = client.get(f"api/v1/urls?tag={tag}", {"X-Api-Key": client.key}).json["links"]
    assert len(found) == 1


@pytest.mark.parametrize("size", SIZES)
def test_by_keyboard_alone(browser, open_site, size):
    with browser.page(**SIZES[size]) as page:
        keys = chromium.Keys
        page.go(f"{open_site.base_url}/")
        page.one("form")
        page.press(Keys.TAB)
        assert page.run("return document.activeElement.className") == "skip"
        page.press(Keys.ENTER)
        assert page.run("return document.activeElement.tagName") == "H1"
        page.tab_to("input[name=url]")
        page.press("https://example.com/keys")
        page.tab_to("summary")
        page.press(Keys.ENTER)
        page.tab_to("input[name=alias]")
        page.press(f"keys-{size}")
        page.press(Keys.ENTER)
        assert made(page) == f"{open_site.base_url}/keys-{size}"
        page.until(lambda: page.run("return document.activeElement.matches('.made .short a')"), "the link has the focus")
        page.tab_to("footer select")
        page.press("d")
        page.says(text_of("de", "home-title"), "h1")
        assert page.refused() == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_home_is_accessible(browser, open_site, axe, size, dark, language):
    with browser.page(dark=dark, language=language, **SIZES[size]) as page:
        page.go(f"{open_site.base_url}/")
        page.says(text_of(language, "home-title"), "h1")
        root = page.run("const r = document.documentElement; return [r.lang, getComputedStyle(r).direction]")
        assert root == [language, "rtl" if language == "ar" else "ltr"]
        page.one("summary").click()
        page.fill("input[name=url]", "https://example.com/" + "long/" * 60)
        page.one("form button[type=submit]").click()
        made(page)
        assert page.violations(axe) == []
        assert not page.is_wider_than_the_window()
        assert page.refused() == []


def test_the_language_that_was_chosen_stays(open_site, page):
    page.go(f"{open_site.base_url}/")
    page.one("footer option[value=ar]").click()
    page.says(text_of("ar", "home-title"), "h1")
    page.go(f"{open_site.base_url}/admin/")
    page.says(text_of("ar", "home-title"), "h1")
    assert page.run("return Object.keys(localStorage)") == ["curt/s:language"]


def test_a_window_of_320_pixels_is_wide_enough(browser, open_site):
    with browser.page(width=320, height=640) as page:
        page.go(f"{open_site.base_url}/")
        page.one("summary").click()
        page.one("input[name=alias]")
        assert not page.is_wider_than_the_window()


def test_nothing_moves_for_those_who_asked_for_that(browser, open_site):
    script = "return getComputedStyle(document.querySelector('.said p')).animationDuration"
    for still, duration in ((False, "0.18s"), (True, "0s")):
        with browser.page(still=still) as page:
            page.go(f"{open_site.base_url}/")
            page.fill("input[name=url]", "https://example.com/")
            page.one("form button[type=submit]").click()
            page.one(".made .copy").click()
            page.one(".said p")
            assert page.run(script) == duration


def test_texts_of_strangers_are_texts(open_site, page):
    page.go(f"{open_site.base_url}/")
    page.says(EVIL[:40], ".name")
    page.fill("input[name=url]", f"https://example.com/{EVIL}")
    page.one("summary").click()
    page.fill("input[name=title]", EVIL)
    page.one("form button[type=submit]").click()
    made(page)
    assert page.run("return [window.hurt === undefined, document.querySelectorAll('#app script, #app [onerror]').length]") == [True, 0]
    page.fill("input[name=alias]", EVIL[:50])
    page.fill("input[name=url]", "https://example.com/")
    page.one("form button[type=submit]").click()
    page.one(".more-fields .error")
    assert page.run("return window.hurt === undefined")


def test_everything_comes_from_this_host(open_site, page):
    page.go(f"{open_site.base_url}/")
    page.one("form")
    loaded = page.run("return performance.getEntriesByType('resource').map((one) => one.name)")
    assert len(loaded) > 5
    assert {urllib.parse.urlsplit(one).netloc for one in loaded} == {f"127.0.0.1:{open_site.port}"}


def test_the_policy_refuses_what_the_pages_do_not_have(browser, open_site):
    """And the listener by which the other tests see that nothing is refused hears it."""
    with browser.page() as page:
        page.go(f"{open_site.base_url}/")
        page.one("form")
        page.run("const s = document.createElement('script'); s.textContent = 'window.hurt = 1'; document.body.append(s);"
                 "const i = new Image(); i.src = 'http://localhost:9/x.png';"
                 "const d = document.createElement('p'); d.setAttribute('style', 'color: red'); document.body.append(d)")
        heard = page.until(lambda: len(page.run("return window.refused")) >= 3 and page.run("return window.refused"), "3 refusals")
        assert sorted(one.split()[0] for one in heard) == ["img-src", "script-src-elem", "style-src-attr"]
        assert page.run("return window.hurt === undefined")


def test_who_has_no_files_reads_why(browser, open_site):
    with browser.page() as page:
        page.driver.execute_cdp_cmd("Network.enable", {})
        page.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/files/*"]})
        page.go(f"{open_site.base_url}/")
        page.says("This page needs JavaScript, and its files from this web server.")


def test_a_server_that_does_not_answer_is_named(browser, open_site):
    with browser.page() as page:
        page.go(f"{open_site.base_url}/")
        page.fill("input[name=url]", "https://example.com/")
        page.driver.execute_cdp_cmd("Network.enable", {})
        page.driver.execute_cdp_cmd("Network.emulateNetworkConditions", {
            "offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})
        page.one("form button[type=submit]").click()
        page.says("The server does not answer.", ".said")
        page.driver.execute_cdp_cmd("Network.emulateNetworkConditions", {
            "offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})
        page.one("form button[type=submit]").click()
        made(page)
