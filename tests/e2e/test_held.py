# SPDX-License-Identifier: MIT
"""Attacks that Curt resisted from the start, through every web server where they use HTTP. test_security.py has
faults of other shorteners, docs/hardening.md those that Curt itself had."""

import base64
import contextlib
import json
import os
import pathlib
import random
import re
import shutil
import socket
import subprocess

import pytest

from benchmarks import bodies, hostile
from client import Client
from conftest import SOURCES, WEB_SERVERS, build_directory
from stack.process import environment
from stack.web import Apache, ApacheProxy, free_port
from test_planted import STRANGER, WORKERS, exists, ground, plant, script_server    # noqa: F401 (ground is a fixture)

URL = "https://example.com/held"
URLS, KEYS = "api/v1/urls", "api/v1/keys"
EVIL = "evil.example"
LIMIT = (64 + 8) << 20      # server.max_memory as it comes, and what a worker may take besides

as_root = pytest.mark.skipif(os.geteuid() != 0 or not exists(WORKERS) or not exists(STRANGER),
                             reason=f"only root can work as {WORKERS} and as {STRANGER}, who must exist")


def call(client, method, path, body=None, **headers):
    """A call with the client's key."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    return client.request(method, path, data, {
        "Authorization": f"Bearer {client.key}", **({} if body is None else {"Content-Type": "application/json"}),
        **{name.replace("_", "-"): value for name, value in headers.items()}})


@pytest.fixture(scope="module")
def keys(hosts):
    """The keys of two users that are not admins."""
    return {user: hosts("lighttpd").make_key(user=f"held-{user}", role="user", name=user) for user in ("ann", "bob")}


@pytest.fixture
def ann(host, keys):
    return Client(host.port, host.mount, key=keys["ann"])


@pytest.fixture
def bob(host, keys):
    return Client(host.port, host.mount, key=keys["bob"])


# Permissions.

def calls(code):
    """Every call that a link's owner alone may make, and its body."""
    link = f"{URLS}/{code}"
    return [("GET", link, None), ("HEAD", link, None), ("PATCH", link, {"title": "x"}), ("PUT", link, {"title": "x"}),
            ("DELETE", link, None), ("GET", f"{link}/stats", None), ("HEAD", f"{link}/stats", None),
            ("GET", f"{link}/stats?format=csv", None), ("GET", f"analytics/{code}", None)]


def test_without_a_key_there_is_nothing(ann):
    code = ann.create(URL)["code"]
    tried = calls(code) + [
        ("POST", path, {"long_url": URL}) for path in (URLS, "api/v1/shorten", "urls", "shorten", f"{URLS}/bulk")] + [
        ("GET", URLS, None), ("HEAD", URLS, None), ("GET", "api/v1/stats", None), ("GET", KEYS, None),
        ("POST", KEYS, {}), ("DELETE", f"{KEYS}/1", None)]
    for method, path, body in tried:
        answer = ann.request(method, path, body and json.dumps(body).encode(), {"Content-Type": "application/json"})
        assert answer.status == 401, f"{method} {path}: {answer.status}"
    assert ann.show(code).json["title"] is None


def plain(answer, code):
    """An answer without what differs from one to the next."""
    of_the_moment = {"date", "x-request-id", "keep-alive"}
    body = re.sub(rb'"request_id": ?"\w+"', b"", answer.body).replace(code.encode(), b"CODE")
    return answer.status, sorted((n, v) for n, v in answer.headers if n.lower() not in of_the_moment), body


def test_anothers_link_is_as_one_that_is_not_there(stack, host, ann, bob):
    for owner in (ann, stack.client(host)):
        link = owner.create(URL, tags=["held"])
        code, unknown = link["code"], "x" * len(link["code"])
        for tag in (None, "*", owner.show(code).header("ETag")):
            headers = {"If_Match": tag} if tag else {}
            for theirs, nobodys in zip(calls(code), calls(unknown), strict=True):
                got, expected = (plain(call(bob, *what, **headers), of)
                                 for what, of in ((theirs, code), (nobodys, unknown)))
                assert got == expected and got[0] == 404, f"{theirs} {headers}: {got} is not {expected}"
        assert owner.show(code).json == link


IF_MATCH = ['"0"', '"01"', '"-1"', '"4294967297"', '"18446744073709551617"', 'W/"1"', "1", '"1', '"*"', "nonsense", '""']


