# SPDX-License-Identifier: MIT
"""Faults of other shorteners, each tried on this one."""

import json
import re
import socket
import urllib.parse

import pytest

from client import Client
from conftest import SOURCES, WEB_SERVERS

URL = "https://example.com/safe"
MARK = "<script>alert(1)</script>"
COOKIES = "session=1; admin=1; yourls_admin=1; PHPSESSID=0"
HTML = {"Accept": "text/html"}


def use(client, key, header="Authorization"):
    value = f"Bearer {key}" if header == "Authorization" else key
    return client.post({"long_url": URL}, headers={"Authorization": None, header: value})


# --- logging in ---------------------------------------------------------------------------------

NO_KEYS = ["0", "00", "1", "true", "null", "[]", "{}", "0e123", "0e462097431906509019562988736854",
           "240610708", "' OR '1'='1", "admin", "curt_", "curt_1", "curt_1_", "curt__", "curt_0_0",
           "curt_1_0e0", "curt_1_true", "%00", "*", "Array"]


@pytest.mark.parametrize("header", ["Authorization", "X-Api-Key"])
@pytest.mark.parametrize("key", NO_KEYS)
def test_what_is_no_key_logs_nobody_in(any_client, key, header):
    use(any_client, key, header).is_problem(401, "unauthorized")


def changed(key):
    """Keys that are nearly the one, each wrong in its own way."""
    prefix, number, secret = key.split("_")
    yield f"{prefix}_{number}_{secret[:-1]}"
    yield f"{prefix}_{number}_{secret}0"
    yield f"{prefix}_{number}_{secret[:-1]}{'0' if secret[-1] != '0' else '1'}"
    yield f"{prefix}_{number}_{'0' if secret[0] != '0' else '1'}{secret[1:]}"
    yield f"{prefix}_{number}_{secret.swapcase()}"
    yield f"{prefix}_{number}_{'0' * len(secret)}"
    yield f"{prefix}_9999_{secret}"
    yield f"{prefix.upper()}_{number}_{secret}"
    yield f"{key},{key}"
    yield f'"{key}"'
    yield secret


def test_a_key_is_right_to_the_last_byte(any_client):
    assert use(any_client, any_client.key).status == 201
    for key in changed(any_client.key):
        use(any_client, key).is_problem(401, "unauthorized")


def test_the_secret_of_one_key_opens_no_other(stack, hosts):
    ann = hosts("lighttpd").make_key(user="sec-ann", role="user", name="a")
    admin = stack.key
    crossed = "_".join(admin.split("_")[:2] + ann.split("_")[2:])
    use(stack.client(hosts("lighttpd")), crossed).is_problem(401, "unauthorized")


@pytest.mark.parametrize("name", ["key", "api_key", "apikey", "signature", "token", "access_token",
                                  "username", "X-Api-Key"])
def test_keys_do_not_travel_in_urls(any_client, name):
    path = f"api/v1/urls?{name}={any_client.key}"
    any_client.post({"long_url": URL}, path=path, headers={"Authorization": None}).is_problem(
        401, "unauthorized")


def test_keys_are_kept_as_hashes_alone(stack, hosts):
    host = hosts("lighttpd")
    client = stack.client(host)
    assert client.create(URL)
    secret = client.key.split("_")[2]
    for (table,) in stack.sql("SHOW TABLES"):
        assert secret not in repr(stack.sql(f"SELECT * FROM `{table}`"))
    assert secret not in stack.log(host)
    ((size,),) = stack.sql("SELECT MIN(LENGTH(hash)) FROM api_key")
    assert size == 32


# --- becoming an admin ---------------------------------------------------------------------------

@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["setup", "install", "admin/install.php", "admin/setup", "register",
                                  "login", "api/v1/setup", "api/v1/install", "api/v1/users",
                                  "create-admin", ".env", "wp-login.php", "curt.conf"])
def test_there_is_no_setup_to_run_again(any_client, method, path):
    body = b"username=evil&password=evil&admin=1" if method == "POST" else None
    answer = any_client.request(method, path, body, {"Cookie": COOKIES})
    assert answer.status in (401, 404, 405), answer.status


def test_migrating_again_makes_nobody_an_admin(stack, hosts):
    host = hosts("lighttpd")
    count = "SELECT (SELECT COUNT(*) FROM user), (SELECT COUNT(*) FROM api_key)"
    code_key = "SELECT value FROM setting WHERE name = 'code_key'"
    before = stack.sql(count), stack.sql(code_key)
    host.migrate()
    assert (stack.sql(count), stack.sql(code_key)) == before


@pytest.mark.parametrize("member", [{"owner": "sec-nobody"}, {"owner_id": 1}, {"role": "admin"},
                                    {"id": 1}, {"code": "mine"}, {"clicks": 10**6},
                                    {"__proto__": {"role": "admin"}}, {"is_admin": True}])
