# SPDX-License-Identifier: MIT
"""Every kind of answer passes each web server unchanged: status, headers, body. test_before_curt.py has what the
servers answer themselves."""

import re

import pytest

from client import Client
from fronts import CURT, FRONTS, as_json, fronts
from test_openapi import CREATES, METHODS, Description

URLS, KEYS = "api/v1/urls", "api/v1/keys"
SESSION, SESSIONS = "admin/session", "api/v1/sessions"
LONG_URL = "https://example.com/a?q=%2B#f"
LONGEST = "https://example.com/" + "l" * 7980      # 8,000 bytes
FORWARDED = "https://example.com/" + "f" * 7970
FUTURE = "2099-01-01T00:00:00Z"
STATUSES = (301, 302, 303, 307, 308)
LONG_PATH = ("p" * 249 + "/") * 14
EXTRA_PATHS = ("more", "more/", "/", "a//b", "a/b/c?x=1", "%7Ea%5Fb", "a%20b%22%3C", "a'\"<>^`{|}b", "\xe9/%C3%A9",
               "a;b=c:d,e@f", "%25%23%26%2B", "a\\b", "a%5Cb", "%3Fx", "x.php/y", ".htaccess", LONG_PATH)
BROWSER = {"Accept": "text/html", "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0"}
ORIGIN = {"Origin": "https://page.example"}
SETTINGS = {"server.trusted_proxies": "127.0.0.1", "server.max_body": "16k", "api.max_bulk_body": "64k",
            "api.cors_origins": ORIGIN["Origin"], "cache.edge_ttl": "60s",
            "limits.misses_per_address": "3/1d", "limits.creates_per_user": "500/1d",
            "links.id_reserve": "10000", "metrics.allow": "127.0.0.1",
            "clicks.flush_interval": "1h"}