@pytest.mark.parametrize("method,body", [("PATCH", {"title": "x"}), ("DELETE", None)])
def test_what_matches_no_version_changes_nothing(ann, method, body):
    link = ann.create(URL)
    for version in IF_MATCH:
        answer = call(ann, method, f"{URLS}/{link['code']}", body, If_Match=version)
        assert answer.status == 412, f"{version}: {answer.status}"
    assert ann.show(link["code"]).json == link


def test_names_of_requests_and_reuse_are_each_users_own(ann, bob):
    for fields, headers in (({}, {"Idempotency_Key": "held"}), ({"reuse": True}, {})):
        body = {"long_url": f"{URL}/own", **fields}
        mine, again, theirs = (call(who, "POST", URLS, body, **headers).json for who in (ann, ann, bob))
        assert mine["code"] == again["code"] != theirs["code"] and theirs["owner"] == "held-bob"


@pytest.fixture
def crowd(stack, hosts, keys):
    """(ann's client, bob's client), with some links each."""
    host = hosts("lighttpd")
    clients = [Client(host.port, host.mount, key=keys[user]) for user in ("ann", "bob")]
    for client in clients:
        for number in range(3):
            client.create(f"{URL}/{client.key[-8:]}/{number}", tags=["secret"], title=f"of {client.key[-8:]}")
    return clients


def test_lists_and_totals_are_of_ones_own_links(crowd):
    ann, bob = crowd
    refused = [plain(call(bob, "GET", f"{URLS}?owner={name}"), "\0") for name in ("held-ann", "admin", "held-nobody")]
    assert refused == [refused[0]] * 3 and refused[0][0] == 403
    for query in ("", "?q=held", "?q=example", "?tag=secret", "?order=created", "?state=live", f"?q={ann.key[-8:]}"):
        links = call(bob, "GET", URLS + query).json["links"]
        assert {link["owner"] for link in links} <= {"held-bob"}, query
    total = call(bob, "GET", "api/v1/stats").json
    call(ann, "POST", URLS, {"long_url": URL})
    assert call(bob, "GET", "api/v1/stats").json == total


