# SPDX-License-Identifier: MIT
"""docs/web-servers.md says what the web servers answer before Curt is asked; here each row of its table is
sent to each of them. A difference of versions is in the table, too."""

import re
import subprocess

import pytest

from conftest import SOURCES
from fronts import CURT, FRONTS, fronts, raw_request

DOCUMENT = (SOURCES / "docs" / "web-servers.md").read_text(encoding="utf-8")
COLUMNS = {"lighttpd": "lighttpd", "lighttpd shared": "lighttpd-shared", "mod_fcgid": "apache",
           "mod_fcgid shared": "apache-shared", "mod_proxy_fcgi": "proxy", "shared hosting": "hoster",
           "nginx": "nginx"}
VERSIONS = {"lighttpd": ["lighttpd", "-v"], "apache": ["apache2", "-v"], "nginx": ["nginx", "-v"]}
HOST = ("Host", "127.0.0.1")
EMPTY = ("Content-Length", "2")


def request(method="GET", path="seen", *headers, body=b"", host=(HOST,)):
    """A function of a front: the bytes to send to it."""
    return lambda front: raw_request(method, front.target(path), [*host, *headers], body)


def line(text, *headers):
    return lambda front: raw_request(*text.format(mount=front.host.mount).split(" ", 1), headers or [HOST])


def big(bytes_of_body):
    return request("POST", "urls", ("Content-Length", str(bytes_of_body)), body=b"x" * bytes_of_body)


def post(*headers, body=b"{}"):
    return request("POST", "urls", *headers, body=body)


def header(size, number=1):
    return [(f"X-Long-{one}", "h" * size) for one in range(number)]


CHUNKED = b"2\r\n{}\r\n0\r\n\r\n"
REQUESTS = {
    "`GET` with a body": request("GET", "seen", EMPTY, body=b"{}"),
    "`POST` without `Content-Length`": request("POST", "urls"),
    "`PUT` without `Content-Length`": request("PUT", "urls"),
    "a method that nobody knows (`BREW`)": request("BREW"),
    "`TRACE`": request("TRACE"),
    "`CONNECT`": line("CONNECT example.com:80", ("Host", "example.com:80")),
    "`OPTIONS *`": line("OPTIONS *"),
    "`#` in the target": request("GET", "seen#x"),
    "`%` in the path that escapes nothing (`a%zz`)": request("GET", "a%zz"),
    "`%` in the query that escapes nothing": request("GET", "seen?a%zz%"),
    "`%00` in the path": request("GET", "a%00"),
    "another escaped control character in the path": request("GET", "a%0a"),
    "an escaped control character in the query": request("GET", "seen?a%00%0a"),
    "a raw blank in the path": request("GET", "se en"),
    "a raw blank in the query": request("GET", "seen?a b"),
    "a raw control character": request("GET", "seen?\x01"),
    "bytes that are not UTF-8, raw": request("GET", "s\xe9?\xe9"),
    "bytes that are not UTF-8, escaped": request("GET", "s%e9?%e9"),
    '`"`, `<`, `>`, `^`, a backslash and the like, raw': request("GET", "s'\"<>^`{|}\\?'\"<>^`{|}\\"),
    "`%2F` in the path": request("GET", "a%2Fb"),
    "`//`, `/./`, `/x/../`": request("GET", "/a/./x/../seen"),
    "`..` above the root": request("GET", "../../seen"),
    "a code of 300 bytes": request("GET", "c" * 300),
    "no `Host`": request(host=()),
    "two different `Host`": request(host=(HOST, ("Host", "other.example"))),
    "the same `Host` twice": request(host=(HOST, HOST)),
    "a `Host` with `_`": request(host=(("Host", "a_b"),)),
    "a whole URL of another host as target": line("GET http://other.example{mount}seen"),
    "`Expect` with anything but `100-continue`": post(("Expect", "200-ok"), EMPTY),
    "`Content-Length` twice": post(EMPTY, EMPTY),
    "`Content-Length` and `Transfer-Encoding`": post(EMPTY, ("Transfer-Encoding", "chunked"), body=CHUNKED),
    "`Transfer-Encoding` that is not `chunked`": post(("Transfer-Encoding", "gzip, chunked"), body=CHUNKED),
    "a header line continued on the next one": request("GET", "seen", ("X-A", "b\r\n c")),
    "a blank before the colon of a header": request("GET", "seen", ("X-A ", "b")),
    "a header with `_` beside its namesake with `-`": request("GET", "seen", ("X-A", "b"), ("X_A", "c")),
    "120 headers": request("GET", "seen", *[(f"X-A{number}", "b") for number in range(120)]),
    "1,100 headers": request("GET", "seen", *[(f"X-A{number}", "b") for number in range(1100)]),
    **{f"a query of {size:,} bytes": request("GET", "seen?" + "q" * size)
       for size in (8000, 12000, 16200, 20000, 40000)},
    **{f"a path of {size:,} bytes": request("GET", "p" * size) for size in (16200, 31000)},
    **{f"a header of {size:,} bytes": request("GET", "seen", *header(size)) for size in (8000, 16200, 20000)},
    "a query and a header of 15,500 bytes each": request("GET", "seen?" + "q" * 15500, *header(15500)),
    "four headers of 15,000 bytes": request("GET", "seen", *header(15000, 4)),
    "a query and three headers of 13,000 bytes each": request("GET", "seen?" + "q" * 13000, *header(13000, 3)),
    "ten headers of 15,000 bytes": request("GET", "seen", *header(15000, 10)),
    "a body of 200,000 bytes": big(200_000),
    "a body of 10,000,000 bytes": big(10_000_000),
}