def test_members_nobody_offered_are_refused(any_client, member):
    any_client.post({"long_url": URL, **member}).is_problem(400, "invalid_field")
    many = any_client.post({"links": [{"long_url": URL, **member}]}, path="api/v1/urls/bulk")
    assert [result["status"] for result in many.json["results"]] == [400]
    before = any_client.create(URL)
    path = f"api/v1/urls/{before['code']}"
    for method in ("PUT", "PATCH"):
        any_client.request(method, path, json.dumps(member).encode(), {
            "Authorization": f"Bearer {any_client.key}", "Content-Type": "application/json"}
        ).is_problem(400, "invalid_field")
    assert any_client.show(before["code"]).json == before


@pytest.mark.parametrize("body", [{"role": "admin"}, {"user": "admin"}, {"user": "admin", "role": "admin"},
                                  {"user": "sec-mallory", "role": "admin"}, {"user": "sec-mallory"}])
def test_users_make_nobody_an_admin(stack, hosts, body):
    host = hosts("lighttpd")
    eve = Client(host.port, host.mount, key=host.make_key(user="sec-eve", role="user", name="e"))
    before = stack.sql("SELECT COUNT(*) FROM api_key"), stack.sql("SELECT name, role FROM user")
    eve.post(body, path="api/v1/keys").is_problem(403, "forbidden")
    assert (stack.sql("SELECT COUNT(*) FROM api_key"), stack.sql("SELECT name, role FROM user")) == before


def test_a_key_of_another_is_out_of_reach(stack, hosts):
    host = hosts("lighttpd")
    eve = Client(host.port, host.mount, key=host.make_key(user="sec-eve", role="user", name="e"))
    number = stack.key.split("_")[1]
    authorised = {"Authorization": f"Bearer {eve.key}"}
    eve.request("DELETE", f"api/v1/keys/{number}", headers=authorised).is_problem(404, "not_found")
    assert use(eve, stack.key).status == 201
    listed = eve.request("GET", "api/v1/keys", headers=authorised).json["keys"]
    assert {key["user"] for key in listed} == {"sec-eve"}
    eve.request("GET", "api/v1/urls?owner=admin", headers=authorised).is_problem(403, "forbidden")


def test_links_of_others_do_not_exist(stack, hosts):
    host = hosts("lighttpd")
    mine = stack.client(host).create(URL)["code"]
    other = Client(host.port, host.mount, key=host.make_key(user="sec-eve", role="user", name="e"))
    other.show(mine).is_problem(404, "not_found")
    for method in ("DELETE", "PUT", "PATCH"):
        answer = other.request(method, f"api/v1/urls/{mine}", b'{"long_url": "https://evil.example/"}',
                               {"Authorization": f"Bearer {other.key}",
                                "Content-Type": "application/json"})
        assert answer.status in (404, 405)
    assert stack.client(host).get(mine).location == URL


# --- other people's browsers ---------------------------------------------------------------------

def test_cookies_are_neither_set_nor_believed(client):
    link = client.create(URL)["code"]
    answers = [client.get("", HTML), client.get(link), client.get("nobody", HTML),
               client.show(link), client.show(link, Cookie=COOKIES)]
    assert answers[-1].status == 401
    for answer in answers:
        assert answer.header("Set-Cookie") is None


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=b", "application/json, text/plain",
                                  "application/jsonx", ""])
def test_forms_of_other_sites_make_nothing(stack, hosts, kind):
    """A page can post these without asking (they are "simple"); JSON it cannot."""
    client = stack.client(hosts("lighttpd"))
    body = b'{"long_url": "https://example.com/csrf"}'
    client.post(body, headers={"Content-Type": kind}).is_problem(415, "unsupported_media_type")


def test_forms_of_other_sites_make_nothing_where_anybody_may(stack):
    """A form is "simple", too: a page of another site may not use its visitors to make links. curl, the site's own pages
    and origins that are allowed may."""
    host = stack.host(settings={"api.anonymous_create": "yes", "api.cors_origins": "https://app.example",
                                "limits.creates_per_address": "0"})
    client = stack.client(host)
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    def post(**headers):
        return client.request("POST", "api/v1/urls", b"long_url=https://example.com/form", {**form, **headers})
    own = host.base_url
    for origin in ("https://evil.example", "null", "https://app.example.evil.example", own + ".evil.example"):
        post(Origin=origin).is_problem(415, "unsupported_media_type")
        assert post(Origin=origin, Authorization=f"Bearer {client.key}").status == 201
    for headers in ({}, {"Origin": own}, {"Origin": "https://app.example"}):
        assert post(**headers).status == 201