def test_a_cursor_shows_nothing_of_another(crowd):
    """Every bit of ann's cursors turned, in bob's hands."""
    ann, bob = crowd
    for path, members in ((URLS, "links"), (f"{URLS}?order=created&tag=secret", "links"), (f"{URLS}?q=example", "links")):
        path += "&limit=1" if "?" in path else "?limit=1"
        for owner in (ann, bob):
            text = call(owner, "GET", path).json["next_cursor"]
            sound = bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            forged = [bytes(sound)]
            for bit in range(len(sound) * 8):
                turned = bytearray(sound)
                turned[bit // 8] ^= 1 << bit % 8
                forged.append(bytes(turned))
            for cursor in forged:
                value = base64.urlsafe_b64encode(cursor).decode().rstrip("=")
                answer = call(bob, "GET", f"{path}&cursor={value}")
                assert answer.status in (200, 400), answer
                if answer.status == 200:
                    assert {link["owner"] for link in answer.json[members]} <= {"held-bob"}, cursor


def test_no_spelling_of_an_id_reaches_anothers_key(crowd, stack, hosts):
    ann, bob = crowd
    number = call(ann, "GET", KEYS).json["keys"][0]["id"]
    escaped = "".join(f"%3{digit}" for digit in str(number))
    spellings = [f"{number}", f"+{number}", f"0{number}", escaped, f"{number}%20", f"%20{number}", f"{number}e0", f"{number}.0", hex(number), f"-{number}", f"{number}/",
                 f"{number}%00", f"{number + (1 << 64)}", f"{number + (1 << 32)}", f"{number},1", "*", "%2a", "1%20OR%201=1"]
    for spelling in spellings:
        answer = call(bob, "DELETE", f"{KEYS}/{spelling}")
        assert answer.status in (400, 404), f"{spelling}: {answer.status}"
    assert call(ann, "GET", KEYS).status == 200
    for body in ({"user": "held-ann"}, {"user": "held-nobody"}, {"role": "admin"}):
        call(bob, "POST", KEYS, body).is_problem(403, "forbidden")


OFFERED_BY_NOBODY = {"owner_id": 1, "user": "admin", "user_id": 1, "role": "admin", "id": 1, "version": 9, "flags": 1,
                     "hash": "x", "key": "x", "scope": "manage", "domain": EVIL, "deleted": True, "is_admin": True,
                     "clicks_left": 5, "short_url": f"https://{EVIL}/", "created_at": "2001-01-01T00:00:00Z",
                     "state": "expired", "__proto__": {"role": "admin"}}


@pytest.mark.parametrize("member", OFFERED_BY_NOBODY)
def test_a_member_that_nobody_offered_is_named(crowd, member):
    ann, _ = crowd
    code = ann.create(URL)["code"]
    for method, path, more in (("POST", URLS, {"long_url": URL}), ("PATCH", f"{URLS}/{code}", {})):
        problem = call(ann, method, path, {**more, member: OFFERED_BY_NOBODY[member]}).is_problem(400, "invalid_field")
        assert problem["field"] == member


def test_wildcards_and_quotes_are_letters(crowd):
    ann, _ = crowd
    kept = ["100%", "a_b", "it's", 'say "x"', "back\\slash", "a;b--"]
    for tag in kept:
        ann.create(f"https://example.org/{len(tag)}", tags=[tag])
    for pattern in ("%25", "_", "%25%25", "a%25", "'%20OR%20'1'='1", "%5c", "secre_", "s%25"):
        assert call(ann, "GET", f"{URLS}?tag={pattern}").json["links"] == [], pattern
    for pattern in ("%25", "_", "exampl_", "'%20OR%20'1'='1", "%5c%25"):
        assert call(ann, "GET", f"{URLS}?q={pattern}").json["links"] == [], pattern
    for tag, quoted in zip(kept, ("100%25", "a_b", "it's", "say%20%22x%22", "back%5cslash", "a;b--"), strict=True):
        [link] = call(ann, "GET", f"{URLS}?tag={quoted}&limit=1").json["links"]
        assert link["tags"] == [tag]


# What visitors send is returned neither as a header nor as a page.

def send(client, lines, body=b""):
    """Sends a request as it is, and reads until the server closes, which it may do at any time."""
    with socket.create_connection(("127.0.0.1", client.port), timeout=30) as peer:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            peer.sendall(b"\r\n".join([*lines, b"", b""]) + body)
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := peer.recv(65536):
                received += piece
        return received


def get(client, path, *lines):
    return send(client, [b"GET " + client.mount.encode() + path + b" HTTP/1.1", b"Host: 127.0.0.1", *lines,
                         b"Connection: close"])


QUERIES = [b"a=%0d%0aX-Evil:%201", b"a=\rX-Evil: 1", b"a=\nX-Evil: 1", b"a\r\nX-Evil: 1", b"%E5%98%8A%E5%98%8DX-Evil:1",
           b"a=\x00b", b"@evil.example/", b"//evil.example/", b"\\evil.example", b"#@evil.example/", b"a=\xff\xfe",
           b"<script>alert(1)</script>", b"a=%00%0a%0d", b"?https://evil.example/", b"%2f..%2f..%2f"]


def test_a_query_that_is_handed_on_stays_one(client):
    code = client.create("https://example.com/at?mine=1", forward_query=True)["code"].encode()
    for query in QUERIES:
        head = get(client, code + b"?" + query).partition(b"\r\n\r\n")[0]
        assert not re.search(rb"(?im)^x-evil", head), query
        for location in re.findall(rb"(?im)^location:\s*([^\r\n]*)", head):
            assert re.match(rb"https://example\.com/at\?mine=1(&|$)", location), query
            assert not re.search(rb"[\x00-\x20\x7f-\xff]", location), query


@pytest.mark.parametrize("field", ["long_url", "custom_alias", "title", "tags"])
def test_no_field_of_a_link_becomes_a_header(client, field):
    for evil in ("\r\nX-Evil: 1", "\nX-Evil: 1", "\r", "\x00", "\u560a\u560dX-Evil: 1", "\u2028X-Evil: 1", "\x85X-Evil: 1"):
        value = f"https://example.com/held{evil}" if field == "long_url" else f"held{evil}"
        answer = client.post({"long_url": URL, field: [value] if field == "tags" else value})
        assert answer.status in (201, 400), evil
        answers = [answer]
        if answer.status == 201:
            answers += [client.get(answer.json["code"]), client.show(answer.json["code"])]
        for one in answers:
            assert not any("evil" in name.lower() or re.search(r"[\x00-\x1f\x7f]", value) for name, value in one.headers), evil


PATHS = [b"<script>alert(1)</script>", b"%3Cscript%3Ealert(1)%3C/script%3E", b"\"onmouseover=alert(1)", b"'alert(1)'",
         b"javascript:alert(1)", b"%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E", b"a?<svg/onload=alert(1)>",
         b"%00<b>alert(1)", b"..%2f..%2falert(1)", b"%uff1cscript%uff1ealert(1)", b"%c0%bcscript%c0%bealert(1)",
         b"+ADw-script+AD4-alert(1)", b"alert(1);/*", b"{{alert(1)}}", b"%0d%0a%0d%0a<script>alert(1)"]


def test_pages_show_nothing_of_a_path(client):
    for path in PATHS:
        head, _, body = get(client, path, b"Accept: text/html").partition(b"\r\n\r\n")
        assert re.match(rb"HTTP/1.1 4\d\d ", head), path
        assert b"alert" not in body and b"alert" not in head, path
        if b"x-request-id" in head.lower():     # ours, not the web server's own
            assert re.search(rb"(?im)^content-security-policy: default-src 'none'", head), path
            assert re.search(rb"(?im)^x-content-type-options: nosniff", head), path


def test_a_field_that_comes_back_is_no_page(client):
    problem = client.post({"<script>alert(1)</script>": 1}, headers={"Accept": "text/html"})
    assert problem.is_problem(400, "invalid_field")["field"] == "<script>alert(1)</script>"
    assert problem.header("X-Content-Type-Options") == "nosniff"


def test_terminals_are_told_nothing(client):
    """The control characters beyond ASCII, which some terminals obey."""
    for code in (*range(0x80, 0xa0), 0x1b, 0x7f):
        for fields in ({"title": f"a{chr(code)}b"}, {"tags": [f"a{chr(code)}b"]}):
            assert client.post({"long_url": URL, **fields}).status == 400, (hex(code), fields)


def test_keys_of_memcached_are_codes_alone(client):
    for code in (b"a%20b", b"a%0d%0aflush_all%0d%0a", b"a%00b", b"a\tb", b"%0aget%20curtr1:x", b"a" * 300, b"a" * 5000,
                 b"%ff%fe", b"curtr1:a", b"a%20noreply"):
        assert re.match(rb"HTTP/1.1 4\d\d ", get(client, code)), code
    assert client.get("healthz").status == 200


# How a request is framed, and for whom it says that it is.

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
FRAMES = [
    [b"Content-Length: %d", b"Transfer-Encoding: chunked"],
    [b"Transfer-Encoding: chunked", b"Content-Length: %d"],
    [b"Content-Length: %d", b"Content-Length: 5"],
    [b"Content-Length: 5", b"Content-Length: %d"],
    [b"Content-Length: %d, 5"],
    [b"Content-Length: +%d"],
    [b"Content-Length: 0x%d"],
    [b"Content-Length: -1"],
    [b"Content-Length: 99999999999999999999999"],
    [b"Content-Length: %d", b"Transfer-Encoding: identity, chunked"],
    [b"Content-Length: %d", b"Transfer-Encoding : chunked"],
    [b"Content-Length: %d", b"Transfer-Encoding: xchunked"],
]


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: b" ".join(frame).decode())
def test_a_body_has_one_length_or_none(stack, client, frame):
    """Whatever the server makes of it, one connection gets one answer, and what is in the body stays a body."""
    body = b"0\r\n\r\n" + SMUGGLED
    answer = send(client, [b"POST " + client.mount.encode() + b"api/v1/urls HTTP/1.1", b"Host: 127.0.0.1",
                           b"Authorization: Bearer " + client.key.encode(), b"Content-Type: application/json",
                           *(line.replace(b"%d", b"%d" % len(body)) for line in frame), b"Connection: close"], body)
    assert re.match(rb"HTTP/1\.[01] (400|408|411|413|501) ", answer), answer[:200]
    assert len(re.findall(rb"HTTP/1\.[01] \d\d\d ", answer)) == 1, answer


