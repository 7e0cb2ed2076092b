# SPDX-License-Identifier: MIT
"""Sessions against pages of other origins, in a real Chromium: another site (localhost), and a neighbour, the same host at another port, whose
requests the browser sends with the cookie, as same-site."""

import contextlib
import http.server
import threading

import pytest

from browser import Browser, Keys
from client import Client
from test_pages import browser, page, with_pages  # noqa: F401 (fixtures)

ORIGINS = {"another site": "localhost", "a neighbour": "127.0.0.1"}
FIXED = "0123456789abcdefghijABCDEFGHIJ0123456789abcd"

# Everything that a page of another origin can send; what became of each.
ATTACK = """
const done = arguments[arguments.length - 1], [base, csrf] = arguments, tried = {};
const send = (name, path, options) => fetch(base + path, {credentials: "include", ...options})
    .then((answer) => { tried[name] = answer.type; }, () => { tried[name] = "failed"; });
const link = '{"long_url": "https://evil.example/"}';
const json = {"Content-Type": "application/json"};
(async () => {
    await send("no-cors POST", "/api/v1/urls", {method: "POST", mode: "no-cors", body: link});
    await send("no-cors beacon", "/api/v1/urls", {method: "POST", mode: "no-cors", body: new Blob([link], {type: "text/plain"}), keepalive: true});
    navigator.sendBeacon(base + "/api/v1/urls", link);
    await send("no-cors form", "/shorten", {method: "POST", mode: "no-cors", body: new URLSearchParams({long_url: "https://evil.example/"})});
    await send("no-cors sign-out", "/admin/session", {method: "POST", mode: "no-cors", body: "{}"});
    await send("POST", "/api/v1/urls", {method: "POST", body: link, headers: json});
    await send("POST with the session's text", "/api/v1/urls", {method: "POST", body: link, headers: {...json, "X-Csrf-Token": csrf}});
    await send("DELETE", "/api/v1/urls/mine-alone", {method: "DELETE"});
    await send("DELETE with the session's text", "/api/v1/urls/mine-alone", {method: "DELETE", headers: {"X-Csrf-Token": csrf}});
    await send("PATCH", "/api/v1/urls/mine-alone", {method: "PATCH", body: '{"title": "theirs"}', headers: json});
    await send("a key", "/api/v1/keys", {method: "POST", body: "{}", headers: json});
    await send("sign-out", "/admin/session", {method: "DELETE"});
    await send("sign-out everywhere", "/api/v1/sessions", {method: "DELETE"});
    await send("reading the session", "/admin/session", {});
    await send("reading the links", "/api/v1/urls", {});
    done(tried);
})();
"""


@contextlib.contextmanager
def other_pages():
    """Pages of whoever wants harm; the port at which they are."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = b"<!doctype html><title>Other</title><body><p>Other"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def other_port():
    with other_pages() as port:
        yield port


@pytest.fixture(params=ORIGINS.values(), ids=ORIGINS.keys())
def other(request, other_port):
    """The origin of whoever wants harm."""
    return f"http://{request.param}:{other_port}"


@pytest.fixture(scope="module")
def site(stack):
    host = stack.host("lighttpd", mount="/s/", settings={"limits.creates_per_address": "0", "links.restore_window": "0"})
    yield host
    host.stop()


class Member:
    """A user of the test's own, with a client and a page that is signed in."""
    names = iter(range(1000))

    def __init__(self, site, page, like=None):
        self.site = site
        self.page = page
        self.name = like.name if like else f"origin-{next(self.names)}"
        self.key = like.key if like else site.make_key(user=self.name, role="user")
        self.client = Client(site.port, site.mount, key=self.key)
        self.go("sign-in").one("input[name=key]")

    def go(self, where):
        self.page.go(f"{self.site.base_url}/admin/#/{where}")
        return self.page

    def sign_in(self, key=None):
        self.go("sign-in").one("input[name=key]").send_keys(key or self.key, Keys.ENTER)
        self.page.until(lambda: self.page.all("nav [href$='#/links']"), "the session")
        return self

    def cookie(self):
        return next((one["value"] for one in self.page.driver.get_cookies() if one["name"] == "curt_session"), None)

    def session(self, cookie):
        """What the server answers to whoever has this cookie."""
        answer = self.client.get("admin/session", {"Cookie": f"curt_session={cookie}"})
        return answer.json if answer.status == 200 else answer.status

    def links(self):
        return [link["code"] for link in self.client.get("api/v1/urls", {"X-Api-Key": self.key}).json["links"]]