class Asked:
    """Requests through one front, in order, and what was answered."""

    def __init__(self, front):
        self.front = front
        self.answers = {}
        self.visitors = 0
        self.part, self.number = "", 0
        self.key = front.key
        self.user = None

    def ask(self, status, method, path, body=None, key=None, **headers):
        """One case: with a body of JSON (or of bytes), with a key or none."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, bytes):
            body = as_json(body)
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        if key:
            headers["Authorization"] = f"Bearer {key}"
        # Each is another client, otherwise one would ask for too many unknown codes.
        self.visitors += 1
        self.number += 1
        headers.setdefault("X-Forwarded-For", f"198.51.100.7, {self.address(self.visitors)}")
        answer = self.front.ask(method, path, headers, body)
        name = f"{self.part} {self.number}: {method} {self.front.plain(path)[:60]}"
        assert answer.status == status, f"{self.front.name} {name}: {answer.status} {answer.body[:300]}"
        self.answers[name] = (method, path.split("?")[0], answer)
        return answer

    def address(self, number):
        """Of a visitor of this front alone."""
        return f"192.{number // 250}.{self.front.tag[1]}.{number % 250}"

    def run(self, part):
        self.part, self.number = part.__name__, 0
        part(self)

    def both(self, status, path, key=None, **headers):
        """GET, and the same head by HEAD."""
        for method in ("GET", "HEAD"):
            answer = self.ask(status, method, path, key=key, **headers)
        assert answer.body == b""


def tag(asked, name):
    return f"{asked.front.tag}-{name}"


def make_user(asked):
    made = asked.ask(201, "POST", KEYS, {"user": asked.front.tag, "name": "laptop"}, asked.key)
    asked.user = made.json["secret"]


def visits(asked):
    for status in STATUSES:
        code = tag(asked, status)
        asked.ask(201, "POST", URLS, {"long_url": LONG_URL, "custom_alias": code, "redirect_status": status},
                  asked.user)
        for path in (code, f"{code}/", f"{code}?x=%41%zz"):
            asked.both(status, path)
    links = {"long": {"long_url": LONGEST}, "once": {"long_url": LONG_URL, "max_clicks": 1},
             "later": {"long_url": LONG_URL, "starts_at": FUTURE},
             "sends": {"long_url": LONG_URL, "starts_at": FUTURE, "not_started_url": LONGEST},
             "spent": {"long_url": LONG_URL, "max_clicks": 1, "expired_url": LONGEST},
             "on": {"long_url": LONG_URL, "forward_query": True},
             "far": {"long_url": FORWARDED, "forward_query": True},
             "adds": {"long_url": LONG_URL, "extra_path": "append", "forward_query": True},
             "adds-far": {"long_url": FORWARDED, "extra_path": "append"}}
    for name, link in links.items():
        asked.ask(201, "POST", URLS, {**link, "custom_alias": tag(asked, name)}, asked.user)
    asked.both(302, tag(asked, "long"))
    for query in ("?x=1", "?a=%2B&b='\"<>%zz%c3|", "?" + "q" * 4095, "?" + "q" * 4096):
        asked.both(302, tag(asked, "on") + query)
    for length in (180, 188, 189, 190, 4000):
        asked.both(302, tag(asked, "far") + "?" + "q" * length)
    for path in EXTRA_PATHS:
        asked.both(302, f"{tag(asked, 'adds')}/{path}")
    asked.both(302, f"{tag(asked, 'adds-far')}/{'p' * 9}")
    asked.both(404, f"{tag(asked, 'adds-far')}/{'p' * 10}")
    asked.both(404, f"{tag(asked, 'adds')}/{('<' * 199 + '/') * 7}")      # longer than 4,096 bytes, once encoded
    for path in ("..", "../x", "%2e%2e/x", "x/.%2E/y"):
        asked.both(404, f"{tag(asked, 'adds')}/{path}")
    asked.both(302, tag(asked, "sends"))
    asked.ask(302, "GET", tag(asked, "spent"), **BROWSER)
    asked.both(302, tag(asked, "spent"))
    asked.both(200, tag(asked, "once"))
    asked.ask(302, "GET", tag(asked, "once"), **BROWSER)
    asked.both(410, tag(asked, "once"))
    asked.both(410, tag(asked, "once"), **BROWSER)
    for path in (tag(asked, "later"), "no.code", "nothing-here", "a/b", "y/%2e%2e/x", "x//y", "x/./y",
                 "curt.fcgi", "index.html", "c" * 250, "%C3%A9", "\xe9", "'\"<>^`{|}"):
        asked.both(404, path)
        asked.both(404, path, **BROWSER)
    for _ in range(3):
        asked.ask(404, "GET", "nothing-here", X_Forwarded_For=asked.address(60000))
    asked.both(429, "nothing-here", X_Forwarded_For=asked.address(60000))
    asked.both(429, "nothing-here", **BROWSER, X_Forwarded_For=asked.address(60000))


def methods(asked):
    """What a path does not take, and what it takes."""
    paths = (tag(asked, 302), "", "healthz", URLS, f"{URLS}/bulk", f"{URLS}/x", f"{URLS}/x/stats", KEYS,
             f"{KEYS}/1", "api/v1/openapi.json", "nothing/here", "api/nothing/here")
    for path in paths:
        known = 404 if path == "api/nothing/here" else 204
        asked.ask(known, "OPTIONS", path)
        asked.ask(known, "OPTIONS", path, **ORIGIN, Access_Control_Request_Method="POST")
    for method, path in (("POST", ""), ("PUT", tag(asked, 302)), ("PATCH", "healthz"), ("DELETE", URLS)):
        asked.ask(405, method, path, b"{}")


def creates(asked):
    for number, path in enumerate(CREATES):
        link = {"long_url": LONG_URL, "custom_alias": tag(asked, f"made{number}"), "title": "K\u00e4se"}
        asked.ask(201, "POST", path, link, asked.user, Idempotency_Key=tag(asked, number))
        asked.ask(201, "POST", path, link, asked.user, Idempotency_Key=tag(asked, number))
        asked.ask(409, "POST", path, {**link, "title": "other"}, asked.user,
                  Idempotency_Key=tag(asked, number))
        asked.ask(200, "POST", path, {**link, "reuse": True}, asked.user)
        asked.ask(200, "POST", path, {**link, "reuse": True}, asked.user, **ORIGIN)
        asked.ask(409, "POST", path, link, asked.user)
        asked.ask(400, "POST", path, b"{", asked.user)
        asked.ask(400, "POST", path, {"long_url": "nonsense"}, asked.user)
        asked.ask(401, "POST", path, link)
        asked.ask(401, "POST", path, link, "curt_1_wrong")
        asked.ask(413, "POST", path, b"[" * 20000, asked.user)
        asked.ask(415, "POST", path, b"long_url=x", asked.user, Content_Type="text/plain")
        asked.ask(415, "POST", path, b"", asked.user, Content_Type="text/plain")
    bulk = f"{URLS}/bulk"
    links = [{"long_url": LONG_URL, "custom_alias": tag(asked, f"bulk{number}")} for number in range(50)]
    asked.ask(207, "POST", bulk, {"links": links}, asked.user)
    asked.ask(207, "POST", bulk, {"links": links[:2] + [{"long_url": "nonsense"}]}, asked.user)
    asked.ask(400, "POST", bulk, {"links": []}, asked.user)
    asked.ask(401, "POST", bulk, {"links": links})
    asked.ask(413, "POST", bulk, b" " * 70000, asked.user)
    asked.ask(415, "POST", bulk, b"", asked.user, Content_Type="text/csv")


def links(asked):
    path = f"{URLS}/{tag(asked, 302)}"
    asked.both(200, path, asked.user)
    asked.both(200, path, asked.user, **ORIGIN)
    asked.both(401, path)
    asked.both(404, f"{URLS}/nothing-here", asked.user)
    asked.both(404, f"{URLS}/nothing-here", asked.user, **BROWSER)
    for method in ("PATCH", "PUT"):
        asked.ask(200, method, path, {"title": method}, asked.user)
        asked.ask(400, method, path, {"tags": "x"}, asked.user)
        asked.ask(401, method, path, {"title": "T"})
        asked.ask(404, method, f"{URLS}/nothing-here", {"title": "T"}, asked.user)
        asked.ask(409, method, path, {"custom_alias": tag(asked, 301)}, asked.user)
        asked.ask(412, method, path, {"title": "T"}, asked.user, If_Match='"77"')
        asked.ask(413, method, path, b"{" * 20000, asked.user)
        asked.ask(415, method, path, b"{}", asked.user, Content_Type="text/plain")
    page = asked.ask(200, "GET", f"{URLS}?limit=2&order=created", key=asked.user).json
    asked.both(200, f"{URLS}?limit=2&order=created&cursor={page['next_cursor']}", asked.user)
    asked.both(400, f"{URLS}?cursor=nonsense", asked.user)
    asked.both(403, f"{URLS}?owner=admin", asked.user)
    asked.both(401, URLS)


def statistics(asked):
    code = tag(asked, "on")
    for path in (f"{URLS}/{code}/stats", f"analytics/{code}"):
        asked.both(200, f"{path}?from=2020-01-01&to=2020-01-02", asked.user)
        asked.both(200, f"{path}?from=2020-01-01&to=2020-01-02&format=csv", asked.user)
        asked.both(304, f"{path}?from=2020-01-01&to=2020-01-02", asked.user, If_None_Match="*")
        asked.both(400, f"{path}?unit=year", asked.user)
        asked.both(401, path)
        asked.both(404, path.replace(code, "nothing-here"), asked.user)
    for query in ("", "&format=csv"):
        asked.both(200, f"api/v1/stats/series?from=2020-01-01&to=2020-01-02{query}", asked.user)
    asked.both(304, "api/v1/stats/series?from=2020-01-01&to=2020-01-02", asked.user, If_None_Match="*")
    asked.both(400, "api/v1/stats/series?unit=year", asked.user)
    asked.both(401, "api/v1/stats/series")
    asked.both(200, "api/v1/stats", asked.user)
    asked.both(400, "api/v1/stats?x=y", asked.user)
    asked.both(401, "api/v1/stats")


def transfers(asked):
    """Files of links in both directions. Codes of this front alone, so that none meets another's."""
    path, names = "api/v1/import", b"code,long_url\n"
    file = names + f"{tag(asked, 'imported')},{LONG_URL}\n".encode()
    asked.ask(200, "POST", path, file, asked.user, Content_Type="text/csv")
    asked.ask(200, "POST", f"{path}?dry_run=yes", file, asked.user, Content_Type="text/csv")
    asked.ask(400, "POST", f"{path}?format=xml", file, asked.user, Content_Type="text/csv")
    asked.ask(401, "POST", path, file, Content_Type="text/csv")
    asked.ask(413, "POST", path, names + b"x" * 102400, asked.user, Content_Type="text/csv")
    asked.ask(415, "POST", path, file, asked.user, Content_Type="text/csv", Content_Encoding="gzip")
    asked.ask(200, "GET", "api/v1/export", key=asked.user)
    asked.ask(400, "GET", "api/v1/export?format=xml", key=asked.user)
    asked.ask(401, "GET", "api/v1/export")
    asked.ask(403, "GET", "api/v1/export?owner=root", key=asked.user)