HOSTS = [
    [b"Host: 127.0.0.1", b"X-Forwarded-Host: evil.example"],
    [b"Host: 127.0.0.1", b"Forwarded: host=evil.example;proto=gopher"],
    [b"Host: 127.0.0.1", b"X-Host: evil.example", b"X-HTTP-Host-Override: evil.example"],
    [b"Host: evil.example"],
    [b"Host: evil.example:99"],
    [b"Host: evil.example", b"Host: 127.0.0.1"],
    [b"Host: 127.0.0.1", b"Host: evil.example"],
    [b"Host: 127.0.0.1 evil.example"],
    [b"Host: evil.example/path"],
    [b"Host: user@evil.example"],
    [b"Host:"],
    [],
]


@pytest.mark.parametrize("lines", HOSTS, ids=lambda lines: b" ".join(lines).decode() or "none")
def test_no_host_but_ours_is_in_an_answer(client, lines):
    body = b'{"long_url": "https://example.com/held"}'
    mount = client.mount.encode()
    for start, more in ((b"POST " + mount + b"api/v1/urls HTTP/1.1", [b"Authorization: Bearer " + client.key.encode(),
                         b"Content-Type: application/json", b"Content-Length: %d" % len(body)]),
                        (b"GET " + mount + b"nothing-here HTTP/1.1", []),
                        (b"POST http://evil.example" + mount + b"api/v1/urls HTTP/1.1", [b"Content-Length: 0"])):
        answer = send(client, [start, *lines, *more, b"Connection: close"], body if len(more) > 1 else b"")
        assert re.match(rb"HTTP/1\.[01] [24]\d\d ", answer), answer[:200]
        assert EVIL.encode() not in answer, answer


