# SPDX-License-Identifier: MIT
"""A stored URL is returned in Location byte for byte, through every web server, and no stored text can become a
header of its own. What is stored is what was given, but for bytes that no URI has (docs/compatibility.md)."""

import random

import pytest

PREFIX = "https://example.com/"


ENCODED = {"/": "\"<>[]^`{|}", "?": "\"'<>\\^`{|}", "#": "\"<>`"}


def encoded(text):
    """What Curt keeps of what follows the host and its slash: tabs and line breaks are dropped, what is
    not visible ASCII, or no part of a URI, is percent-encoded, and a backslash in the path is a slash."""
    kept, part = "", "/"
    for byte in text.encode("utf-8"):
        one = chr(byte)
        if one == "#" or (one == "?" and part == "/"):
            part = one
        if one == "\\" and part == "/":
            kept += "/"
        elif one not in "\t\n\r":
            kept += one if 0x21 <= byte <= 0x7e and one not in ENCODED[part] else f"%{byte:02X}"
    return kept


def comes_back(client, long_url, kept):
    link = client.create(long_url)
    assert link["long_url"] == kept
    answer = client.get(link["code"])
    assert answer.status == 302 and answer.location == kept
    assert client.show(link["code"]).json["long_url"] == kept


@pytest.mark.parametrize("where", ["", "?", "#"], ids=["path", "query", "fragment"])
def test_every_byte(client, where):
    # In rows of 16, each between letters: white space at the ends of a URL is dropped.
    for row in range(0, 0x100, 16):
        text = "".join(chr(row + column) + "x" for column in range(16))
        comes_back(client, f"{PREFIX}{where}a{text}", PREFIX + encoded(f"{where}a{text}"))


@pytest.mark.parametrize("text", [
    "%2B+%20%25ad%0A%zz%", "a//b/../c/./d/%2e%2e/", "?a=b&c=%26&&=?/#f#g?", "\u20ac\U0001f600",
    "'\"<>\\^`{|}~!$&()*+,;=:@[]", "\ud7ff\ue000\ufffd", "e\u0301 \u00e9",
])
def test_spellings_stay(client, text):
    comes_back(client, PREFIX + text, PREFIX + encoded(text))


@pytest.mark.parametrize("length", [21, 255, 256, 1023, 1024, 2047, 4084, 4095, 4096, 4097, 7168, 7999,
                                    8000])
def test_every_length(client, length):
    allowed = "!#$%&()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~"
    url = PREFIX + (allowed * 100)[:length - len(PREFIX)]
    comes_back(client, url, url)


def test_the_longest_after_encoding(client):
    text = "\u00e9" * 1330
    comes_back(client, PREFIX + text, PREFIX + encoded(text))


def test_random_urls(client):
    """The same URLs for each web server and each run."""
    choice = random.Random(20261122)
    alphabet = [chr(c) for c in range(0x20, 0x250)] + ["%", "/", "?", "#"] * 20
    for _ in range(60):
        text = "a" + "".join(choice.choices(alphabet, k=choice.randrange(1, 300))) + "z"
        comes_back(client, PREFIX + text, PREFIX + encoded(text))


@pytest.mark.parametrize("host_part,kept", [
    ("HTTPS://EXAMPLE.com:443/A", "https://example.com/A"),
    ("http://b\u00fccher.example/\u00fc", "http://xn--bcher-kva.example/%C3%BC"),
    ("http://[2001:DB8::0001]:8080/x", "http://[2001:db8::1]:8080/x"),
    ("  http://example.com/x\t\n", "http://example.com/x"),
    ("\ufeff\u200b\u00a0http://example.com/x\u00a0\u200b\ufeff", "http://example.com/x"),
    ("http://exam\r\nple.com/a\tb\r\nc", "http://example.com/abc"),
    ("https://\U0001f4a9.la/", "https://xn--ls8h.la/"),
])
def test_what_is_normalised(any_client, host_part, kept):
    comes_back(any_client, host_part, kept)


@pytest.mark.parametrize("twice", ["http://https://example.org/", "https://http//example.org",
                                   "http://http:/example.org/", "http://HTTPS%3A//example.org"])
def test_a_scheme_that_is_there_twice(any_client, twice):
    problem = any_client.post({"long_url": twice}).is_problem(400, "invalid_url")
    assert "the scheme is there twice" in problem["detail"]


def test_line_breaks_never_reach_a_header(client, host):
    evil = PREFIX + "a\r\nSet-Cookie: owned=1\r\n\r\n<h1>owned</h1>\0\n\r."
    code = client.create(evil)["code"]
    received = client.raw(f"GET {host.mount}{code} HTTP/1.0\r\n\r\n".encode("ascii"))
    head, _, body = received.partition(b"\r\n\r\n")
    assert body == b"" and b"\0" not in received
    assert not any(line.lower().startswith(b"set-cookie") for line in head.split(b"\r\n"))
    assert b"Location: " + encoded(evil).encode("ascii") in head.split(b"\r\n")


@pytest.mark.parametrize("poison", ["\r\nSet-Cookie: owned=1", "\nX: y", "\r", "\0"], ids=repr)
def test_line_breaks_in_the_database_never_reach_a_header(stack, client, other_client, poison):
    """Should some other program write to the database, no header can be forged all the same."""
    code = other_client.create(PREFIX)["code"]
    stack.sql("UPDATE link SET long_url = %s WHERE code = %s", PREFIX + poison, code)
    stack.memcached.flush()
    answer = client.get(code)
    assert answer.status in (404, 500) and answer.location is None
    assert answer.header("Set-Cookie") is None and answer.header("X") is None


def test_odd_but_legal_requests(client, host):
    """Other spellings of a request that mean the same."""
    code = client.create(PREFIX + "odd")["code"]
    target = f"{host.mount}{code}"
    location = f"Location: {PREFIX}odd\r\n".encode("ascii")
    for request in (
            f"GET {target} HTTP/1.0\r\n\r\n",
            f"GET http://127.0.0.1:{host.port}{target} HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{host.port}\r\nConnection: close\r\n\r\n",
            f"GET {target}?{'q' * 8000} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            f"GET {target} HTTP/1.1\r\nHost: somebody.example\r\nConnection: close\r\n\r\n",
            f"GET {target} HTTP/1.1\r\nHost: x\r\nReferer: https://x.example/{'r' * 8000}\r\n"
            "Connection: close\r\n\r\n"):
        received = client.raw(request.encode("ascii"))
        assert received.startswith((b"HTTP/1.1 302", b"HTTP/1.0 302")), received[:300]
        assert location in received


def test_many_requests_on_one_connection(client, host):
    code = client.create(PREFIX + "kept")["code"]
    one = f"GET {host.mount}{code} HTTP/1.1\r\nHost: x\r\n"
    received = client.raw((f"{one}\r\n" * 9 + f"{one}Connection: close\r\n\r\n").encode("ascii"))
    assert received.count(b"HTTP/1.1 302") == 10


def test_a_body_in_chunks(client, host):
    body = b'{"long_url": "https://example.com/chunks"}'
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[i:i + 7]), body[i:i + 7])
                      for i in range(0, len(body), 7)) + b"0\r\n\r\n"
    received = client.raw(
        f"POST {host.mount}api/v1/urls HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        f"X-Api-Key: {client.key}\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n".encode("ascii") + chunks)
    assert received.startswith(b"HTTP/1.1 201"), received[:500]
