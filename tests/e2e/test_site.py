# SPDX-License-Identifier: MIT
"""What an operator puts on the pages, in each language, through every web server and in a real Chromium; what crawlers and
browsers ask of every site; and how addresses are shared with the pages."""

import json
import re
import urllib.parse

import pytest

import browser as chromium
from browser import Keys
from clicking import GOOGLEBOT, HUMAN
from conftest import WEB_SERVERS
from stack.web import ApacheProxy
from test_pages import AXE, EVIL, LANGUAGES, SIZES, text_of
from test_shared_hosting import Hoster

HTML = {**HUMAN, "Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10"><style>rect { fill: #0a7 }</style>' \
      b'<script>window.hurt = 1; top.hurt = 1</script><rect width="40" height="10" onload="top.hurt = 1"/></svg>'
ADDRESSES = {"pages.imprint_url": "https://o.example/imprint?a=1&b=%22", "pages.privacy_url": "https://o.example/privacy",
             "pages.abuse": "abuse@o.example"}
SMALL_MAX = 4096        # bytes of a page of a problem
WORDS = {"en": ("There is nothing here", "The link has expired", "Report abuse"),
         "de": ("Hier ist nichts", "Der Link ist abgelaufen", "Missbrauch melden"),
         "ar": ("لا يوجد شيء هنا", "انتهت صلاحية الرابط", "الإبلاغ عن إساءة")}
MAKERS = {**{f"{web}{mount}".rstrip("/"): {"web": web, "mount": mount} for web in WEB_SERVERS for mount in ("/", "/s/")},
          "apache-proxy": {"web": "apache", "server": ApacheProxy},
          "htaccess": {"web": "apache", "server": Hoster, "mount": "/s/"}}


@pytest.fixture(scope="module")
def dressed(stack):
    """Settings with all that an operator may put on the pages."""
    logo = stack.place.path / "logo.svg"
    logo.write_bytes(SVG)
    logo.chmod(0o644)
    return {"pages.operator": EVIL[:100], "pages.header_logo": str(logo), "pages.icon": str(logo), "pages.accent": "ffd400",
            **ADDRESSES}


@pytest.fixture(scope="module", params=MAKERS)
def host(request, stack, dressed):
    made = stack.host(**MAKERS[request.param], settings=dressed)
    yield made
    made.stop()


def test_the_pages_of_problems_are_small_and_the_operators(client):
    over = client.create("https://example.com/", max_clicks=1)["code"]
    assert client.get(over, HTML).status == 302
    for language, (missing, expired, abuse) in WORDS.items():
        for path, status, title in (("no-such-link", 404, missing), (over, 410, expired)):
            page = client.get(path, {**HTML, "Accept-Language": f"{language}-XX,xx;q=0.5"})
            text = page.body.decode()
            assert (page.status, page.type) == (status, "text/html") and len(page.body) < SMALL_MAX
            assert f"<title>{title}</title>" in text and f">{abuse}</a>" in text and f'<html lang="{language}"' in text
            assert 'href="mailto:abuse@o.example"' in text and 'imprint?a=1&amp;b=%22"' in text
            assert f'src="{client.mount}admin/logo"' in text
            assert "<script" not in text and "<img src=x" not in text and " style=" not in text
            assert page.header("Content-Language") == language and "Accept-Language" in page.header("Vary")
            policy = page.header("Content-Security-Policy")
            assert policy.startswith("default-src 'none'; style-src 'sha256-") and "unsafe" not in policy


def test_what_browsers_and_crawlers_ask_for(client):
    logo = client.get("admin/logo")
    assert (logo.status, logo.type, logo.body) == (200, "image/svg+xml", SVG)
    assert "sandbox" in logo.header("Content-Security-Policy")
    assert client.get("admin/logo", {"If-None-Match": logo.header("ETag")}).status == 304
    assert client.get("admin/icon").body == client.get("favicon.ico").body == SVG
    robots = client.get("robots.txt")
    assert (robots.status, robots.type) == (200, "text/plain")
    assert robots.body.decode() == f"User-agent: *\nDisallow: {client.mount}api/\nDisallow: {client.mount}admin/\n"
    for alias in ("robots.txt", "favicon.ico", "Robots.TXT"):
        refused = client.post({"long_url": "https://example.com/", "custom_alias": alias})
        assert refused.status == 400, alias


def test_the_manifest_has_the_share_target(client, installation):
    if not any(installation.files.glob("main.*.js")):
        pytest.skip("this build has no pages")
    answer = client.get("admin/manifest.webmanifest")
    assert (answer.status, answer.type) == (200, "application/manifest+json")
    manifest = json.loads(answer.body)
    home = f"{client.mount}admin/"
    assert manifest["name"] == EVIL[:100] and manifest["scope"] == manifest["start_url"] == home
    assert manifest["share_target"] == {"action": home, "method": "GET", "params": {n: n for n in ("title", "text", "url")}}
    assert [icon["src"] for icon in manifest["icons"]] == [f"{home}icon"]
    assert re.fullmatch("#[0-9a-f]{6}", manifest["theme_color"])
    document = client.get("admin/").body.decode()
    assert f'<link rel="manifest" href="{home}manifest.webmanifest">' in document


def test_crawlers_can_be_kept_out(stack):
    host = stack.host(settings={"pages.robots": "none"})
    try:
        assert stack.client(host).get("robots.txt").body == b"User-agent: *\nDisallow: /\n"
    finally:
        host.stop()


def test_waiting_is_said_in_words(stack):
    host = stack.host(settings={"limits.misses_per_address": "3/1h"})
    try:
        client = stack.client(host)
        for n in range(8):
            page = client.get(f"missed-{n}", {**HTML, "Accept-Language": "de"})
        assert page.status == 429
        seconds = int(page.header("Retry-After"))
        assert seconds > 120
        assert f"Versuchen Sie es in {-(-seconds // 60)} Minuten noch einmal." in page.body.decode()
    finally:
        host.stop()


# In Chromium.

@pytest.fixture(scope="module")
def site(stack, dressed, installation):
    """In a folder, for everybody."""
    if not any(installation.files.glob("main.*.js")):
        pytest.skip("this build has no pages (script/bootstrap --build fetches their libraries)")
    if chromium.MISSING:
        pytest.skip(chromium.MISSING)
    host = stack.host("lighttpd", mount="/s/", settings={
        **dressed, "api.anonymous_create": "yes", "limits.creates_per_address": "0"})
    yield host
    host.stop()


@pytest.fixture(scope="module")
def axe():
    if not AXE.is_file():
        pytest.skip("axe-core is not there (script/bootstrap --build fetches it)")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def browser(site):
    started = chromium.Browser()
    yield started
    started.quit()


@pytest.fixture
def page(browser):
    with browser.page() as opened:
        yield opened
        assert opened.refused() == []


@pytest.fixture(scope="module")
def links(stack, site):
    """Paths of all small pages -> a word that is on them."""
    client = stack.client(site)
    live = client.create("https://example.com/" + "long/" * 60, title=EVIL)["code"]
    over = client.create("https://example.com/", max_clicks=1)["code"]
    assert client.get(over, HTML).status == 302
    return {"": "", f"{live}+": "example.com", "no-such-link": "", over: ""}


def assert_sound(page, axe):
    """No violation, no picture that is missing, nothing of the operator's that runs."""
    assert page.run("return [window.hurt === undefined, document.querySelectorAll('script:not([src]), [onerror], [style]').length]") == [True, 0]
    page.until(lambda: page.run("return [...document.images].every((one) => one.complete && one.naturalWidth > 0)"), "all pictures")
    assert page.violations(axe) == []
    assert not page.is_wider_than_the_window()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_small_pages_are_accessible_and_inert(browser, site, links, axe, size, dark, language):
    with browser.page(dark=dark, language=language, **SIZES[size]) as page:
        for path, word in links.items():
            page.go(f"{site.base_url}/{path}")
            page.says(word, "main")
            root = page.run("const r = document.documentElement; return [r.lang, getComputedStyle(r).direction]")
            assert root == [language, "rtl" if language == "ar" else "ltr"]
            assert_sound(page, axe)
            ground = page.run("return getComputedStyle(document.body).backgroundColor")
            assert ground == ("rgb(19, 20, 23)" if dark else "rgb(247, 248, 250)")
        refused = [one for one in page.refused() if "status of 4" not in one]
        assert refused == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_pages_have_the_operators_colours_and_addresses(browser, site, axe, dark):
    with browser.page(dark=dark) as page:
        page.go(f"{site.base_url}/admin/")
        button = page.one("form button[type=submit]")
        colours = page.run("const s = getComputedStyle(arguments[0]); return [s.backgroundColor, s.color]", button)
        assert (colours == ["rgb(255, 212, 0)", "rgb(0, 0, 0)"]) == dark
        page.says(text_of("en", "abuse"), "footer")
        hrefs = page.run("return [...document.querySelectorAll('footer a')].map((one) => one.getAttribute('href'))")
        assert hrefs == [*list(ADDRESSES.values())[:2], "mailto:abuse@o.example"]
        assert_sound(page, axe)
        assert page.refused() == []


def test_a_logo_that_is_opened_runs_nothing(browser, site):
    with browser.page() as page:
        page.go(f"{site.base_url}/admin/logo")
        assert page.run("return window.hurt === undefined && document.documentElement.tagName === 'svg'")
        page.go(f"{site.base_url}/no-such-link")        # the sandbox has no storage to clear


SHARED = [
    ({"url": "https://example.com/a?b=%2B&c=1#d", "title": "A title & <b>"}, "https://example.com/a?b=%2B&c=1#d", "A title & <b>"),
    ({"text": "Read this: https://example.com/x (good).", "title": "News"}, "https://example.com/x", "News"),
    ({"text": "https://example.com/only", "title": ""}, "https://example.com/only", ""),
    ({"title": "https://example.com/in-the-title"}, "https://example.com/in-the-title", ""),
    ({"url": "javascript:alert(1)", "text": "no address"}, "", ""),
    ({"url": f"https://example.com/{EVIL}", "title": EVIL}, "https://example.com/", EVIL),
]


@pytest.mark.parametrize("query, url, title", SHARED, ids=[str(n) for n in range(len(SHARED))])
def test_what_is_shared_fills_the_form_and_makes_nothing(stack, site, page, query, url, title):
    client = stack.client(site)
    before = client.get("api/v1/stats", {"X-Api-Key": client.key}).json["links"]
    page.go(f"{site.base_url}/admin/?{urllib.parse.urlencode(query)}")
    assert page.one("input[name=url]").get_attribute("value") == url
    assert page.run("return document.querySelector('input[name=title]').value") == title
    assert page.run("return window.hurt === undefined")
    if url:
        assert page.run("return location.search") == ""
    assert client.get("api/v1/stats", {"X-Api-Key": client.key}).json["links"] == before


def test_what_is_shared_is_kept_over_signing_in(stack, dressed, browser, site):
    host = stack.host("lighttpd", settings={**dressed, "pages.root": "home"})
    try:
        with browser.page() as page:
            page.go(f"{host.base_url}/?url=https://example.com/kept")
            page.click(text_of("en", "sign-in"))
            page.fill("input[name=key]", stack.key)
            page.press(Keys.ENTER)
            page.until(lambda: page.one("input[name=url]").get_attribute("value") == "https://example.com/kept", "it is filled")
    finally:
        host.stop()


def test_the_bookmarklet_brings_a_page_to_the_form(browser, site, page):
    page.go(f"{site.base_url}/admin/#/tools")
    script = page.one(".tools a.primary").get_attribute("href")
    assert script.startswith("javascript:")
    page.click(page.one(".tools a.primary").text.strip())
    page.says(text_of("en", "bookmarklet-drag"), ".said")
    assert page.refused() == [] and "#/tools" in page.driver.current_url
    with browser.page() as other:
        # As from the bookmarks, on a page with a strict policy of its own.
        other.go(f"{site.base_url}/no-such-link?x=1&y=%2B")
        other.driver.execute_cdp_cmd("Runtime.evaluate", {"expression": urllib.parse.unquote(script.removeprefix("javascript:"))})
        other.until(lambda: "/admin/" in other.driver.current_url, "the form is open")
        assert other.one("input[name=url]").get_attribute("value") == f"{site.base_url}/no-such-link?x=1&y=%2B"
        assert other.run("return document.querySelector('input[name=title]').value") == WORDS["en"][0]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_tools_are_accessible(browser, site, axe, size, dark, language):
    with browser.page(dark=dark, language=language, **SIZES[size]) as page:
        page.go(f"{site.base_url}/admin/#/tools")
        page.says(text_of(language, "tools"), "h1")
        assert_sound(page, axe)
        page.tab_to(".tools a.primary")
        page.tab_to(".tools .copy")
        assert page.refused() == []


def test_a_program_gets_a_button_in_its_language(client):
    code = client.create("https://example.com/", max_clicks=1)["code"]
    page = client.get(code, {"User-Agent": GOOGLEBOT, "Accept-Language": "de"})
    assert page.status == 200 and "<button>Link öffnen</button>" in page.body.decode()