@pytest.fixture(scope="module")
def second_browser(with_pages):
    started = Browser()
    yield started
    started.quit()


@pytest.fixture
def member(browser, site):
    with browser.page() as page:
        yield Member(site, page).sign_in()


# --- what pages of other origins send ---


def test_no_request_of_another_origin_does_anything(member, other):
    member.client.create("https://example.com/", custom_alias="mine-alone", title="mine")
    cookie = member.cookie()
    csrf = member.session(cookie)["csrf"]
    member.page.go(other)
    tried = member.page.driver.execute_async_script(ATTACK, member.site.base_url, csrf)
    assert {name: "opaque" if name.startswith("no-cors") else "failed" for name in tried} == tried and len(tried) == 14
    assert member.session(cookie)["csrf"] == csrf
    assert member.links() == ["mine-alone"] and member.client.show("mine-alone").json["title"] == "mine"
    assert len(member.client.get("api/v1/keys", {"X-Api-Key": member.key}).json["keys"]) == 1
    member.go("links").says("mine-alone", ".links")
    member.client.request("DELETE", "api/v1/urls/mine-alone", headers={"X-Api-Key": member.key})


FORMS = {
    "a link": ("api/v1/urls", {"long_url": "https://evil.example/"}, "application/x-www-form-urlencoded"),
    "a link by its other path": ("shorten", {"long_url": "https://evil.example/"}, "application/x-www-form-urlencoded"),
    "JSON as text": ("api/v1/urls", {'{"long_url": "https://evil.example/", "title": "': '"}'}, "text/plain"),
    "a sign-in as somebody else": ("admin/session", {'{"key": "KEY", "x": "': '"}'}, "text/plain"),
    "a method in a field": ("api/v1/urls/mine-alone", {"_method": "DELETE"}, "application/x-www-form-urlencoded"),
}


SUBMIT = """
const form = document.createElement("form");
[form.method, form.action, form.enctype] = ["post", arguments[0], arguments[2]];
for (const [name, value] of Object.entries(arguments[1])) {
    const field = document.createElement("input");
    [field.name, field.value] = [name, value];
    form.append(field);
}
document.body.append(form);
form.submit();
"""


def test_no_form_of_another_origin_does_anything(stack, member, other):
    cookie = member.cookie()
    for name, (path, fields, kind) in FORMS.items():
        fields = {field.replace("KEY", stack.key): value for field, value in fields.items()}
        member.page.go(other)
        member.page.run(SUBMIT, f"{member.site.base_url}/{path}", fields, kind)
        member.page.until(lambda: member.page.driver.current_url.startswith(f"{member.site.base_url}/{path}"), f"the answer to {name}")
        assert member.cookie() == cookie and member.session(cookie)["user"] == member.name, name
        assert member.links() == [], name


# --- whose session it is ---


def test_a_session_that_was_there_before_is_not_signed_in(browser, site):
    """Fixation: a known cookie in somebody's browser never becomes that one's session."""
    with browser.page() as page:
        member = Member(site, page)
        page.run("document.cookie = arguments[0]", f"curt_session={FIXED}; path=/s")
        assert member.cookie() == FIXED
        member.sign_in()
        assert member.cookie() not in (None, FIXED)
        assert member.session(FIXED) == 401 and member.session(member.cookie())["user"] == member.name


