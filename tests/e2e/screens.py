# SPDX-License-Identifier: MIT
"""The pictures of docs/screens: each page in a real Chromium. `make screens` makes them anew; they change with every run,
so they are committed only on purpose."""

import base64
import html
import json
import shutil

import pytest

import browser as chromium
from browser import Keys
from stack.curt import TOP
from stack.process import wait_until
from test_server_script import server  # noqa: F401 (fixture)

SCREENS = TOP / "docs" / "screens"
PHONE = {"width": 390, "height": 780}
DESKTOP = {"width": 1100, "height": 760}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
LINKS = [
    {"custom_alias": "spring", "long_url": "https://example.org/catalogue/2027/spring?from=poster", "title": "The spring catalogue",
     "tags": ["catalogue", "poster"]},
    {"custom_alias": "tickets", "long_url": "https://tickets.example/summer-night", "title": "Tickets for the summer night",
     "tags": ["events"], "max_clicks": 5000},
    {"custom_alias": "menu", "long_url": "https://example.org/restaurant/menu.pdf", "title": "Today's menu", "tags": ["restaurant"]},
    {"custom_alias": "survey", "long_url": "https://survey.example/q/8281", "title": "What did you think?", "tags": ["events"],
     "expires_at": "2040-01-01"},
]


@pytest.fixture(scope="module")
def site(stack):
    if chromium.MISSING:
        pytest.skip(chromium.MISSING)
    host = stack.host("lighttpd", settings={"pages.operator": "Example Society", "clicks.flush_interval": "200ms",
                                            "server.trusted_proxies": "127.0.0.1"})
    client = stack.client(host)
    for link in LINKS:
        client.create(**link)
    for url in ("https://example.org/programme/2027/spring", "https://example.org/programme/2027/spring-festival"):
        answer = client.request("PATCH", "api/v1/urls/spring", json.dumps({"long_url": url}).encode(),
                                {"X-Api-Key": stack.key, "Content-Type": "application/json"})
        assert answer.status == 200
    for alias, title in (("flyer", "The flyer of last year"), ("beta", "The new site, for those who try it")):
        client.create(f"https://example.org/{alias}", custom_alias=alias, title=title)
        assert client.request("DELETE", f"api/v1/urls/{alias}", headers={"X-Api-Key": stack.key}).status == 200
    # The first flush publishes the key by which visitors are told apart.
    client.get("menu", {"User-Agent": FIREFOX})
    wait_until(lambda: stack.sql("SELECT COUNT(*) FROM click_total WHERE clicks > 0") == ((1,),), 20, "a flush")
    visits = [("https://news.example/", FIREFOX, 31), ("https://social.example/", IPHONE, 17), ("", FIREFOX, 12), ("", IPHONE, 5)]
    for referrer, agent, times in visits:
        for number in range(times):
            client.get("spring", {"User-Agent": agent, "X-Forwarded-For": f"192.0.2.{number % 20}", **({"Referer": referrer} if referrer else {})})
    yield host
    host.stop()


def shot(page, name):
    SCREENS.mkdir(exist_ok=True)
    page.driver.save_screenshot(str(SCREENS / f"{name}.png"))


