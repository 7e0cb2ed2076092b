# SPDX-License-Identifier: MIT
"""Every kind of invalid request, and its answer; one row for each."""

import pytest

GOOD = "https://example.com/"
LONG = "https://example.com/" + "a" * 7981    # 8,001 bytes

REFUSED = [
    # code, body
    ("invalid_json", b""),
    ("invalid_json", b"{"),
    ("invalid_json", b'{"long_url": "https://example.com/"'),
    ("invalid_json", b'{"long_url": "https://example.com/"} x'),
    ("invalid_json", b"{'long_url': 'https://example.com/'}"),
    ("invalid_json", b'{"long_url": "https://example.com/\xff"}'),
    ("invalid_json", b"[]"),
    ("invalid_json", b'"https://example.com/"'),
    ("invalid_json", b"null"),
    ("invalid_json", b"[" * 10000),
    ("invalid_url", {}),
    ("invalid_url", {"long_url": None}),
    ("invalid_url", {"long_url": ""}),
    ("invalid_url", {"long_url": "example.com"}),
    ("invalid_url", {"long_url": "http://"}),
    ("invalid_url", {"long_url": "https://exa mple.com/"}),
    ("invalid_url", {"long_url": "https://example.com:99999/"}),
    ("invalid_url", {"long_url": "https://user:password@example.com/"}),
    ("unsupported_scheme", {"long_url": "javascript:alert(1)"}),
    ("unsupported_scheme", {"long_url": "JavaScript://example.com/%0aalert(1)"}),
    ("unsupported_scheme", {"long_url": "data:text/html,hello"}),
    ("unsupported_scheme", {"long_url": "vbscript:hello"}),
    ("unsupported_scheme", {"long_url": "file:///etc/passwd"}),
    ("unsupported_scheme", {"long_url": "ftp://example.com/"}),
    ("url_too_long", {"long_url": LONG}),
    ("url_too_long", {"long_url": "https://example.com/" + "\u00e9" * 1331}),  # 8,006 encoded
    ("invalid_alias", {"long_url": GOOD, "custom_alias": ""}),
    ("invalid_alias", {"long_url": GOOD, "custom_alias": "ab"}),
    ("invalid_alias", {"long_url": GOOD, "custom_alias": "a" * 51}),
    ("invalid_alias", {"long_url": GOOD, "custom_alias": "with space"}),
    ("invalid_alias", {"long_url": GOOD, "custom_alias": "with/slash"}),
    ("invalid_alias", {"long_url": GOOD, "custom_alias": "caf\u00e9"}),
    ("invalid_alias", {"long_url": GOOD, "custom_alias": "nul\0here"}),
    ("reserved_alias", {"long_url": GOOD, "custom_alias": "admin"}),
    ("reserved_alias", {"long_url": GOOD, "custom_alias": "API"}),
    ("reserved_alias", {"long_url": GOOD, "custom_alias": "healthz"}),
    ("invalid_time", {"long_url": GOOD, "expires_at": "tomorrow"}),
    ("invalid_time", {"long_url": GOOD, "expires_at": "2026-13-01T00:00:00Z"}),
    ("invalid_time", {"long_url": GOOD, "expires_at": "2001-01-01T00:00:00Z"}),
    ("invalid_time", {"long_url": GOOD, "ttl_seconds": 0}),
    ("invalid_time", {"long_url": GOOD, "ttl_seconds": -5}),
    ("invalid_time", {"long_url": GOOD, "ttl_seconds": 10**15}),
    ("invalid_field", {"long_url": 5}),
    ("invalid_field", {"long_url": [GOOD]}),
    ("invalid_field", {"long_url": GOOD, "custom_alias": 7}),
    ("invalid_field", {"long_url": GOOD, "redirect_status": 200}),
    ("invalid_field", {"long_url": GOOD, "redirect_status": "302"}),
    ("invalid_field", {"long_url": GOOD, "ttl_seconds": "100"}),
    ("invalid_field", {"long_url": GOOD, "longurl": GOOD}),
    ("invalid_field", {"long_url": GOOD, "expires_at": "2999-01-01T00:00:00Z", "ttl_seconds": 5}),
]


def row_name(row):
    return row if isinstance(row, str) else str(row)[:40]


@pytest.mark.parametrize("code,body", REFUSED, ids=row_name)
def test_refused(any_client, code, body):
    any_client.post(body).is_problem(400, code)


def test_our_own_short_urls(client, host):
    for url in (f"{host.base_url}/abc", f"{host.base_url}", host.base_url.upper() + "/X",
                host.base_url.replace("http:", "https:") + "/abc",
                f"http://0x7f.1:{host.port}/abc"):
        client.post({"long_url": url}).is_problem(400, "url_is_short_url")