def test_the_session_of_another_does_not_become_ours(browser, site, other_port):
    """Nor does the session of whoever planted it stay: each has the own one."""
    with browser.page() as page:
        member = Member(site, page)
        thief = Member(site, page).sign_in()
        stolen = thief.cookie()
        page.driver.delete_all_cookies()
        page.driver.add_cookie({"name": "curt_session", "value": stolen, "path": "/s", "httpOnly": True})
        member.go("")
        page.says(f"Signed in as {thief.name}", "footer")
        member.sign_in()
        page.says(f"Signed in as {member.name}", "footer")
        assert member.cookie() != stolen and member.session(member.cookie())["user"] == member.name
        assert member.session(stolen) == 401, "each sign-in ends the session that the browser had"


def test_a_cookie_that_a_neighbour_plants_signs_nobody_in(member, browser, site, other_port):
    """A neighbour can set a cookie for the pages' path beside the session's. It can take the session away, never give another one."""
    page = member.page
    cookie = member.cookie()
    with contextlib.closing(Taking(site)) as thief:
        page.go(f"http://127.0.0.1:{other_port}/")
        for path in ("/s/admin", "/s/api", "/s/admin/session"):
            page.run("document.cookie = arguments[0]", f"curt_session={thief.cookie}; path={path}")
        member.go("links").one("main h1")
        page.until(lambda: not page.all(".links"), "nobody is signed in")
        page.one("input[name=key]")
        assert thief.name not in page.text("body")
        assert member.session(cookie)["user"] == member.name and thief.links() == []


class Taking:
    """Somebody else's session, got without a browser."""

    def __init__(self, site):
        self.name = f"taking-{next(Member.names)}"
        key = site.make_key(user=self.name, role="user")
        self.client = Client(site.port, site.mount, key=key)
        answer = self.client.post({"key": key}, path="admin/session", headers={"Authorization": None})
        self.cookie = answer.header("Set-Cookie").split(";")[0].partition("=")[2]

    def links(self):
        return self.client.get("api/v1/urls", {"X-Api-Key": self.client.key}).json["links"]

    def close(self):
        self.client.request("DELETE", "api/v1/sessions", headers={"Cookie": f"curt_session={self.cookie}"})


def sign_out(member):
    member.page.click("Sign out")


def sign_out_everywhere(member):
    member.go("sessions")
    member.page.click("Sign out everywhere")
    member.page.one("dialog .danger").click()


def revoke(member):
    [key] = member.client.get("api/v1/keys", {"X-Api-Key": member.key}).json["keys"]
    member.site.installation.ctl(member.site.config, "key", "revoke", str(key["id"]))
    member.go("")
    member.go("links")


@pytest.mark.parametrize("end", [sign_out, sign_out_everywhere, revoke])
def test_a_stolen_cookie_ends_with_the_session(member, second_browser, site, end):
    """In another browser, which had it while it was good."""
    cookie = member.cookie()
    with second_browser.page() as page:
        page.go(f"{site.base_url}/healthz")
        page.driver.add_cookie({"name": "curt_session", "value": cookie, "path": "/s", "httpOnly": True, "sameSite": "Strict"})
        page.go(f"{site.base_url}/admin/#/links")
        page.says(f"Signed in as {member.name}", "footer")
        page.one("p.empty, table.links")    # nothing is asked for any more
        end(member)
        member.page.one("nav [href$='sign-in']")
        page.fill("input[name=q]", "any")
        page.one("input[name=key]")
        page.go(f"{site.base_url}/admin/#/sessions")
        page.one("input[name=key]")
        assert page.driver.get_cookies() == []
    assert member.session(cookie) == 401


# --- frames, and windows that others have opened ---

PLACES = {"the pages": "admin/", "a link's statistics": "admin/#/links/any", "the address of the site": "",
          "a preview": "framed+", "another preview": "framed-few+"}
# An error is shown by an iframe alone.
ERRORS = {"what there is not": "no-such-link"}
HOLDERS = {"iframe": "src", "object": "data", "embed": "src"}
HOLD = """
const [kind, attribute, url] = arguments, one = document.createElement(kind);
one.setAttribute(attribute, url);
document.body.replaceChildren(one);
"""


@pytest.fixture(scope="module")
def framed(stack, site):
    """The links of PLACES."""
    client = stack.client(site)
    client.create("https://example.com/", custom_alias="framed")
    client.create("https://example.com/", custom_alias="framed-few", max_clicks=1)