@pytest.mark.parametrize("web", WEB_SERVERS)
def test_a_head_counts_as_a_get_does(stack, web):
    host = stack.host(web, workers=2, settings={"limits.misses_per_address": "20/1d"})
    client = stack.client(host)
    assert [client.request("HEAD", f"none{number}").status for number in range(20)] == [404] * 20
    assert client.request("HEAD", "none").status == client.get("none").status == 429
    host.stop()


# Where a link must not lead: back to Curt, in any spelling.

@pytest.mark.parametrize("spelling", [
    "127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "2130706433", "0x7f.0.0.1", "0x7f000001", "0177.0.0.1", "017700000001",
    "%31%32%37.0.0.1", "\uff11\uff12\uff17.0.0.1", "127\u30020\u30020\u30021", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0.0.0.0"])
def test_no_spelling_of_our_address_is_taken(stack, hosts, spelling):
    host = hosts("lighttpd")
    for scheme in ("http", "https", "HTTP"):
        for path in ("/abc", "/./abc", "/a/../abc", "/%2e/abc"):
            answer = stack.client(host).post({"long_url": f"{scheme}://{spelling}:{host.port}{path}"})
            assert answer.status == 400, f"{scheme} {path}"


# Slow clients: one that sends or reads next to nothing delays no other.

HALVES = [
    b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
    b"POST /api/v1/urls HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 60\r\n\r\n{\"long",
    b"POST /api/v1/urls/bulk HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: 8000000\r\n\r\n" + b" " * 200_000,
]
READERS = b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 50


def hold(held, client, data):
    """A connection that has sent these bytes, as far as the server takes them, and reads nothing."""
    peer = held.enter_context(socket.socket())
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.settimeout(2)
    peer.connect(("127.0.0.1", client.port))
    with contextlib.suppress(TimeoutError, ConnectionResetError, BrokenPipeError):
        peer.sendall(data.replace(b" /", b" " + client.mount.encode(), 1))
    return peer


@contextlib.contextmanager
def slow_clients(client):
    """30 that have sent half of a request, and 20 that ask for megabytes and read none of it."""
    with contextlib.ExitStack() as held:
        yield ([hold(held, client, HALVES[number % len(HALVES)]) for number in range(30)],
               [hold(held, client, READERS) for _ in range(20)])


@pytest.mark.parametrize("web", [web for web in WEB_SERVERS if web != "apache"])
def test_slow_clients_hold_up_nobody(stack, hosts, web):
    client = stack.client(hosts(web))
    client.timeout = 10
    code = client.create(URL)["code"]
    with slow_clients(client) as (halves, readers):
        for _ in range(10):
            assert client.get("healthz").status == 200
            assert client.get(code).location == URL
            assert client.post({"long_url": URL}).status == 201
        # They were held all the while: a half request has no answer, and a slow reader still has one coming.
        for peer in halves:
            peer.setblocking(False)
            with pytest.raises(BlockingIOError):
                peer.recv(1)
        assert all(peer.recv(1) == b"H" for peer in readers)
        halves[0].setblocking(True)
        halves[0].sendall(b"\r\nConnection: close\r\n\r\n")
        assert halves[0].recv(4096).startswith(b"HTTP/1.1 200 ")


def impatient(server):
    """The same with shorter times in what we ship."""
    class Impatient(server):
        def mount(self):
            text = super().mount()
            for path in (SOURCES / "apache-conf").glob("curt*.conf"):
                shorter = re.sub(r"(?m)^( *)RequestReadTimeout .*", r"\1RequestReadTimeout header=1 body=1",
                                 path.read_text(encoding="utf-8"))
                text = text.replace(f"Include {path}", re.sub(r"(?m)^TimeOut .*", "TimeOut 1", shorter))
            return text
    return Impatient


@pytest.mark.skipif("apache" not in WEB_SERVERS, reason="Apache is left out")
@pytest.mark.parametrize("server,workers", [(Apache, 16), (ApacheProxy, 4)])
def test_apache_lets_slow_clients_go(stack, server, workers):
    """A slow one takes a thread of Apache with mod_fcgid, and a worker behind mod_proxy_fcgi, so their time is limited."""
    host = stack.host("apache", server=impatient(server), workers=workers)
    client = stack.client(host)
    client.timeout = 20
    with slow_clients(client) as (halves, _):
        for _ in range(3):
            assert client.get("healthz").status == 200
            assert client.post({"long_url": URL}).status == 201
        # They get an answer (of mod_fcgid 500), or the connection is closed.
        for peer in halves:
            peer.settimeout(20)
            with contextlib.suppress(ConnectionResetError):
                said = peer.recv(4096)
                assert not said or re.match(rb"HTTP/1.1 (408|500) ", said), said
    host.stop()


# What a body costs.

@pytest.fixture
def lone_worker(stack):
    """(a host of one worker, a function that sends bodies to it)"""
    if "-fsanitize" in (build_directory() / "Makefile").read_text(encoding="utf-8"):
        pytest.skip("the sanitizers keep freed memory")
    host = stack.host("lighttpd", workers=1, settings=hostile.SETTINGS)
    client = stack.client(host)
    client.post({"links": [{"long_url": URL}]}, path=f"{URLS}/bulk")
    yield host, hostile.Sender(host.port, stack.key, host.mount, client.create(URL)["code"])
    host.stop()


@pytest.mark.parametrize("one", bodies.CALLS, ids=lambda one: one.name)
def test_no_body_takes_more_than_max_memory(lone_worker, one):
    """Each family of bodies at its largest. `script/bench --only bodies` tries 200 of each call."""
    host, sender = lone_worker
    n = len(bodies.FAMILIES)
    for _, family, length, status, taken, seconds in hostile.try_all(host, sender, n, 1, [one]):
        assert taken <= LIMIT, f"{family}: {length} bytes, {status}, {taken >> 10} KiB"
        # A quiet machine does it in a third of that.
        assert status < 400 or seconds <= 0.15, f"{family}: {length} bytes, {status}, {seconds:.3f} s of CPU time"


# Another user of the machine.

@as_root
def test_another_user_reads_and_reaches_nothing(ground):    # noqa: F811
    var, port = ground / "var", str(free_port())
    try:
        assert script_server(var, "--port", port, "--detach").returncode == 0
        running = json.loads((var / "server.json").read_text(encoding="utf-8"))
        place = pathlib.Path(running["config"]).parent
        config = pathlib.Path(running["config"]).read_text(encoding="utf-8")
        settings = dict(line.split(" = ", 1) for line in config.splitlines() if " = " in line)
        files = [var / "admin.key", var / "server.json", var / "mysql" / "password", pathlib.Path(running["config"])]
        files += [path for path in (*place.rglob("*"), *(var / "spool").rglob("*"), *(var / "log").iterdir())
                  if path.is_file() and not path.name.endswith("curt.fcgi") and not os.access(path, os.X_OK)]
        assert as_stranger("cat", "/etc/passwd")
        for path in files:
            assert not as_stranger("cat", path), f"{STRANGER} reads {path}"
        sockets = {path for path in place.rglob("*") if path.is_socket()}
        # The database server authenticates its clients; the other servers do not, so they are not reachable.
        database = pathlib.Path(running["mysql_socket"])
        assert database in sockets and len(sockets) > 2 and as_stranger("/usr/bin/python3", "-c", CONNECT, database)
        for path in sockets - {database}:
            assert not as_stranger("/usr/bin/python3", "-c", CONNECT, path), f"{STRANGER} reaches {path}"
        if program := shutil.which("mariadb") or shutil.which("mysql"):
            ask = [program, "--no-defaults", f"--socket={database}", "-e", "SELECT 1"]
            assert as_stranger(*ask, "--user=curt", MYSQL_PWD=settings["password"])
            for user in ("root", "curt", STRANGER, WORKERS):
                assert not as_stranger(*ask, f"--user={user}"), f"{STRANGER} is {user} in the database"
        secrets = [running["api_key"].split("_")[2], settings["password"]]
        lines = [path.read_bytes() for path in pathlib.Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
        for secret in secrets:
            assert not any(secret.encode() in line for line in lines)
            assert not any(secret in path.read_text(errors="replace") for path in (var / "log").iterdir())
    finally:
        script_server(var, "--stop")


CONNECT = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"


def as_stranger(*command, **variables):
    """Whether the command succeeds for another user."""
    return subprocess.run(command, user=STRANGER, group=exists(STRANGER).pw_gid, extra_groups=[], cwd="/", timeout=30,
                          env={**environment(), **variables}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode == 0


def test_no_line_of_the_log_is_forged(stack, host, client):
    mark = f"forged-by-{random.randrange(1 << 40)}"
    for path in (b"a%0a{%22event%22:%22" + mark.encode() + b"%22}", b"a%0d%0a" + mark.encode(), mark.encode() + b"%00"):
        get(client, path, b"User-Agent: x\\n" + mark.encode(), b"Referer: https://example.com/%0a" + mark.encode(),
            b"X-Request-Id: a%0a" + mark.encode())
    client.post({"long_url": f"https://example.com/\n{mark}", "custom_alias": f"a\n{mark}"})
    assert not re.search(rf"(?m)^\W*{mark}", stack.log(host))


# What the workers' user has damaged, root reads.

def damages(seed):
    """Files of the workers as they would never write them: (below which of the host's, the name, the bytes)."""
    rng = random.Random(seed)
    for number in range(8):
        yield "ring", None, (rng.randrange(0, 8192), rng.randbytes(rng.choice([1, 8, 256])))
        yield "ring", None, (4096 + 128 * rng.randrange(256), b"\xff" * 64)
        yield "segment", None, (rng.randrange(0, 1 << 16), rng.randbytes(64))
        yield "spool", f"{rng.randrange(1 << 60):016x}.{number}", rng.randbytes(rng.choice([0, 1, 40, 4000]))
        yield "spill", f"clicks-{number}-{rng.randrange(1 << 30)}", rng.randbytes(rng.choice([0, 7, 96, 96 * 50]))


@as_root
def test_root_reads_what_the_workers_have_damaged(stack, ground):    # noqa: F811
    """Commands of root end in time, and by themselves."""
    host = stack.host("lighttpd", workers=1)
    stack.client(host).create(URL)
    host.stop()
    segment, spool = pathlib.Path(host.settings["segment.path"]), pathlib.Path(host.settings["spool.path"])
    treasure = ground / "treasure"
    treasure.write_text("root's\n", encoding="utf-8")
    treasure.chmod(0o600)
    plant(WORKERS, 'mkfifo "$1/fifo" "$1/0000000000000001.1"; ln -s "$2" "$1/0000000000000002.2"; ln -s /dev/zero "$1/zero"; '
          'mkdir "$1/0000000000000003.3"', spool, treasure)
    for number, (what, name, damage) in enumerate(damages(1)):
        if name is None:
            path = {"ring": f"{segment}.clicks", "segment": segment}[what]
            at, data = damage
            with open(path, "r+b") as file:
                file.seek(at)
                file.write(data)
        else:
            path = spool / name
            path.write_bytes(damage)
            os.chown(path, exists(WORKERS).pw_uid, exists(WORKERS).pw_gid)
        command = "flush" if number % 2 else "doctor"
        done = subprocess.run([stack.installation.curtctl, "--config", host.config, command], capture_output=True, timeout=30,
                              text=True, stdin=subprocess.DEVNULL)
        assert 0 <= done.returncode < 100 and not re.search(r"Sanitizer|runtime error", done.stderr), \
            f"{command} after {what} {name}: {done.returncode} {done.stderr[-500:]}"
    assert treasure.read_text(encoding="utf-8") == "root's\n" and treasure.stat().st_uid == 0