def pictures(asked):
    path = f"{URLS}/{tag(asked, 301)}/qr"
    for query in ("", "?format=png", "?format=png&size=1000&level=H&dark=000080"):
        asked.both(200, path + query)
        asked.both(304, path + query, If_None_Match="*")
    asked.both(400, f"{path}?size=5")
    asked.both(404, f"{URLS}/nothing-here/qr")


def previews(asked):
    for mark in ("+", "%2B", "+/", "+?x=y"):
        asked.both(200, tag(asked, 301) + mark)
        asked.both(200, tag(asked, 301) + mark, Accept="application/json")
    asked.both(410, tag(asked, "once") + "+")
    asked.both(404, "nothing-here+")
    asked.both(404, "nothing-here+", **BROWSER)


def keys(asked):
    made = asked.ask(201, "POST", KEYS, {}, asked.user).json
    asked.ask(400, "POST", KEYS, {"role": "king"}, asked.key)
    asked.ask(401, "POST", KEYS, {})
    asked.ask(403, "POST", KEYS, {"user": "admin"}, asked.user)
    asked.ask(413, "POST", KEYS, b" " * 20000, asked.user)
    asked.ask(415, "POST", KEYS, b"{}", asked.user, Content_Type="text/plain")
    asked.both(200, KEYS, asked.user)
    asked.both(400, f"{KEYS}?limit=0", asked.user)
    asked.both(401, KEYS)
    asked.ask(401, "DELETE", f"{KEYS}/{made['id']}")
    asked.ask(404, "DELETE", f"{KEYS}/x", key=asked.user)
    asked.ask(200, "DELETE", f"{KEYS}/{made['id']}", key=asked.user)


