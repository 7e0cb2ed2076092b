# SPDX-License-Identifier: MIT
"""YOURLS's API: what clients of YOURLS 1.10.4 were recorded to get, over lighttpd and Apache."""

import json
import re
import shutil
import subprocess
import urllib.parse
import uuid
import xml.etree.ElementTree as ET

import pytest

from client import Client
from conftest import HERE, SOURCES

FORM = "application/x-www-form-urlencoded"
TYPES = {"json": "application/json; charset=utf-8", "jsonp": "application/javascript; charset=utf-8",
         "xml": "application/xml; charset=utf-8", "simple": "text/plain; charset=utf-8"}
FORMATS = sorted(TYPES)


def type_of(answer):
    """Its content type. lighttpd writes the name that RFC 9239 prefers instead of the older one."""
    return answer.header("Content-Type").replace("text/javascript", "application/javascript")


TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
NODE = shutil.which("node")
PACKAGES = SOURCES / "build" / "yourls" / "node_modules"
LINK = ["shorturl", "url", "title", "timestamp", "ip", "clicks"]
NEED_STATS = "Need either XML or JSON format for stats"


class Site:
    """A host that answers as YOURLS, its callers, and one call."""

    def __init__(self, stack, web, **settings):
        self.stack = stack
        self.host = stack.host(web, settings={"compat.yourls": "yes", **settings})
        self.base = self.host.base_url
        self.client = Client(self.host.port, self.host.mount, key=stack.key)
        self.users = {"admin": stack.key}

    def key(self, user):
        if user not in self.users:
            name = f"{user}-{uuid.uuid4().hex[:8]}"
            answer = self.client.post({"user": name}, path="api/v1/keys")
            assert answer.status == 201, answer.body
            self.users[user] = answer.json["secret"]
        return self.users[user]

    def ask(self, parameters, *, method="GET", body=None, headers=None):
        """One call, with nothing but what is said."""
        query = parameters if isinstance(parameters, str) else urllib.parse.urlencode(parameters)
        return self.client.request(method, f"yourls-api.php?{query}", body, headers)

    def call(self, action, user="ann", format="json", **parameters):
        return self.ask({"signature": self.key(user), "action": action, "format": format, **parameters})

    def json(self, action, status=200, **parameters):
        answer = self.call(action, **parameters)
        assert (answer.status, answer.header("Content-Type")) == (status, TYPES["json"]), answer.body
        return json.loads(answer.body)


@pytest.fixture(scope="module", params=["apache", "lighttpd"])
def site(request, stack):
    made = Site(stack, request.param)
    yield made
    made.host.stop()


def url():
    return f"https://example.com/{uuid.uuid4().hex}"


def keyword():
    return "k" + uuid.uuid4().hex[:12]


def of_xml(body):
    def read(element):
        return {child.tag: read(child) for child in element} if len(element) else element.text or ""
    assert body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<root>') and body.endswith(b"</root>\n")
    assert body.count(b"\n") == 2
    return read(ET.fromstring(body))


def texts(value):
    return {name: texts(part) for name, part in value.items()} if isinstance(value, dict) else str(value)


# --- answers ---

def test_a_link_is_made(site):
    long_url, word = url(), keyword()
    made = site.json("shorturl", url=long_url, keyword=word, title="A <b>title</b>  &amp; \n more")
    date = made["url"]["date"]
    assert TIME.fullmatch(date)
    expected = {"status": "success", "code": "", "message": f"{long_url} added to database", "errorCode": "", "statusCode": "200",
                "url": {"keyword": word, "url": long_url, "title": "A title &amp; more", "date": date, "ip": ""},
                "title": "A title &amp; more", "shorturl": f"{site.base}/{word}"}
    assert made == expected and list(made) == list(expected) and list(made["url"]) == list(expected["url"])
    assert site.client.get(word).location == long_url


