# SPDX-License-Identifier: MIT
"""Browsers that sign in: cookies as each web server passes them, at the root of a host and in a sub-directory, and the end of
sessions on several hosts."""

import concurrent.futures
import re
import time

import pytest

from client import Client
from conftest import WEB_SERVERS
from stack.process import wait_until

SESSION = "admin/session"
SESSIONS = "api/v1/sessions"
URLS = "api/v1/urls"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
MONTH = 30 * 86400


class Browser(Client):
    """A client that keeps the cookie of a session, and sends the header that a page sends."""

    def __init__(self, host, session=SESSION):
        super().__init__(host.port, host.mount)
        self.session = session
        self.cookie = None
        self.csrf = None

    def ask(self, method, path, body=None, **headers):
        sent = {"User-Agent": FIREFOX, "Content-Type": "application/json", **headers}
        if self.cookie:
            sent.setdefault("Cookie", f"theme=dark; {self.cookie}")
        if self.csrf and method != "GET":
            sent.setdefault("X-Csrf-Token", self.csrf)
        return self.request(method, path, body and body.encode(), {k: v for k, v in sent.items() if v})

    def sign_in(self, what, secret):
        answer = self.ask("POST", self.session, f'{{"{what}": "{secret}"}}')
        if answer.status == 201:
            self.cookie = answer.header("Set-Cookie").split(";")[0]
            self.csrf = answer.json["csrf"]
        return answer

    def is_signed_in(self):
        status = self.ask("GET", self.session).status
        assert status in (200, 401), status
        return status == 200


@pytest.fixture
def user(any_client, names):
    """A user's key: its id and its text."""
    answer = any_client.post({"user": names()}, path="api/v1/keys")
    assert answer.status == 201
    return answer.json


@pytest.fixture(scope="module")
def names():
    made = iter(range(1000))
    return lambda: f"signs-in-{next(made)}"


def signed_in(host, key):
    browser = Browser(host)
    assert browser.sign_in("key", key["secret"]).status == 201
    return browser


def link(tag=None):
    return '{"long_url": "https://example.com/"' + (f', "tags": ["{tag}"]' if tag else "") + "}"


def test_a_browser_signs_in_and_out(host, user):
    browser = Browser(host)
    assert browser.ask("GET", SESSION).status == 401
    answer = browser.sign_in("key", user["secret"])
    assert (answer.status, answer.json["user"], answer.json["role"]) == (201, user["user"], "user")
    assert answer.header("Cache-Control") == "no-store"
    assert re.fullmatch(rf"curt_session=\w{{44}}; Path=/; Max-Age={MONTH}; HttpOnly; SameSite=Strict",
                        answer.header("Set-Cookie"))
    assert browser.ask("GET", SESSION).json == answer.json
    made = browser.ask("POST", URLS, link())
    assert (made.status, made.json["owner"]) == (201, user["user"])
    path = f"{URLS}/{made.json['code']}"
    assert browser.ask("PATCH", path, '{"title": "t"}').json["title"] == "t"
    assert browser.ask("DELETE", path).status == 200
    [listed] = browser.ask("GET", SESSIONS).json["sessions"]
    assert listed["current"] and listed["agent"] == "Firefox on Linux"
    out = browser.ask("DELETE", SESSION)
    assert out.status == 200
    assert out.header("Set-Cookie").startswith("curt_session=; Path=/; Max-Age=0; HttpOnly")
    assert not browser.is_signed_in()


def test_other_sites_are_refused(host, user):
    browser = signed_in(host, user)
    made = browser.ask("POST", URLS, link(), Origin=host.base_url.rstrip("/")).json
    other = ({"Origin": "https://other.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
             {"Sec-Fetch-Site": "same-site"}, {"X-Csrf-Token": ""}, {"X-Csrf-Token": "0" * 44})
    for headers in other:
        browser.ask("POST", URLS, link(), **headers).is_problem(403, "forbidden")
        browser.ask("DELETE", f"{URLS}/{made['code']}", **headers).is_problem(403, "forbidden")
        browser.ask("DELETE", SESSION, **headers).is_problem(403, "forbidden")
    for headers in other[:4]:
        assert Browser(host).ask("POST", SESSION, f'{{"key": "{user["secret"]}"}}', **headers).status == 403
    form = browser.ask("POST", "shorten", "long_url=https%3A%2F%2Fexample.com", **{
        "Content-Type": "application/x-www-form-urlencoded", "X-Csrf-Token": ""})
    form.is_problem(403, "forbidden")
    assert browser.ask("GET", f"{URLS}/{made['code']}").status == 200


def test_a_token_signs_in_once_and_in_time(stack, host, user):
    def offer():
        url = stack.installation.ctl(host.config, "key", "sign-in", str(user["id"])).strip()
        assert url.startswith(f"{host.base_url.rstrip('/')}/admin/#token=")
        return url.partition("#token=")[2]
    token = offer()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(lambda _: Browser(host).sign_in("token", token).status, range(8)))
    assert statuses == [201] + [401] * 7
    late = offer()
    stack.sql("UPDATE sign_in SET expires_at = UNIX_TIMESTAMP() WHERE key_id = %s", user["id"])
    Browser(host).sign_in("token", late).is_problem(401, "unauthorized")
    revoked = offer()
    stack.installation.ctl(host.config, "key", "revoke", str(user["id"]))
    Browser(host).sign_in("token", revoked).is_problem(401, "unauthorized")