@pytest.mark.parametrize("path", ["", "nobody", "api/v1/urls/nobody", "healthz"])
@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "POST"])
def test_nothing_changes_without_a_key(client, method, path):
    answer = client.request(method, path, b"{}", {"Content-Type": "application/json",
                                                  "Cookie": COOKIES,
                                                  "Origin": "https://evil.example"})
    assert answer.status in (401, 404, 405)
    assert answer.header("Access-Control-Allow-Origin") is None


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("name", ["callback", "jsonp", "cb", "jsonpCallback"])
def test_no_callback_comes_back(any_client, name, method):
    for path in ("api/v1/urls/nobody", "api/v1/urls", "nobody", "healthz", "api/v1/problems/none"):
        for headers in ({}, {"Authorization": "Bearer curt_1_no"}):
            answer = any_client.request(method, f"{path}?{name}=alert(document.domain)",
                                        b"" if method == "POST" else None, headers)
            assert b"alert" not in answer.body
            assert "javascript" not in (answer.header("Content-Type") or "")


@pytest.mark.parametrize("where", ["path", "query", "referrer", "agent", "request id", "host"])
def test_pages_show_nothing_that_visitors_send(client, where):
    quoted = urllib.parse.quote(MARK)
    path = {"path": quoted, "query": f"nobody?{quoted}"}.get(where, "nobody")
    headers = {**HTML, **{"referrer": {"Referer": f"https://evil.example/{MARK}"},
                          "agent": {"User-Agent": MARK}, "request id": {"X-Request-Id": MARK},
                          "host": {"X-Forwarded-Host": MARK}}.get(where, {})}
    answer = client.get(path, headers)
    assert answer.status == 404
    assert b"alert(1)" not in answer.body and quoted.encode() not in answer.body
    assert not any("alert" in value for _, value in answer.headers)


def test_pages_run_no_script(client):
    for answer in (client.get("", HTML), client.get("nobody", HTML)):
        assert answer.type == "text/html"
        assert b"<script" not in answer.body and not re.search(rb"\son\w+=", answer.body)
        policy = answer.header("Content-Security-Policy")
        assert "default-src 'none'" in policy and "script-src" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.header("X-Content-Type-Options") == "nosniff"


def test_what_people_write_is_data(client):
    """Markup in a URL or a title is returned as JSON, which no browser renders as a page."""
    link = client.create(f"https://example.com/?q={MARK}", title=MARK)
    assert link["title"] == MARK
    answer = client.show(link["code"], Authorization=f"Bearer {client.key}", **HTML)
    assert answer.type == "application/json"
    assert answer.header("X-Content-Type-Options") == "nosniff"
    redirect = client.get(link["code"], HTML)
    assert redirect.status == 302 and redirect.body == b""


def test_our_scripts_write_no_markup():
    sources = [path for kind in ("*.js", "*.mjs", "*.html") for path in (SOURCES / "www").rglob(kind)]
    assert sources
    for path in sources:
        text = path.read_text(encoding="utf-8")
        found = re.search(r"(inner|outer)HTML|insertAdjacentHTML|document\.write|\beval\(|new Function",
                          text)
        assert not found, f"{path.name} uses {found[0]}"


# --- where links lead ----------------------------------------------------------------------------

@pytest.mark.parametrize("url", [
    "javascript:alert(1)", "JAVASCRIPT:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)",
    "java\nscript:alert(1)", "\x01javascript:alert(1)", "javascript://example.com/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>", "vbscript:msgbox(1)", "view-source:https://a.example/",
    "blob:https://a.example/1", "//evil.example/", "\\\\evil.example\\", "https:evil.example",
    "https:///evil.example", "https://user@evil.example/", "https://good.example@evil.example/",
    "https://good.example\\@evil.example/"])
def test_links_lead_to_the_web_alone(any_client, url):
    answer = any_client.post({"long_url": url})
    assert answer.status == 400
    assert answer.json["code"] in ("unsupported_scheme", "invalid_url")


@pytest.mark.parametrize("name", ["url", "u", "to", "next", "dest", "redirect", "return", "target",
                                  "long_url", "goto", "r"])
def test_no_parameter_moves_a_link(any_client, name):
    code = any_client.create(URL)["code"]
    for value in ("https://evil.example/", "//evil.example", "%2f%2fevil.example"):
        assert any_client.get(f"{code}?{name}={value}").location == URL


@pytest.mark.parametrize("path", ["/evil.example", "/evil.example/", "/evil.example/..", "\\evil.example",
                                  "%2fevil.example", "%5cevil.example", "https://evil.example/",
                                  "evil.example", ".evil.example", "?https://evil.example"])
def test_no_path_is_a_redirect(client, path):
    answer = client.get(path)
    assert answer.location is None or "//evil.example" not in answer.location