def test_no_other_page_has_it_in_a_frame(member, site, other, framed):
    page = member.page
    page.go(other)
    for holder, attribute in HOLDERS.items():
        for name, path in {**PLACES, **(ERRORS if holder == "iframe" else {})}.items():
            page.driver.get_log("browser")
            page.run(HOLD, holder, attribute, f"{site.base_url}/{path}")
            page.until(lambda: any("frame-ancestors" in line["message"] for line in page.driver.get_log("browser")),
                       f"{name} is refused in {holder}")


def test_a_window_that_another_page_opened_is_out_of_its_reach(member, site, other):
    page = member.page
    page.go(other)
    here = page.driver.current_window_handle
    page.run("window.opened = open(arguments[0])", f"{site.base_url}/admin/#/links")
    there = page.until(lambda: next((one for one in page.driver.window_handles[::-1] if one != here and is_ours(page, one, site)), None),
                       "the window")
    page.driver.switch_to.window(here)
    reached = page.run("try { return opened.document.body.textContent } catch (error) { return error.name }")
    assert reached == "SecurityError"
    page.driver.switch_to.window(there)
    page.driver.close()
    page.driver.switch_to.window(here)


def is_ours(page, handle, site):
    page.driver.switch_to.window(handle)
    return page.driver.current_url.startswith(site.base_url)


# --- several sign-ins ---


def test_windows_that_sign_in_at_the_same_time(browser, site):
    """Two windows of one browser share a cookie: the last sign-in counts, and both go on with it."""
    with browser.page() as page:
        member = Member(site, page)
        first = page.driver.current_window_handle
        page.driver.switch_to.new_window("tab")
        second = page.driver.current_window_handle
        member.go("sign-in").one("input[name=key]").send_keys(member.key)
        page.driver.switch_to.window(first)
        page.one("input[name=key]").send_keys(member.key)
        for window in (first, second):
            page.driver.switch_to.window(window)
            page.run("document.querySelector('form button[type=submit]').click()")
        for window in (first, second):
            page.driver.switch_to.window(window)
            page.says(f"Signed in as {member.name}", "footer")
        for number, window in enumerate((first, second)):
            page.driver.switch_to.window(window)
            page.fill("input[name=url]", f"https://example.com/window-{number}")
            page.one("form button[type=submit]").click()
            page.one(".made .short a")
        assert len(member.links()) == 2
        sessions = member.client.get("api/v1/sessions", {"Cookie": f"curt_session={member.cookie()}"}).json["sessions"]
        assert [one["current"] for one in sessions].count(True) == 1
        page.driver.switch_to.window(second)
        page.driver.close()
        page.driver.switch_to.window(first)


def test_a_window_does_nothing_for_who_signed_in_in_another(browser, site):
    """It says who is signed in now, and has made nothing."""
    with browser.page() as page:
        member = Member(site, page).sign_in()
        first = page.driver.current_window_handle
        page.driver.switch_to.new_window("tab")
        guest = Member(site, page).sign_in()
        page.driver.close()
        page.driver.switch_to.window(first)
        page.fill("input[name=url]", "https://example.com/whose")
        page.one("form button[type=submit]").click()
        page.says(f"Signed in as {guest.name}", "footer")
        assert member.links() == guest.links() == []


def test_browsers_that_sign_in_at_the_same_time(member, second_browser, site):
    """Each has a session of its own, and ends the other's only on purpose."""
    with second_browser.page() as page:
        twin = Member(site, page, like=member).sign_in()
        assert twin.cookie() != member.cookie()
        assert twin.session(twin.cookie())["csrf"] != member.session(member.cookie())["csrf"]
        twin.go("sessions")
        page.until(lambda: len(page.all("main tbody tr")) == 2, "two sessions")
        page.click("Sign out")
        page.one("nav [href$='sign-in']")
        member.go("")
        member.go("sessions").until(lambda: len(member.page.all("main tbody tr")) == 1, "one session")