def test_screens(stack, site):
    started = chromium.Browser()
    looks = {"": DESKTOP, "-dark": {**DESKTOP, "dark": True}, "-phone": PHONE, "-arabic": {**PHONE, "language": "ar"}}
    try:
        for look, options in looks.items():
            with started.page(**options) as page:
                page.go(f"{site.base_url}/admin/#/sign-in")
                page.one("input[name=key]")
                shot(page, f"sign-in{look}")
                page.one("input[name=key]").send_keys(stack.key, Keys.ENTER)
                page.fill("input[name=url]", "https://example.org/a/long/way/to/what/is/meant")
                page.one("form button[type=submit]").click()
                picture = page.one(".qr img")
                page.until(lambda: page.run("return arguments[0].complete", picture), "the QR code")
                page.run("document.activeElement.blur(); scrollTo(0, 0)")
                shot(page, f"home{look}")
                page.go(f"{site.base_url}/admin/#/links")
                page.one("table.links")
                shot(page, f"links{look}")
                page.one("select[name=state] option[value=deleted]").click()
                page.until(lambda: len(page.all("table.links > tbody > tr")) == 2, "what was deleted")
                shot(page, f"deleted{look}")
                page.go(f"{site.base_url}/admin/#/")
                page.go(f"{site.base_url}/admin/#/links")
                page.fill("input[name=q]", "spring")
                page.until(lambda: len(page.all("table.links > tbody > tr")) == 1, "the link that was changed")
                page.run("document.querySelector('table.links button[aria-expanded=false]').click()")
                page.one(".link-history summary").click()
                page.until(lambda: page.all(".link-history del"), "its history")
                page.run("document.querySelector('.link-history').scrollIntoView({block: 'center'})")
                shot(page, f"history{look}")
                page.go(f"{site.base_url}/admin/#/transfer")
                page.one("input[type=file]")
                shot(page, f"transfer{look}")
                page.go(f"{site.base_url}/admin/#/manage")
                page.one(".manage-users table")
                shot(page, f"manage{look}")
                page.go(f"{site.base_url}/admin/#/statistics")
                page.one(".chart canvas")
                shot(page, f"statistics-all{look}")
                page.go(f"{site.base_url}/admin/#/links/spring")
                page.one(".chart canvas")
                page.until(lambda: page.all(".totals dd")[1].text != "0", "the visitors, which are counted with the flush")
                shot(page, f"statistics{look}")
    finally:
        started.quit()


# --- the film strip ---

FRAME = {"width": 620, "height": 500}
CAPTIONS = {
    "command": "1. The first command",
    "shorten": "2. The printed link signs in: a long URL, an alias",
    "made": "3. The short link and its QR code",
    "scanned": "4. The code in the picture of the page, scanned",
    "arrived": "5. Where it leads",
    "chart": "6. The click in the chart, at once",
}
TERMINAL = """<!doctype html><meta charset="utf-8"><title>strip</title><style>body { margin: 0; background: #16181d; color: #e6e8ee }
pre { font: 14px/1.6 ui-monospace, monospace; padding: 24px; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0 }
b { color: #7fd1a4 }</style><pre><b># %s</b>\n%s</pre>"""
COMMANDS = {"command": "./script/server --detach", "scanned": "zbarimg --quiet --raw screen.png"}
STRIP = """<!doctype html><meta charset="utf-8"><title>strip</title><style>
body { margin: 0; padding: 12px; background: #fff; overflow: hidden; display: grid; grid-template-columns: repeat(3, 420px); gap: 12px; font: 14px system-ui, sans-serif }
figure { margin: 0 } img { width: 420px; border: 1px solid #ccc; box-sizing: border-box; display: block } figcaption { padding: 6px 2px }
</style>%s"""


def show(page, text):
    page.go("data:text/html;base64," + base64.b64encode(text.encode()).decode())


@pytest.mark.skipif(not shutil.which("zbarimg"), reason="zbarimg is not installed")
def test_strip(server, tmp_path):
    """What test_newcomer.py does, in one picture."""
    import newcomer
    said = server.start()
    frames = {}
    started = chromium.Browser()
    try:
        with started.page(**FRAME) as page:
            def see(name, output):
                if name in COMMANDS:
                    show(page, TERMINAL % (COMMANDS[name], html.escape("\n".join(output.splitlines()[:3]))))
                frames[name] = page.driver.get_screenshot_as_base64()
            newcomer.walk(page, said, tmp_path, see)
        figures = "".join(f'<figure><img alt="" src="data:image/png;base64,{frames[name]}"><figcaption>{caption}</figcaption></figure>'
                          for name, caption in CAPTIONS.items())
        with started.page(width=1320, height=800) as page:
            show(page, STRIP % figures)
            page.until(lambda: page.run("return [...document.images].every((one) => one.complete)"), "the pictures")
            shot(page, "strip")
    finally:
        started.quit()
