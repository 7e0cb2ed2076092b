# SPDX-License-Identifier: MIT
"""Texts of strangers on every page, in a real Chromium: none of them is ever more than a text, and browsers that are asked to report what
the pages' policy has refused have nothing to report."""

import dataclasses
import json
import re
import urllib.parse

import pytest

from browser import Keys
from client import Client
from clicking import HUMAN
from reports import Front
from stack.process import wait_until
from test_pages import SOURCES, browser, with_pages  # noqa: F401 (fixtures)

# Each sets `hurt` if it is taken for HTML, for a script, for a template or for an address. None has a comma, which parts tags.
PAYLOADS = {
    "image": '"><img src=x onerror=hurt=1>',
    "script": "</title></style></textarea><script>hurt=1</script>",
    "attribute": "' onfocus='hurt=1' autofocus x=\"",
    "vector": "--></svg><svg onload=hurt=1><!--",
    "template": "${hurt=1}{{hurt=1}}<%=hurt=1%>{n}",
    "address": "javascript:hurt=1//",
    "frame": "<iframe srcdoc='<script>top.hurt=1</script>'>",
    "separators": "\u2028</script><script>hurt=1//\u2029]]>",
}
assert all(len(text.encode()) <= 50 for text in PAYLOADS.values())
EVIL = "".join(PAYLOADS.values())
# What none of these pages has by itself.
FOREIGN = ("[onerror], [onload], [onfocus], [autofocus]:not(button, input), iframe, object, embed, base, "
           "script:not([src]), [srcdoc], [href^='javascript:hurt' i], [src^='javascript:' i], [action^='javascript:' i]")
# Of an operator, who may be as careless: an address, and a picture that would do something if it were a document.
ADDRESS = 'https://example.org/?a="><img/src=x/onerror=hurt=1>'
LOGO = """<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20" onload="top.hurt=1"><script>top.hurt=1</script>
<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" srcdoc="&lt;script>top.hurt=1&lt;/script>"/></foreignObject></svg>"""
HTML = {**HUMAN, "Accept": "text/html"}


@dataclasses.dataclass
class Site:
    """A host whose texts are all a stranger's, behind a front that hears reports."""
    base_url: str
    front: object
    host: object
    settings: dict
    client: object
    codes: dict             # of links, by what is in them
    user: str
    user_key: str

    def pages(self, path):
        return f"{self.base_url}/admin/#/{path}"


def fill(site):
    """Links with each payload in each of their texts, clicks with it in each header, a session with it as the browser's name."""
    for name, text in PAYLOADS.items():
        made = site.client.create(f"https://example.com/{text}?{text}#{text}", title=text, tags=[text.strip()])
        site.codes[name] = made["code"]
        host = re.sub(r"[^a-z]", "", text.lower())[:20]
        for referer in (f"https://{host}.example/{text}", f"https://{text}/", text):
            headers = {"User-Agent": f"{HUMAN['User-Agent']} {text}", "Referer": referer, "Accept-Language": text, "Cookie": f"a={text}"}
            safe = {key: value.encode().decode("latin-1") for key, value in headers.items()}
            assert site.client.get(made["code"], safe).status == 302
    site.codes["all"] = site.client.create(f"https://example.com/{EVIL}?{EVIL}#{EVIL}", title=EVIL[:200])["code"]
    site.codes["limited"] = site.client.create("https://example.com/", title=EVIL[:200], max_clicks=1)["code"]
    for text in (EVIL[:200], *PAYLOADS.values()):
        deleted = site.client.create(f"https://example.com/{text}", title=text, tags=[text.replace(",", "")[:50].strip()])["code"]
        assert site.client.request("DELETE", f"api/v1/urls/{deleted}", headers={"X-Api-Key": site.user_key}).status == 200
    site.codes["over"] = site.client.create("https://example.com/", title=EVIL[:200], max_clicks=1)["code"]
    assert site.client.get(site.codes["over"], HTML).status == 302
    site.codes["later"] = site.client.create("https://example.com/", title=EVIL[:200], starts_at="2040-01-01")["code"]
    changed = site.client.create(f"https://example.com/{EVIL}", title="changed")["code"]
    for text in (*PAYLOADS.values(), EVIL):
        body = json.dumps({"long_url": f"https://example.com/{text}#{text}"}).encode()
        answer = site.client.request("PATCH", f"api/v1/urls/{changed}", body,
                                     {"X-Api-Key": site.user_key, "Content-Type": "application/json"})
        assert answer.status == 200, answer.body
    site.codes["changed"] = changed
    signed_in = site.client.post({"key": site.user_key}, path="admin/session", headers={
        "Authorization": None, "User-Agent": PAYLOADS["image"]})
    assert signed_in.status == 201