def test_the_same_long_url_is_refused_with_its_link(site):
    long_url = url()
    made = site.json("shorturl", url=long_url)
    again = site.json("shorturl", 400, url=long_url, keyword=made["url"]["keyword"])
    without_scheme = made["shorturl"].split("://")[1]
    assert again == {"status": "fail", "code": "error:url", "errorCode": "400", "statusCode": "400",
                     "message": f"{long_url} already exists in database (short URL: {without_scheme})",
                     "url": {**made["url"], "clicks": 0}, "title": long_url, "shorturl": made["shorturl"]}
    assert list(again) == list(made) and list(again["url"])[-1] == "clicks"
    assert site.json("shorturl", user="bob", url=long_url)["status"] == "success"     # of another user
    shown = site.call("shorturl", format="simple", url=long_url)
    assert (shown.status, shown.body.decode()) == (400, made["shorturl"])


def test_keywords(site):
    word = keyword()
    site.json("shorturl", url=url(), keyword=word)
    for given, cleaned in ((word, word), (f"É{word}-.", word), ("É.-", ""), ("urls", "urls")):
        refused = site.json("shorturl", 400, url=url(), keyword=given)
        assert refused == {"status": "fail", "code": "error:keyword", "errorCode": "400", "statusCode": "400",
                           "message": f"Short URL {cleaned} already exists in database or is reserved"}
        assert site.call("shorturl", format="simple", url=url(), keyword=given).body == b""
    assert site.json("shorturl", url=url(), keyword="my-Own_" + word)["url"]["keyword"] == "mywn" + word
    for none in ("", "0"):
        assert site.json("shorturl", url=url(), keyword=none)["status"] == "success"


@pytest.mark.parametrize("bad", ["", " ", "http://", "https://", "javascript:alert(1)", "word", "/path", "example.com:8080/x", None])
def test_bad_urls(site, bad):
    parameters = {} if bad is None else {"url": bad}
    assert site.json("shorturl", 400, **parameters) == {
        "status": "fail", "code": "error:nourl", "message": "Missing or malformed URL", "errorCode": "400", "statusCode": "400"}


def test_urls_that_are_mended(site):
    rest = uuid.uuid4().hex
    for given, stored in ((f" https://example.com/1{rest} ", f"https://example.com/1{rest}"),
                          (f"http://https://example.com/2{rest}", f"https://example.com/2{rest}"),
                          (f"example.com/3{rest}", f"http://example.com/3{rest}"),
                          (f"//example.com/4{rest}", f"http://example.com/4{rest}")):
        assert site.json("shorturl", url=given)["url"]["url"] == stored


def test_short_urls_are_not_shortened(site):
    made = site.json("shorturl", url=url())
    for own in (made["shorturl"], made["url"]["keyword"]):
        assert site.json("shorturl", 400, url=own) == {
            "status": "fail", "code": "error:noloop", "message": "URL is a short URL", "errorCode": "400", "statusCode": "400"}


def test_long_urls_are_shown_cut(site):
    long_url = url() + "/" + "x" * 60
    assert site.json("shorturl", url=long_url)["message"] == f"{long_url[:55]}[...] added to database"


def test_expand(site):
    made = site.json("shorturl", url=url(), title="T")
    code = made["url"]["keyword"]
    expected = {"keyword": code, "shorturl": made["shorturl"], "longurl": made["url"]["url"], "title": "T",
                "message": "success", "statusCode": "200"}
    for asked in (code, made["shorturl"], f" {code} "):
        found = site.json("expand", shorturl=asked)
        assert found == expected and list(found) == list(expected)
    assert site.call("expand", format="simple", shorturl=code).body.decode() == made["url"]["url"]
    for asked, left in (("nope", "nope"), ("", ""), (f"{code}+", f"{code}+"), (f"{code}/", f"{code}/"), (f"ftp://x/{code}", f"ftp://x/{code}")):
        missing = site.json("expand", 404, shorturl=asked)
        assert missing == {"keyword": left, "message": "Error: short URL not found", "errorCode": "404"}
    simple = site.call("expand", format="simple", shorturl="nope")
    assert (simple.status, simple.body) == (404, b"not found")