def tags_and_users(asked):
    tags = "api/v1/tags"
    for name in ("old", "other"):
        asked.ask(201, "POST", URLS, {"long_url": LONG_URL, "custom_alias": tag(asked, name), "tags": [name]}, asked.user)
    asked.both(200, f"{tags}?limit=1", asked.user)
    asked.both(400, f"{tags}?limit=0", asked.user)
    asked.both(401, tags)
    asked.both(403, f"{tags}?owner=admin", asked.user)
    one = f"{tags}/old"
    asked.ask(200, "PATCH", one, {"tag": "new/1"}, asked.user)
    asked.ask(404, "PATCH", one, {"tag": "new/1"}, asked.user)
    asked.ask(400, "PATCH", one, {"tag": ""}, asked.user)
    asked.ask(401, "PATCH", one, {"tag": "new"})
    asked.ask(403, "PATCH", f"{one}?owner=admin", {"tag": "new"}, asked.user)
    asked.ask(413, "PATCH", one, b" " * 20000, asked.user)
    asked.ask(415, "PATCH", one, b"{}", asked.user, Content_Type="text/plain")
    asked.both(401, "api/v1/users")
    asked.both(403, "api/v1/users", asked.user)
    asked.both(400, "api/v1/users?limit=0", asked.key)
    asked.both(200, "api/v1/users?limit=1", asked.key)
    users = "api/v1/users"
    name = tag(asked, "made")
    one = f"{users}/{name}"
    asked.ask(201, "POST", users, {"user": name}, asked.key)
    asked.ask(200, "DELETE", one, key=asked.key)
    asked.ask(201, "POST", users, {"user": name}, asked.key)
    asked.ask(409, "POST", users, {"user": name}, asked.key)
    asked.ask(400, "POST", users, {"user": ""}, asked.key)
    asked.ask(200, "PATCH", one, {"role": "admin"}, asked.key)
    asked.ask(400, "PATCH", one, {"role": "king"}, asked.key)
    asked.ask(200, "PATCH", one, {"role": "user"}, asked.key)
    for method, body in (("PATCH", {"role": "user"}), ("DELETE", None)):
        asked.ask(409, method, f"{users}/admin", body, asked.key)
    asked.ask(404, "PATCH", f"{users}/nobody", {"role": "user"}, asked.key)
    for method, path, body in (("POST", users, {"user": "x"}), ("PATCH", one, {"role": "user"}), ("DELETE", one, None)):
        asked.ask(401, method, path, body)
        asked.ask(403, method, path, body, asked.user)
        if body:
            asked.ask(413, method, path, b" " * 20000, asked.key)
            asked.ask(415, method, path, b"{}", asked.key, Content_Type="text/plain")
    asked.ask(201, "POST", KEYS, {"user": name}, asked.key)
    asked.ask(400, "DELETE", f"{one}?delete_links=maybe", key=asked.key)
    asked.ask(404, "DELETE", f"{users}/nobody", key=asked.key)
    asked.ask(202, "DELETE", one, key=asked.key)
    secret = asked.ask(201, "POST", KEYS, {"scope": "read"}, asked.user).json["secret"]
    for alias in (tag(asked, "free"), tag(asked, 302), "api", "x"):
        asked.both(200, f"api/v1/aliases/{alias}", asked.user)
    asked.both(401, "api/v1/aliases/free-one")
    asked.both(403, "api/v1/aliases/free-one", secret)