@pytest.fixture(scope="module")
def site(stack, with_pages):
    with Front().running() as front:
        base_url = f"http://127.0.0.1:{front.port}/s"
        logo = stack.place.path / "hurt.svg"
        logo.write_text(LOGO, encoding="utf-8")
        logo.chmod(0o644)
        settings = {
            "server.base_url": base_url, "api.anonymous_create": "yes", "pages.root": "home", "clicks.flush_interval": "200ms",
            "limits.creates_per_address": "0", "pages.operator": PAYLOADS["script"] + PAYLOADS["image"],
            "pages.header_logo": logo, "pages.icon": logo, "pages.imprint_url": ADDRESS, "pages.privacy_url": ADDRESS, "pages.abuse": ADDRESS}
        host = stack.host("lighttpd", mount="/s/", settings=settings)
        try:
            front.port_behind = host.port
            user = PAYLOADS["image"] + PAYLOADS["script"]
            key = host.make_key(user=user, role="user", name=EVIL[:90])
            made = Site(base_url, front, host, settings, Client(host.port, host.mount, key=key), {}, user, key)
            fill(made)
            yield made
        finally:
            host.stop()


@pytest.fixture
def member(browser, site):
    """A page with the session of an administrator, who sees everything."""
    with browser.page() as page:
        yield page


def sign_in(page, site, key):
    page.go(site.pages("sign-in"))
    page.one("input[name=key]").send_keys(key, Keys.ENTER)
    page.until(lambda: page.all("nav [href$='#/links']"), "the session")


def pages_of(name):
    """The pages of a table of main.js: MEMBERS, of those who are signed in, and PUBLIC, of everybody."""
    source = (SOURCES / "main.js").read_text(encoding="utf-8")
    table = re.search(rf"const {name} = \{{(.*?)\n\}};", source, re.DOTALL)[1]
    return re.findall(r'^  "?([a-z-]+)"?:', table, re.MULTILINE)


def quoted(text):
    return urllib.parse.quote(text, safe="")


# --- what is walked: a name -> what is gone to, and done there ---


def go(where, ready="main h1"):
    """To an address below the base URL; `ready` is shown there."""
    def walk(page, site):
        page.go(f"{site.base_url}/{where(site) if callable(where) else where}")
        page.one(ready)
    return walk


def document(where):
    """To what is no page of the scripts."""
    return go(where, "body")


def unfold(page):
    """Opens whatever can be opened: options, tables, forms that change something."""
    page.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.run("document.querySelectorAll('main [aria-expanded=false]').forEach((one, n) => n < 3 && one.click())")


def at_home(page, site):
    go("")(page, site)
    unfold(page)
    page.fill("input[name=title]", PAYLOADS["image"])
    page.fill("input[name=tags]", PAYLOADS["frame"])
    page.fill("input[name=alias]", PAYLOADS["attribute"])
    page.one("form button[type=submit]").click()
    page.fill("input[name=url]", PAYLOADS["address"])
    page.one("form button[type=submit]").click()
    page.one("form .error")
    page.fill("input[name=alias]", Keys.BACKSPACE)
    page.fill("input[name=url]", f"https://example.com/{PAYLOADS['vector']}{PAYLOADS['frame']}")
    page.one("form button[type=submit]").click()
    page.one(".made .qr img")


def at_shared(page, site):
    """What another app or a bookmarklet sends."""
    shared = urllib.parse.urlencode({"title": PAYLOADS["image"], "url": f"https://example.com/{PAYLOADS['vector']}", "text": EVIL})
    page.go(f"{site.base_url}/admin/?{shared}")
    page.until(lambda: page.one("input[name=url]").get_attribute("value").startswith("https://example.com/"), "the form has what was shared")


def at_sign_in(page, site):
    go("admin/#/sign-in")(page, site)
    page.one("input[name=key]").send_keys(PAYLOADS["image"], Keys.ENTER)
    page.one("form .error")


def at_token(page, site):
    page.go(f"{site.base_url}/healthz")
    page.go(f"{site.base_url}/admin/#token={quoted(PAYLOADS['script'])}")
    page.one("form .error")