def test_url_stats(site):
    made = site.json("shorturl", url=url(), title="T")
    found = site.json("url-stats", shorturl=made["url"]["keyword"])
    assert list(found) == ["statusCode", "message", "link"] and list(found["link"]) == LINK
    assert found == {"statusCode": "200", "message": "success", "link": {
        "shorturl": made["shorturl"], "url": made["url"]["url"], "title": "T", "timestamp": made["url"]["date"], "ip": "", "clicks": 0}}
    assert site.json("url-stats", 404, shorturl="nope") == {"statusCode": "404", "message": "Error: short URL not found"}
    for shorturl, status in ((made["shorturl"], 200), ("nope", 404)):
        simple = site.call("url-stats", format="simple", shorturl=shorturl)
        assert (simple.status, simple.body.decode()) == (status, NEED_STATS)


def test_stats(site):
    user = f"lister-{site.host.web.__class__.__name__}"
    made = [site.json("shorturl", user=user, url=url())["shorturl"] for _ in range(5)]
    totals = {"total_links": 5, "total_clicks": 0}

    def listed(**parameters):
        found = site.json("stats", user=user, **parameters)
        assert list(found)[-3:] == ["stats", "statusCode", "message"] and found["stats"] == totals
        links = found.get("links", {})
        assert list(links) == [f"link_{n}" for n in range(1, len(links) + 1)]
        assert all(list(link) == LINK for link in links.values())
        return [link["shorturl"] for link in links.values()]
    assert listed(filter="last", limit="3") == made[:1:-1]
    assert listed(filter="last", limit="2abc", start="1") == made[3:1:-1]
    assert listed(filter="last", limit="999999999999999999999") == made[::-1]
    assert sorted(listed(filter="top", limit="9")) == sorted(listed(filter="bottom", limit="9")) == sorted(made)
    assert len(listed(filter="rand", limit="4")) == 4
    for nothing in ({}, {"limit": "0"}, {"limit": "-1"}, {"limit": "x"}, {"limit": "3", "start": "5"}, {"limit": "3", "start": "99999999999999999999"}):
        assert "links" not in site.json("stats", user=user, **nothing)
    assert site.json("db-stats", user=user) == {"db-stats": totals, "statusCode": "200", "message": "success"}
    for action in ("stats", "db-stats"):
        simple = site.call(action, user=user, format="simple")
        assert (simple.status, simple.body.decode()) == (200, NEED_STATS)


def test_version_and_unknown_actions(site):
    assert site.json("version") == {"version": "1.10.4"}
    for one in ("1", "1.0", "01"):
        assert site.json("version", db=one) == {"version": "1.10.4", "db_version": "507"}
    for other in ("2", "true", "", "1x", "11"):
        assert site.json("version", db=other) == {"version": "1.10.4"}
    assert site.call("version", format="simple", db="1").body == b"1.10.4"
    unknown = {"errorCode": "400", "message": 'Unknown or missing "action" parameter'}
    for action in ("", "VERSION", "nonsense"):
        assert site.json(action, 400) == unknown
    simple = site.call("nonsense", format="simple")
    assert (simple.status, simple.body.decode()) == (400, unknown["message"])


# --- formats ---

@pytest.mark.parametrize("action, status", [("shorturl", 200), ("expand", 404), ("url-stats", 404), ("stats", 200), ("db-stats", 200), ("version", 200), ("nonsense", 400)])
@pytest.mark.parametrize("post", [False, True])
def test_every_format_says_the_same(site, action, status, post):
    def asked(format):
        own = {"url": url(), "shorturl": "nope", "limit": "2", "filter": "last"}
        parameters = {"signature": site.key("ann"), "action": action, **own, **({} if format is None else {"format": format})}
        if post:
            return site.ask("", method="POST", body=urllib.parse.urlencode(parameters).encode(), headers={"Content-Type": FORM})
        return site.ask(parameters)

    for format in [*FORMATS, None, "", "JSON"]:
        answer = asked(format)
        assert answer.status == status, (format, answer.body)
        assert type_of(answer) == TYPES.get("xml" if format is None else format, TYPES["simple"])
        assert answer.header("X-Content-Type-Options") == "nosniff" and answer.header("Cache-Control") == "no-store" or not answer.body
    if action != "shorturl":
        as_json = json.loads(asked("json").body)
        assert of_xml(asked("xml").body) == of_xml(asked(None).body) == texts(as_json)
        assert asked("jsonp").body == b"(" + asked("json").body + b")"