def sign_in(asked):
    """What a browser sends with its session."""
    made = asked.ask(201, "POST", SESSION, {"key": asked.user})
    return {"Cookie": made.header("Set-Cookie").split(";")[0], "X_Csrf_Token": made.json["csrf"]}


def sessions(asked):
    """Of a browser; `foreign`: what a page of another site could make it send."""
    for body, status in ((b"{}", 400), ({"name": "x"}, 400), ({"token": "x"}, 401), (b" " * 20000, 413)):
        asked.ask(status, "POST", SESSION, body)
    asked.ask(403, "POST", SESSION, {"key": asked.user}, Origin="https://other.example")
    asked.ask(415, "POST", SESSION, b"{}", Content_Type="text/plain")
    first = sign_in(asked)
    foreign = {**first, "Origin": "https://other.example"}
    for path in (SESSION, SESSIONS):
        asked.both(200, path, **first)
        asked.both(401, path)
        asked.both(403, path, **foreign)
    [number] = [one["id"] for one in asked.ask(200, "GET", SESSIONS, **first).json["sessions"]]
    for path in (f"{SESSIONS}/{number}", SESSIONS, SESSION):
        asked.ask(401, "DELETE", path)
        asked.ask(403, "DELETE", path, **foreign)
    second = sign_in(asked)
    asked.ask(404, "DELETE", f"{SESSIONS}/{number}", key=asked.key)
    asked.ask(200, "DELETE", f"{SESSIONS}/{number}", **second)
    asked.ask(200, "DELETE", SESSION, **second)
    asked.ask(200, "DELETE", SESSIONS, key=asked.user)


def scopes(asked):
    """What a key that may only read is refused."""
    secret = asked.ask(201, "POST", KEYS, {"scope": "read", "expires_at": FUTURE}, asked.user).json["secret"]
    link = f"{URLS}/{tag(asked, 302)}"
    for path in (*CREATES, f"{URLS}/bulk", KEYS):
        asked.ask(403, "POST", path, {}, secret)
    for method, path in (("PUT", link), ("PATCH", link), ("DELETE", link), ("DELETE", f"{KEYS}/1")):
        asked.ask(403, method, path, {"title": "t"} if method[0] == "P" else None, secret)
    asked.ask(403, "DELETE", f"{URLS}/{tag(asked, 302)}/aliases/x", key=secret)
    asked.ask(403, "POST", f"{link}/restore", {}, secret)
    asked.ask(403, "POST", "api/v1/import", b"long_url\n", secret, Content_Type="text/csv")
    asked.both(403, KEYS, secret)
    asked.both(200, link, secret)