def test_sign_ins_at_the_same_time(host, user):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        browsers = list(pool.map(lambda _: signed_in(host, user), range(16)))
    assert len({browser.cookie for browser in browsers}) == 16
    assert all(browser.is_signed_in() for browser in browsers)
    listed = browsers[0].ask("GET", SESSIONS).json["sessions"]
    assert len(listed) == 16 and sum(session["current"] for session in listed) == 1
    assert browsers[0].ask("DELETE", f"{SESSIONS}/{listed[1]['id']}").status == 200
    assert sum(browser.is_signed_in() for browser in browsers) == 15
    assert browsers[0].ask("DELETE", SESSIONS).status == 200
    assert not any(browser.is_signed_in() for browser in browsers)


def test_a_tag_with_a_slash_is_renamed(host, user):
    browser = signed_in(host, user)
    assert browser.ask("POST", URLS, link("a/b c+d")).status == 201
    answer = browser.ask("PATCH", "api/v1/tags/a%2Fb%20c+d", '{"tag": "plain"}')
    assert (answer.status, answer.json["links"]) == (200, 1)
    assert browser.ask("GET", "api/v1/tags").json["tags"] == [{"tag": "plain", "links": 1}]


def test_the_links_of_a_tag_are_counted_up_to_a_number(stack, hosts, user):
    """Counting all links of a tag took longer than mysql.read_timeout where there were three million."""
    browser = signed_in(hosts("lighttpd"), user)
    [(user_id,)] = stack.sql("SELECT user_id FROM api_key WHERE id = %s", user["id"])
    for tag, links, listed in (("some", 9999, 9999), ("many", 10001, 10000)):
        stack.sql(f"INSERT INTO tag (link_id, tag, owner_id) SELECT seq + %s, %s, %s FROM {stack.sequence(links)}",
                  10**12 + links * 10**6, tag, user_id)
        tags = {each["tag"]: each["links"] for each in browser.ask("GET", "api/v1/tags").json["tags"]}
        assert tags[tag] == listed
    stack.sql("DELETE FROM tag WHERE owner_id = %s", user_id)


# What ends a session: a change of its row, or nothing where the session stays.
ENDS = {
    "idle": ("last_used_at = UNIX_TIMESTAMP() - 43200", False),
    "not quite idle": ("last_used_at = UNIX_TIMESTAMP() - 43100", True),
    "old": ("created_at = UNIX_TIMESTAMP() - 2592000", False),
    "not quite old": ("created_at = UNIX_TIMESTAMP() - 2591900", True),
}


@pytest.mark.parametrize("change, stays", ENDS.values(), ids=ENDS.keys())
def test_a_session_ends_by_itself(stack, hosts, user, change, stays):
    browser = signed_in(hosts("lighttpd"), user)
    stack.sql(f"UPDATE session SET {change} WHERE key_id = %s", user["id"])
    answer = browser.ask("GET", SESSION)
    assert answer.status == (200 if stays else 401)
    if not stays:
        assert "Max-Age=0" in answer.header("Set-Cookie")
        assert answer.json["detail"] == "The session has ended: sign in again."


def test_a_session_ends_with_its_key_on_all_hosts_at_once(stack, hosts, user):
    browsers = [signed_in(hosts(web), user) for web in WEB_SERVERS]
    stack.installation.ctl(hosts(WEB_SERVERS[0]).config, "key", "revoke", str(user["id"]))
    assert not any(browser.is_signed_in() for browser in browsers)