def in_links(page, site):
    """The list, a form, a search that finds nothing, a question, what was deleted."""
    go("admin/#/")(page, site)
    go("admin/#/links", "table.links")(page, site)
    unfold(page)
    page.one("form.edit")
    page.one("tbody input[type=checkbox]").click()
    page.one(".bulk")
    page.click("Delete")
    page.one("dialog")
    page.press(Keys.ESCAPE)
    page.until(lambda: not page.all("dialog"), "the question is gone")
    for field in ("q", "tag", "owner"):
        if page.all(f"input[name={field}]"):
            page.fill(f"input[name={field}]", PAYLOADS["script"])
            page.one("p.empty, table.links")
    go("admin/#/")(page, site)
    go("admin/#/links", "table.links")(page, site)
    page.one("select[name=state] option[value=deleted]").click()
    page.until(lambda: not page.all("button[aria-label^='Edit ']"), "what was deleted")


def history(page, site):
    """Who changed the link, below its form; a user sees its codes alone."""
    go("admin/#/")(page, site)
    go("admin/#/links", "table.links")(page, site)
    page.fill("input[name=q]", "changed")
    page.until(lambda: len(page.all("table.links > tbody > tr")) == 1, "the changed link")
    page.run("document.querySelector('table.links button[aria-expanded=false]').click()")
    page.one(".link-history summary").click()
    page.until(lambda: len(page.all(".link-history .history del")) == len(PAYLOADS) + 1 or not page.all("input[name=owner]"),
               "the changes")


def statistics(name):
    def walk(page, site):
        go(f"admin/#/links/{site.codes[name]}", ".chart canvas")(page, site)
        unfold(page)
    return walk


VISITORS = {
    "home": at_home,
    "home at the pages": go("admin/"),
    "what was shared": at_shared,
    **{name: go(f"admin/#/{name}") for name in pages_of("PUBLIC")},
    "sign in": at_sign_in,
    "sign in by a link": at_token,
    **{f"a page that there is not: {name}": go(f"admin/#/{quoted(text)}") for name, text in PAYLOADS.items()},
    "a page that is a member of every object": go("admin/#/constructor"),
    "an address that is no percent-encoding": go("admin/#/links/%"),
    **{f"preview of {name}": document(lambda site, name=name: f"{site.codes[name]}+") for name in [*PAYLOADS, "all", "limited", "later"]},
    "the end of a link": document(lambda site: site.codes["over"]),
    **{f"no link: {name}": document(f"no-such-{quoted(text)}") for name, text in PAYLOADS.items()},
    "no preview": document(f"no-such-{quoted(EVIL)}+"),
    "a problem of the API": document(f"api/v1/aliases/{quoted(PAYLOADS['script'])}"),
    "another problem": document(lambda site: f"api/v1/urls/{site.codes['all']}/qr?dark={quoted(PAYLOADS['script'])}"),
    "a parameter that there is not": document(f"api/v1/urls?{quoted(PAYLOADS['script'])}={quoted(PAYLOADS['image'])}"),
    **{f"QR codes: {option}": document(lambda site, option=option: f"api/v1/urls/{site.codes['all']}/qr?{option}={quoted(PAYLOADS['image'])}")
       for option in ("format", "size", "level", "margin", "light", "logo")},
    "a QR code": go(lambda site: f"api/v1/urls/{site.codes['all']}/qr?format=svg", "svg"),
    "the API's description": document("api/v1/openapi.json"),
}
MEMBERS = {
    "links": in_links,
    "the history of a link": history,
    **{f"statistics of {name}": statistics(name) for name in [*PAYLOADS, "all"]},
    "statistics of no link": go(f"admin/#/links/{quoted(PAYLOADS['script'])}", ".error"),
    **{name: go(f"admin/#/{name}") for name in pages_of("MEMBERS")},
    "sign in again": go("admin/#/sign-in"),
    "home, signed in": at_home,
    "links as JSON": document("api/v1/urls"),
    "tags as JSON": document("api/v1/tags"),
    "sessions as JSON": document("api/v1/sessions"),
    "keys as JSON": document("api/v1/keys"),
}


def hurt(page):
    """What shows that a text was more than a text."""
    return page.run("return [typeof window.hurt, [...document.querySelectorAll(arguments[0])].map((one) => one.outerHTML)]", FOREIGN)