@pytest.mark.parametrize("headers", [
    {"Authorization": None},
    {"Authorization": "Bearer"},
    {"Authorization": "Bearer "},
    {"Authorization": "Bearer nonsense"},
    {"Authorization": "Bearer curt_1_" + "a" * 44},
    {"Authorization": "Bearer curt_4294967295_" + "a" * 44},
    {"Authorization": "Basic YWRtaW46YWRtaW4="},
    {"Authorization": None, "X-Api-Key": "nonsense"},
], ids=str)
def test_unauthorized(client, headers):
    answer = client.post({"long_url": GOOD}, headers=headers)
    answer.is_problem(401, "unauthorized")
    assert answer.header("WWW-Authenticate").startswith("Bearer")


def test_show_needs_a_key(client):
    code = client.create(GOOD)["code"]
    client.get(f"api/v1/urls/{code}").is_problem(401, "unauthorized")


def test_a_key_whose_last_letter_differs(any_client):
    last = "A" if any_client.key[-1] != "A" else "B"
    answer = any_client.post({"long_url": GOOD},
                             headers={"Authorization": f"Bearer {any_client.key[:-1]}{last}"})
    answer.is_problem(401, "unauthorized")


@pytest.mark.parametrize("path", [
    "nobody-has-this", "nobody-has-this/", "a.b", "a%20b", "%41bc", "a" * 3000, "a/b", "api/v1",
    "api/v2/urls", "caf%C3%A9", "..%2f..%2fetc%2fpasswd", "%00", "a%0d%0ab",
])
def test_not_found(client, path):
    answer = client.get(path)
    # Apache and nginx have answers of their own to what is dangerous with files.
    if path in ("%00", "..%2f..%2fetc%2fpasswd") and not answer.header("X-Request-Id"):
        assert answer.status in (400, 404)
        return
    answer.is_problem(404, "not_found")


def test_show_not_found(client):
    client.show("nobody-has-this").is_problem(404, "not_found")
    client.show("a%20b").is_problem(404, "not_found")


@pytest.mark.parametrize("accept,is_page", [
    ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
    ("text/html", True),
    ("*/*", False),
    ("application/json", False),
    ("application/json, text/html;q=0.5", False),
    (None, False),
])
def test_pages_for_browsers(client, accept, is_page):
    answer = client.get("nobody-has-this", {"Accept": accept} if accept else {})
    if not is_page:
        answer.is_problem(404, "not_found")
        return
    assert answer.status == 404 and answer.header("X-Request-Id")
    assert answer.header("Content-Type").lower() == "text/html; charset=utf-8"
    assert b"<!doctype html>" in answer.body
    assert "Accept" in answer.header("Vary")


def test_the_api_speaks_json_to_browsers_too(client):
    client.show("nobody-has-this", Authorization=f"Bearer {client.key}",
                Accept="text/html").is_problem(404, "not_found")


@pytest.mark.parametrize("method,path,allow", [
    ("DELETE", "api/v1/urls", {"POST", "GET", "HEAD"}),
    ("PUT", "shorten", {"POST", "GET", "HEAD"}),
    ("POST", "some-code", {"GET", "HEAD"}),
    ("DELETE", "some-code", {"GET", "HEAD"}),
    ("PATCH", "healthz", {"GET", "HEAD"}),
    ("PROPFIND", "some-code", {"GET", "HEAD"}),
])
def test_method_not_allowed(client, method, path, allow):
    answer = client.request(method, path, b"", {"Authorization": f"Bearer {client.key}"})
    answer.is_problem(405, "method_not_allowed")
    assert {name.strip() for name in answer.header("Allow").split(",")} == allow | {"OPTIONS"}


def test_payload_too_large(client):
    body = b'{"long_url": "https://example.com/", "title": "' + b"x" * 70_000 + b'"}'
    client.post(body).is_problem(413, "payload_too_large")
    client.post(b"x" * 3_000_000).is_problem(413, "payload_too_large")
    assert client.post({"long_url": GOOD}).status == 201


@pytest.mark.parametrize("kind", [None, "text/plain", "multipart/form-data; boundary=b",
                                  "application/jsonx", "application/xml; x=application/json"])
def test_unsupported_media_type(client, kind):
    answer = client.post({"long_url": GOOD}, headers={"Content-Type": kind})
    answer.is_problem(415, "unsupported_media_type")


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8",
                                  "Application/JSON"])
def test_supported_media_type(any_client, kind):
    assert any_client.post({"long_url": GOOD}, headers={"Content-Type": kind}).status == 201


def test_a_client_that_hangs_up_harms_nobody(client, host):
    import socket
    before = host.web.worker_pids()
    head = (f"POST {host.mount}api/v1/urls HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {client.key}\r\nContent-Length: 100\r\n\r\n").encode("ascii")
    for data in (head, head + b'{"long', head[:40], b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n"):
        for _ in range(8):
            peer = socket.create_connection(("127.0.0.1", host.port))
            peer.sendall(data)
            peer.close()
    assert client.create(GOOD)["state"] == "live"
    assert host.web.worker_pids() == before