@pytest.mark.parametrize("name,value", [
    ("X-Forwarded-Host", "evil.example"), ("Forwarded", "host=evil.example"),
    ("X-Original-URL", "/evil"), ("X-Rewrite-URL", "/evil"), ("X-Forwarded-Proto", "gopher")])
def test_short_urls_are_of_the_configured_host(stack, hosts, name, value):
    host = hosts("lighttpd")
    client = stack.client(host)
    link = client.post({"long_url": URL}, headers={name: value}).json
    assert link["short_url"] == f"{host.base_url.rstrip('/')}/{link['code']}"


def test_the_host_header_names_nothing(client):
    body = b'{"long_url": "https://example.com/"}'
    answer = client.raw(b"POST " + client.mount.encode() + b"api/v1/urls HTTP/1.1\r\nHost: evil.example\r\n"
                        b"Connection: close\r\nContent-Type: application/json\r\n"
                        b"Authorization: Bearer " + client.key.encode() + b"\r\n"
                        b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert b" 201 " in answer.split(b"\r\n")[0] and b"evil.example" not in answer


def test_no_line_break_reaches_a_header(client):
    link = client.create("https://example.com/a\r\nSet-Cookie: a=b\r\n\r\n<script>")
    answer = client.get(link["code"])
    assert answer.header("Set-Cookie") is None
    assert answer.location == "https://example.com/aSet-Cookie:%20a=b%3Cscript%3E"
    for path in ("a%0d%0aSet-Cookie:a=b", f"{link['code']}?a%0d%0aSet-Cookie:a=b"):
        assert client.get(path).header("Set-Cookie") is None


def test_nobody_is_fetched(stack, hosts):
    """Creating a link makes no connection: no title, no preview, no check that the target exists."""
    client = stack.client(hosts("lighttpd"))
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.3)
        port = trap.getsockname()[1]
        link = client.create(f"http://127.0.0.1:{port}/")
        assert client.show(link["code"]).json["title"] is None
        assert client.get(link["code"]).status == 302
        with pytest.raises(TimeoutError):
            trap.accept()


# --- forged client addresses -------------------------------------------------------------------

def test_nobody_is_believed_about_the_address(stack):
    """Without trusted proxies, all of these are one visitor."""
    host = stack.host("lighttpd", settings={"api.anonymous_create": "yes",
                                            "limits.creates_per_address": "5/1d"})
    client = stack.client(host)
    names = ["X-Forwarded-For", "X_Forwarded_For", "Forwarded", "X-Real-IP", "Client-IP", "Via",
             "X-Client-IP", "CF-Connecting-IP", "True-Client-IP", "Remote-Addr", "REMOTE_ADDR"]
    made = [client.post({"long_url": URL}, headers={"Authorization": None, name: f"198.51.100.{i}"})
            for i, name in enumerate(names)]
    assert [answer.status for answer in made].count(201) == 5


@pytest.mark.parametrize("web", WEB_SERVERS)
def test_an_underscore_is_no_hyphen(stack, web):
    """What a proxy lets through because it does not know it must not pass for its own word."""
    host = stack.host(web, settings={"api.anonymous_create": "yes",
                                     "server.trusted_proxies": "127.0.0.1",
                                     "limits.creates_per_address": "5/1d"})
    client = stack.client(host)
    statuses = [client.post({"long_url": URL},
                            headers={"Authorization": None, first: value, second: other}).status
                for i in range(10)
                for name in ("X_Forwarded_For", "x-forwarded_for", "X_FORWARDED-FOR")
                for first, value, second, other in [
                    ("X-Forwarded-For", "192.0.2.1", name, f"198.51.100.{i}"),
                    (name, f"198.51.100.{i}", "X-Forwarded-For", "192.0.2.1")]]
    # docs/web-servers.md: lighttpd 1.4.85 lets none of these names through.
    assert statuses == [400] * 60 or (statuses.count(201) == 5 and statuses.count(429) == 55)


# --- too much ------------------------------------------------------------------------------------

def test_deep_json_is_refused(any_client):
    for body in (b"[" * 50000, b'{"a":' * 10000, b'{"long_url":' + b"[" * 20 + b"]" * 20 + b"}"):
        assert any_client.post(body).status == 400


def test_too_large_is_told(client):
    body = json.dumps({"long_url": URL, "title": "a" * 100_000}).encode()
    client.post(body).is_problem(413, "payload_too_large")
    assert client.get("healthz").status == 200


def test_errors_tell_nothing_of_the_inside(client):
    for answer in (client.get("nobody"), client.post(b"{"), client.show("nobody", Authorization="x"),
                   client.post({"long_url": "http://" + "a" * 300})):
        text = answer.body.decode().lower()
        assert not re.search(r"mysql|mariadb|sql|memcached|\.c:|/usr|/tmp|stack|errno", text), text