def test_the_maintenance_deletes_what_has_ended(stack, hosts, user):
    host = hosts("lighttpd")
    signed_in(host, user)
    stack.installation.ctl(host.config, "key", "sign-in", str(user["id"]))
    stack.sql("UPDATE session SET last_used_at = 1 WHERE key_id = %s", user["id"])
    stack.sql("UPDATE sign_in SET expires_at = 1 WHERE key_id = %s", user["id"])
    assert len(left(stack, user)) == 2
    stack.installation.ctl(host.config, "purge")
    assert not left(stack, user)


def left(stack, user):
    return [row for table in ("session", "sign_in")
            for row in stack.sql(f"SELECT key_id FROM {table} WHERE key_id = %s", user["id"])]


def test_the_database_and_the_logs_know_no_secret(stack, host, user):
    browser = signed_in(host, user)
    token = stack.installation.ctl(host.config, "key", "sign-in", str(user["id"])).strip()[-44:]
    other = Browser(host)
    assert other.sign_in("token", token).status == 201
    browser.ask("GET", "no-such-page-here")
    browser.ask("POST", URLS, link(), **{"X-Csrf-Token": ""})
    marker = f"{URLS}/marker-{int(time.time() * 1000)}"
    browser.ask("GET", marker)
    def written():
        return b"".join(path.read_bytes() for path in stack.logs.rglob("*.log"))
    wait_until(lambda: marker.encode() in written(), 10, "the log line of the last request")
    secrets = (browser.cookie.split("=")[1], browser.csrf, token, other.cookie.split("=")[1], user["secret"])
    for secret in secrets:
        assert secret.encode() not in written()
    rows = str(stack.sql("SELECT * FROM session") + stack.sql("SELECT * FROM sign_in"))
    assert not any(secret in rows for secret in secrets) and "Gecko" not in rows


# --- other sites than those at the root of a host without TLS ---

@pytest.fixture(scope="module", params=WEB_SERVERS)
def below(request, stack):
    host = stack.host(request.param, mount="/s/", workers=2, settings={"pages.path": "/staff/pages"})
    yield host
    host.stop()


def test_in_a_sub_directory(stack, below, user):
    browser = Browser(below, session="staff/pages/session")
    answer = browser.sign_in("key", user["secret"])
    assert answer.status == 201 and "; Path=/s; " in answer.header("Set-Cookie")
    assert browser.is_signed_in()
    assert browser.ask("POST", URLS, link()).status == 201
    assert browser.ask("POST", SESSION, f'{{"key": "{user["secret"]}"}}').status in (404, 405)
    alias = browser.ask("POST", URLS, '{"long_url": "https://example.com/", "custom_alias": "Staff"}')
    alias.is_problem(400, "reserved_alias")
    assert browser.ask("DELETE", browser.session).status == 200
    assert not browser.is_signed_in()
    url = stack.installation.ctl(below.config, "key", "sign-in", str(user["id"]))
    assert "/s/staff/pages/#token=" in url


@pytest.mark.parametrize("base_url, name, path", [("https://short.example", "__Host-curt_session", "/"),
                                                  ("https://short.example/s", "curt_session", "/s")])
def test_with_https(stack, user, base_url, name, path):
    mount = path.rstrip("/") + "/"
    host = stack.host(workers=1, mount=mount, settings={"server.base_url": base_url})
    try:
        browser = Browser(host)
        cookie = browser.sign_in("key", user["secret"]).header("Set-Cookie")
        assert re.fullmatch(rf"{name}=\w{{44}}; Path={path}; Max-Age={MONTH}; HttpOnly; SameSite=Strict; Secure", cookie)
        assert browser.is_signed_in()
        assert browser.ask("POST", URLS, link(), Origin="https://short.example").status == 201
        assert browser.ask("POST", URLS, link(), Origin=f"http://127.0.0.1:{host.port}").status == 403
    finally:
        host.stop()


def test_without_the_database_nobody_is_signed_out(new_stack):
    with new_stack() as stack:
        host = stack.host(workers=1)
        stack.client(host)
        browser = Browser(host)
        assert browser.sign_in("key", stack.key).status == 201
        stack.database.stop()
        answer = browser.ask("GET", SESSION)
        answer.is_problem(503, "unavailable")
        assert answer.header("Set-Cookie") is None and answer.header("Retry-After")
        stack.database.start()
        wait_until(lambda: browser.ask("GET", SESSION).status == 200, 60, "the database to be asked again")