def site(asked):
    for path in ("", "healthz", "readyz", "api/v1/openapi.json", "api/v1/problems/expired"):
        asked.both(200, path)
    asked.both(404, "api/v1/problems/none")
    asked.both(403, "metrics")
    # An answer that is made for one request has no ranges.
    for path in ("", "healthz", "api/v1/openapi.json"):
        asked.ask(200, "GET", path, Range="bytes=0-1")
        asked.ask(200, "GET", path, Range="bytes=9999999-")
    asked.ask(302, "GET", tag(asked, 302), Range="bytes=0-1")


def bodies(asked):
    """Where none belongs, and a path that is not UTF-8. lighttpd refuses them by default."""
    if asked.front.name == "lighttpd-shared":
        return
    asked.ask(302, "GET", tag(asked, 302), b"{}")
    asked.ask(200, "GET", f"{URLS}/{tag(asked, 301)}", b"{}", asked.user)
    asked.ask(404, "GET", "nothing-here", b"x" * 5000)
    asked.ask(404, "GET", "api/v1/aliases/%FF", key=asked.user)


def ends(asked):
    path = f"{URLS}/{tag(asked, 307)}"
    typo, alias = tag(asked, "typo"), f"{path}/aliases/{tag(asked, 'typo')}"
    asked.ask(401, "DELETE", alias)
    asked.ask(404, "DELETE", alias, key=asked.user)
    asked.ask(200, "PATCH", path, {"custom_alias": typo}, asked.user)
    asked.ask(412, "DELETE", alias, key=asked.user, If_Match='"77"')
    asked.ask(200, "DELETE", alias, key=asked.user)
    asked.ask(201, "POST", URLS, {"long_url": LONG_URL, "custom_alias": typo}, asked.user)
    asked.ask(400, "DELETE", f"{URLS}/{typo}/aliases/{typo}", key=asked.user)
    asked.ask(401, "DELETE", path)
    asked.ask(412, "DELETE", path, key=asked.user, If_Match='"77"')
    asked.ask(200, "DELETE", path, key=asked.user)
    asked.ask(404, "DELETE", path, key=asked.user)
    asked.both(404, tag(asked, 307))
    history = f"{URLS}/{tag(asked, 302)}/history"
    asked.both(200, history, asked.key)
    asked.both(400, f"{history}?limit=0", asked.key)
    asked.both(401, history)
    asked.both(403, history, asked.user)
    asked.both(404, f"{URLS}/no-such-link/history", asked.key)
    asked.ask(401, "POST", f"{path}/restore", {})
    asked.ask(200, "POST", f"{path}/restore", {}, asked.user)
    asked.ask(404, "POST", f"{path}/restore", {}, asked.user)
    asked.both(307, tag(asked, 307))


def while_the_database_is_away(asked):
    asked.both(503, "some-link")
    asked.both(503, "some-link", **BROWSER)
    asked.both(503, "some-link+")
    asked.both(503, f"{URLS}/some-link/qr")
    asked.both(302, tag(asked, "long"))
    for path in CREATES:
        asked.ask(202, "POST", path, {"long_url": LONG_URL}, asked.user)
        asked.ask(503, "POST", path, {"long_url": LONG_URL, "max_clicks": 1}, asked.user)
    asked.ask(207, "POST", f"{URLS}/bulk", {"links": [{"long_url": LONG_URL}, {"long_url": "x"}]}, asked.user)
    path = f"{URLS}/{tag(asked, 302)}"
    for method, body in (("GET", None), ("HEAD", None), ("PUT", {"title": "t"}), ("PATCH", {"title": "t"}),
                         ("DELETE", None)):
        asked.ask(503, method, path, body, asked.user)
    for path in (f"{path}/stats", f"analytics/{tag(asked, 302)}", "api/v1/stats", URLS, KEYS):
        asked.both(503, path, asked.user)
    asked.ask(503, "POST", f"{URLS}/{tag(asked, 302)}/restore", {}, asked.user)
    asked.both(503, f"{URLS}/{tag(asked, 302)}/history", asked.key)
    asked.ask(503, "POST", KEYS, {}, asked.user)
    asked.ask(503, "DELETE", f"{KEYS}/1", key=asked.user)