def table():
    """{request: {front: cell}} of the document."""
    lines = [re.split(r"(?<!\\) \| ", row.strip("| ")) for row in DOCUMENT.splitlines()
             if row.startswith("| ")]
    start = next(number for number, row in enumerate(lines) if row[0] == "request")
    names = [COLUMNS[name] for name in lines[start][1:]]
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in lines[start + 1:]}


def version(name):
    said = subprocess.run(VERSIONS[name.split("-")[0] if "-" in name else
                                   {"proxy": "apache", "hoster": "apache"}.get(name, name)],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True).stdout
    return tuple(map(int, re.search(r"/(\d+)\.(\d+)\.(\d+)", said).groups()))


def expected(cell, name):
    """Of "Curt; 400 from 1.4.85" what holds for the version that is here."""
    holds = None
    for part in cell.split("; "):
        what, _, since = part.partition(" from ")
        if not since or version(name) >= tuple(map(int, since.split("."))):
            holds = what
    return holds


def who(received):
    """"Curt", or the status of an answer that is not Curt's; None where there was no answer."""
    head = received.partition(b"\r\n\r\n")[0]
    if not head.startswith(b"HTTP/1."):
        return None
    return "Curt" if b"\r\nx-request-id:" in head.lower() else head.split()[1].decode()


@pytest.fixture(scope="module")
def all_fronts(stack):
    with fronts(stack) as started:
        by_name = {front.name: front for front in started if front.name != CURT}
        by_name["lighttpd"].client.create("https://example.com/", custom_alias="seen")
        yield by_name


def test_the_table_is_whole():
    assert set(table()) == set(REQUESTS)
    assert set(COLUMNS.values()) == set(FRONTS)


@pytest.mark.parametrize("row", REQUESTS)
def test_row(all_fronts, row):
    got = {name: who(front.send(REQUESTS[row](front))) for name, front in all_fronts.items()}
    assert got == {name: expected(cell, name) for name, cell in table()[row].items()}


@pytest.mark.parametrize("name", list(FRONTS))
def test_no_length_is_an_error_of_the_server(all_fronts, name):
    """A line that is too long is reported as such: 414, 431 or 400, never 500, of which clients think that it may
    be tried again."""
    front = all_fronts[name]
    for size in [*range(6000, 34000, 1000), 8190, 8191, 8192, 16383, 16384, 16385, 32766, 32767, 32768, 65535]:
        for sent in (request("GET", "seen?" + "q" * size), request("GET", "seen", *header(size)),
                     request("GET", "seen?" + "q" * (size // 2), *header(size // 2))):
            answered = who(front.send(sent(front)))
            assert answered in ("Curt", "400", "413", "414", "431"), f"{size}: {answered}"