def test_json_and_xml_are_escaped(site):
    title = 'é 😀 "/\\ <i>x</i> & \' > <'
    made = site.call("shorturl", url=url(), title=title)
    assert made.body.isascii() and rb"\u00e9 \ud83d\ude00 \"\/\\ x & ' > <" in made.body
    code = json.loads(made.body)["url"]["keyword"]
    xml = site.call("url-stats", format="xml", shorturl=code).body
    assert f'<title>é 😀 "/\\ x &amp; \' &gt; &lt;</title>'.encode() in xml
    assert b"<ip></ip>" in xml


@pytest.mark.parametrize("name", ["cb", "a.b", "$_1", "__yourls1_jsonp[1]", "a[1][22].b"])
@pytest.mark.parametrize("parameter", ["callback", "jsonp"])
def test_callbacks(site, name, parameter):
    answer = site.call("version", format="jsonp", **{parameter: name})
    assert (answer.status, answer.body.decode()) == (200, f'{name}({{"version":"1.10.4","callback":"{name}"}})')
    assert site.json("version", **{parameter: name}) == {"version": "1.10.4", "callback": name}


@pytest.mark.parametrize("action", ["version", "nonsense", "shorturl"])
@pytest.mark.parametrize("signed", [True, False])
def test_bad_callbacks_are_never_reflected(site, action, signed):
    key = {"signature": site.key("ann")} if signed else {}
    for name in ("", "a-b", "evil(1)//", "<script>", "a[b]", "evil[", "[]", "evil[1", "évil", "e vil", "x" * 129):
        long_url = url()
        parameters = {"action": action, "format": "jsonp", "callback": name, "url": long_url, **key}
        answer = site.ask(parameters)
        assert (answer.status, type_of(answer)) == (400, TYPES["jsonp"]), name
        assert answer.body == b'{"errorCode":"400","error":"Invalid callback parameter"}'
        for format in ("json", "xml", "simple"):
            other = site.ask({**parameters, "format": format})
            assert not name or name.encode() not in other.body, (name, other.body)
            # The call with the bad name has made nothing.
            assert not signed or action != "shorturl" or other.status == (200 if format == "json" else 400)


# --- callers ---

REFUSED = "Please log in"
WRONG = "Invalid username or password"


def test_who_may_call(site):
    key = site.key("ann")
    for good in ({"signature": key}, {"username": "anybody", "password": key}, {"signature": "", "username": "x", "password": key}):
        assert site.ask({"action": "version", "format": "json", **good}).status == 200, good
    now = "1764500000"
    for bad, message in (({}, REFUSED), ({"signature": "x"}, REFUSED), ({"signature": key[:-1]}, REFUSED), ({"signature": key + "x"}, REFUSED),
                         ({"signature": key, "timestamp": ""}, REFUSED), ({"signature": key, "timestamp": now}, REFUSED),
                         ({"Signature": key}, REFUSED), ({"signature[]": key}, REFUSED), ({"signature[0]": key}, REFUSED),
                         ({"signature": "0"}, REFUSED), ({"signature": "true"}, REFUSED),
                         ({"username": "", "password": ""}, WRONG), ({"username": "ann"}, WRONG), ({"password": key}, WRONG),
                         ({"username": "", "password": key}, WRONG), ({"username": "ann", "password[]": key}, WRONG),
                         ({"signature": "x", "username": "ann", "password": key}, WRONG)):
        for action in ("version", "shorturl", "nonsense"):
            answer = site.ask({"action": action, "format": "json", "url": url(), **bad})
            assert answer.status == 403, (bad, answer.body)
            assert json.loads(answer.body) == {"message": message, "errorCode": "403", "callback": ""}
            assert answer.header("WWW-Authenticate") is None
        assert site.ask({"format": "simple", **bad}).body.decode() == message
        assert of_xml(site.ask(bad).body) == {"message": message, "errorCode": "403", "callback": ""}
    named = site.ask({"format": "jsonp", "callback": "cb"})
    assert (named.status, named.body) == (403, b'cb({"message":"Please log in","errorCode":"403","callback":"cb"})')
    assert site.ask({"format": "jsonp", "jsonp": "cb"}).status == 400