def difference(said, got):
    (status, headers, body), (status_too, headers_too, body_too) = said, got
    return (f"{status} {[one for one in headers if one not in headers_too]} {body[:200]!r} came out as "
            f"{status_too} {[one for one in headers_too if one not in headers]} {body_too[:200]!r}")


def same(curt, one):
    """Compares what a front has answered with what Curt said."""
    without = {case for case in curt.answers if case.startswith("bodies") and one.front.name == "lighttpd-shared"}
    assert set(one.answers) == set(curt.answers) - without
    problems = []
    for case, (method, _, answer) in one.answers.items():
        said = curt.front.normal(curt.answers[case][2], method)
        got = one.front.normal(answer, method)
        if got != said:
            problems.append(f"{case}: {difference(said, got)}")
    assert not problems, f"{len(problems)} answers differ:\n" + "\n".join(problems[:20])


@pytest.fixture(scope="module", params=["/", "/s/"], ids=["root", "sub-directory"])
def everything(request, new_stack):
    """The answers of all fronts to all cases."""
    with new_stack() as stack, fronts(stack, mount=request.param, settings=SETTINGS) as all_of_them:
        asked = {front.name: Asked(front) for front in all_of_them}
        for front in all_of_them:
            stack.prepared(front.host)
        for one in asked.values():
            for part in (make_user, visits, methods, creates, links, transfers, statistics, pictures, previews, keys, tags_and_users, sessions, scopes, site, ends, bodies):
                one.run(part)
        stack.database.stop()
        for one in asked.values():
            one.run(while_the_database_is_away)
        yield asked


@pytest.mark.parametrize("name", list(FRONTS))
def test_is_what_curt_said(everything, name):
    same(everything[CURT], everything[name])


def test_nothing_was_left_out(everything, any_client):
    """Each path, method and status of the API's description was among them, but for those of /metrics."""
    described = Description(any_client.get("api/v1/openapi.json").json)
    seen = {(described.template_of(path), method.lower(), str(answer.status))
            for method, path, answer in everything[CURT].answers.values()
            if method.lower() in METHODS and answer.status != 405 and is_described(described, path)}
    left_out = {case for case in described.named() - seen if case[0] not in ("/metrics",)}
    # What limits and outages answer is the same whoever asked.
    assert {case for case in left_out if case[2] not in ("429", "503")} == set()
    assert {answer.status for _, _, answer in everything[CURT].answers.values()} >= {
        200, 201, 202, 204, 207, *STATUSES, 400, 401, 403, 404, 405, 409, 410, 412, 413, 415, 429, 503}


def is_described(described, path):
    return any(re.fullmatch(re.sub(r"\\\{[a-z]+\\\}", "[^/]+", re.escape(template)), "/" + path)
               for template in described.document["paths"])


def lengths(answer):
    return [int(value) for name, value in answer.headers if name.lower() == "content-length"]


@pytest.mark.parametrize("name", list(FRONTS))
def test_a_head_tells_the_length_of_a_get_or_none(everything, name):
    """mod_proxy_fcgi sends none."""
    answers = list(everything[name].answers.values())
    pairs = [(get, head) for (method, path, get), (other, path_too, head) in zip(answers, answers[1:])
             if (method, other) == ("GET", "HEAD") and path == path_too]
    assert len(pairs) > 50
    for get, head in pairs:
        assert lengths(head) in ([len(get.body)], []), (head, get)
    if name != "proxy":
        assert any(lengths(head) for _, head in pairs)


@pytest.mark.parametrize("name", list(FRONTS))
def test_without_a_body_there_is_no_length(everything, name):
    """204 has none (RFC 9110, 8.6)."""
    empty = [answer for _, _, answer in everything[name].answers.values() if answer.status == 204]
    assert empty
    for answer in empty:
        assert answer.body == b"" and lengths(answer) == []


def test_metrics_reach_prometheus(everything):
    """As text of the version that it knows, through each."""
    for name, one in everything.items():
        if name == CURT:
            continue
        answer = Client(one.front.host.port, one.front.host.mount).get("metrics")
        assert answer.status == 200, name
        assert answer.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8"
        assert b"http_requests_total" in answer.body