def walk(page, site, pages):
    """Goes to each page; returns those where a text was more, and what the policy has refused."""
    wrong = {}
    for name, visit in pages.items():
        visit(page, site)
        if not name.startswith(("a QR code", "QR codes")):
            unfold(page)
        found = [*hurt(page), page.refused()]
        if found != ["undefined", [], []]:
            wrong[name] = found
    return wrong


def nothing_was_reported(page, site):
    """Browsers report at once, in order: what the policy refuses now is the first report."""
    page.go(f"{site.base_url}/admin/")
    page.one("main h1")
    page.run("const one = document.createElement('script'); one.textContent = 'window.hurt = 1'; document.body.append(one)")
    wait_until(lambda: site.front.reports, 20, "the report of what was just refused")
    reports = list(site.front.reports)
    site.front.reports.clear()
    page.driver.get_log("browser")
    assert [(one["effective-directive"], one["document-uri"]) for one in reports] == [("script-src-elem", f"{site.base_url}/admin/")]
    assert page.run("return typeof window.hurt") == "undefined"


def test_texts_of_strangers_are_texts_to_visitors(browser, site):
    with browser.page() as page:
        assert walk(page, site, VISITORS) == {}
        nothing_was_reported(page, site)


@pytest.mark.parametrize("who", ["admin", "user"])
def test_texts_of_strangers_are_texts_to_those_who_are_signed_in(stack, browser, site, who):
    with browser.page() as page:
        sign_in(page, site, stack.key if who == "admin" else site.user_key)
        assert walk(page, site, MEMBERS) == {}
        nothing_was_reported(page, site)


@pytest.mark.parametrize("status, setting, value", [(429, "limits.misses_per_address", "1/1h"),
                                                    (503, "mysql.socket", "/nonexistent/mysql")])
def test_an_operators_texts_are_texts_when_nobody_is_served(stack, browser, site, status, setting, value):
    """Nobody can be served: too many guesses, or no database."""
    host = stack.host("lighttpd", mount="/s/", settings={**site.settings, setting: value})
    client = Client(host.port, host.mount)
    before, site.front.port_behind = site.front.port_behind, host.port
    try:
        wait_until(lambda: client.get("no-such-link", HTML).status == status, 20, f"a {status}")
        with browser.page() as page:
            page.go(f"{site.base_url}/no-such-{quoted(EVIL)}")
            page.says(PAYLOADS["script"][:8], "body")
            assert [*hurt(page), [one for one in page.refused() if f"status of {status}" not in one]] == ["undefined", [], []]
            site.front.port_behind = before
            nothing_was_reported(page, site)
    finally:
        site.front.port_behind = before
        host.stop()


@pytest.mark.parametrize("text", PAYLOADS)
def test_whatever_the_api_answers_is_a_text(stack, browser, site, text):
    """Countries, browsers, agents and messages, too, of which a stranger has no say today."""
    with browser.page() as page:
        sign_in(page, site, stack.key)
        site.front.plants = PAYLOADS[text]
        try:
            page.go(f"{site.base_url}/healthz")
            pages = {"statistics": statistics("all"), "links": in_links, **{name: go(f"admin/#/{name}") for name in pages_of("MEMBERS")}}
            assert walk(page, site, pages) == {}
            page.says(PAYLOADS[text].replace("\u2028", "").replace("\u2029", "")[:8].strip(), "footer")
        finally:
            site.front.plants = None
        nothing_was_reported(page, site)


def test_they_are_shown(stack, browser, site):
    """So that the tests above have seen them."""
    text = PAYLOADS["image"]
    with browser.page() as page:
        page.go(f"{site.base_url}/")
        page.says(text, ".name")
        assert text in page.driver.title
        page.go(f"{site.base_url}/{site.codes['image']}+")
        page.says(text, "h1")
        page.go(f"{site.base_url}/{site.codes['limited']}")
        page.one("body")
        sign_in(page, site, site.user_key)
        page.says(f"Signed in as {site.user}", "footer")
        page.go(site.pages("links"))
        for shown in PAYLOADS.values():
            page.until(lambda shown=shown: shown.strip("\u2028")[:20] in page.text(".links"), f"{shown!r} is shown")
        page.go(site.pages(f"links/{site.codes['image']}"))
        page.until(lambda: len(page.all(".breakdown")[0].find_elements("css selector", "tr")) >= 2, "referrers")
        assert page.refused() == []