def test_nobody_sees_links_of_others(site):
    made = site.json("shorturl", user="carol", url=url())
    code = made["url"]["keyword"]
    for action in ("expand", "url-stats"):
        assert site.json(action, 404, user="dave", shorturl=code)
        assert site.json(action, user="admin", shorturl=code)
    assert "links" not in site.json("stats", user="dave", limit="1000", filter="last")
    assert site.json("db-stats", user="dave")["db-stats"] == {"total_links": 0, "total_clicks": 0}
    assert made["shorturl"] in str(site.json("stats", user="admin", limit="1000", filter="last"))


def test_scopes(site):
    keys = {scope: site.client.post({"name": scope, "scope": scope}, path="api/v1/keys").json["secret"] for scope in ("read", "create")}
    made = site.ask({"signature": keys["read"], "action": "shorturl", "url": url(), "format": "json"})
    assert made.status == 403 and json.loads(made.body)["message"] == "The scope of the API key does not allow this"
    assert site.ask({"signature": keys["read"], "action": "db-stats", "format": "json"}).status == 200
    assert site.ask({"signature": keys["create"], "action": "shorturl", "url": url(), "format": "json"}).status == 200


def test_arrays_and_doubles(site):
    key = site.key("ann")
    for query in ("action[]=version", "action[0]=version", "action=version&action[]=x&action="):
        answer = site.ask(f"signature={key}&format=json&{query}")
        assert answer.status == 400, (query, answer.body)
    assert site.ask(f"signature=x&signature={key}&format=xml&format=simple&action=x&action=version").body == b"1.10.4"
    assert site.ask(f"signature={key}&format[]=json&action=version").header("Content-Type") == TYPES["xml"]
    assert site.ask(f"signature={key}&format=simple&action=version&url=%zz%&%=1&=&&").body == b"1.10.4"


def test_bodies(site):
    good = urllib.parse.urlencode({"signature": site.key("ann"), "action": "version", "format": "simple"}).encode()
    for media in (FORM, FORM.upper(), FORM + "; charset=utf-8"):
        assert site.ask("action=nonsense", method="POST", body=good, headers={"Content-Type": media}).body == b"1.10.4"
    for media in ("application/json", "text/plain"):
        assert site.ask("", method="POST", body=good, headers={"Content-Type": media}).status == 403
    assert site.ask("", method="POST", body=b"x" * 300_000, headers={"Content-Type": FORM}).status in (403, 413)
    for method in ("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"):
        assert site.ask({"signature": site.key("ann"), "action": "version"}, method=method).status == 200, method


def test_other_paths_are_links(site):
    for path in ("yourls-api", "yourls-api.php/x", "yourls-api.phpx"):
        answer = site.client.get(f"{path}?action=version&signature={site.key('ann')}")
        assert answer.status == 404 and b"1.10.4" not in answer.body, path


def test_it_is_off_by_default(client, stack):
    answer = client.get(f"yourls-api.php?action=version&signature={stack.key}")
    answer.is_problem(404, "not_found")


def test_charset_62_and_equal_urls(stack):
    site = Site(stack, "lighttpd", **{"compat.yourls_charset": "62", "compat.yourls_unique_urls": "no"})
    try:
        long_url, word = url(), keyword()
        assert site.json("shorturl", url=long_url, keyword="A-b" + word)["url"]["keyword"] == "Ab" + word
        assert site.json("shorturl", url=long_url)["status"] == "success"
    finally:
        site.host.stop()


# --- clients ---

@pytest.mark.skipif(not NODE or not PACKAGES.exists(), reason="node, or npm's yourls and yourls-api, are not installed")
@pytest.mark.parametrize("web", ["apache", "lighttpd"])
@pytest.mark.parametrize("client", ["yourls", "yourls-api"])
def test_npm_clients(stack, web, client):
    site = Site(stack, web)
    try:
        done = subprocess.run([NODE, HERE / "yourls.cjs", client, PACKAGES, site.base], stdin=subprocess.DEVNULL, text=True,
                              capture_output=True, env={"CURT_KEY": site.key("ann"), "PATH": "/usr/bin:/bin"}, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
    finally:
        site.host.stop()
