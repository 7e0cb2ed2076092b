# SPDX-License-Identifier: MIT
"""Creating a link, following it, reading it."""

import datetime
import re

import pytest

LONG_URL = "https://example.com/a/path?with=a%2Bquery&and=%zz#fragment"
MEMBERS = {"code", "short_url", "long_url", "custom_alias", "aliases", "title", "tags",
           "redirect_status", "forward_query", "extra_path", "created_at", "updated_at", "starts_at",
           "expires_at", "max_clicks", "expired_url", "not_started_url", "clicks", "clicks_imported", "owner", "state"}


def rfc3339(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def in_seconds(seconds):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)


def test_create_follow_and_show(client, host):
    made = client.post({"long_url": LONG_URL})
    assert made.status == 201
    link = made.json
    assert set(link) == MEMBERS
    assert re.fullmatch(r"[0-9A-Za-z]{7}", link["code"])
    assert link["short_url"] == f"{host.base_url}/{link['code']}"
    assert made.location == link["short_url"]
    assert link["long_url"] == LONG_URL
    assert link["state"] == "live" and link["clicks"] == 0 and link["owner"] == "admin"
    assert link["redirect_status"] == 302 and link["custom_alias"] is None
    assert link["created_at"] == link["updated_at"]

    followed = client.get(link["code"])
    assert followed.status == 302
    assert followed.location == LONG_URL
    assert followed.body == b""
    assert followed.header("Cache-Control") == "private, no-cache"

    shown = client.show(link["code"])
    assert shown.status == 200 and shown.json == link


def test_head_and_trailing_slash(client):
    code = client.create(LONG_URL)["code"]
    for method, path in (("HEAD", code), ("GET", code + "/"), ("GET", code + "?query=is&dropped")):
        answer = client.request(method, path)
        assert (answer.status, answer.location, answer.body) == (302, LONG_URL, b"")


def test_alias(client, host):
    alias = f"My-Alias_{host.web.site.name}"
    link = client.create(LONG_URL, custom_alias=alias)
    assert link["code"] == link["custom_alias"] == alias and link["aliases"] == [alias]
    assert client.get(alias).location == LONG_URL
    assert client.get(alias.lower()).status == 404        # case matters
    client.post({"long_url": LONG_URL, "custom_alias": alias}).is_problem(409, "alias_taken")
    assert client.show(alias).json == link


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_status(any_client, status):
    code = any_client.create(LONG_URL, redirect_status=status)["code"]
    answer = any_client.get(code)
    assert (answer.status, answer.location) == (status, LONG_URL)


@pytest.mark.parametrize("path", ["api/v1/urls", "api/v1/shorten", "urls", "shorten"])
def test_paths_that_other_designs_use(client, path):
    made = client.post({"long_url": LONG_URL}, path=path)
    assert made.status == 201
    assert client.get(made.json["code"]).location == LONG_URL


@pytest.mark.parametrize("name", ["expires_at", "expiration_date", "expiry_date"])
def test_fields_that_other_designs_use(any_client, name):
    moment = rfc3339(in_seconds(3600))
    link = any_client.create(LONG_URL, **{name: moment})
    assert link["expires_at"] == moment


def test_ttl_seconds(any_client):
    before = in_seconds(100)
    moment = any_client.create(LONG_URL, ttl_seconds=100)["expires_at"]
    assert rfc3339(before) <= moment <= rfc3339(in_seconds(100))


def test_both_ways_to_bring_the_key(client):
    for headers in ({"Authorization": f"Bearer {client.key}"},
                    {"Authorization": None, "X-Api-Key": client.key},
                    {"Authorization": f"bearer {client.key}"}):
        assert client.post({"long_url": LONG_URL}, headers=headers).status == 201


def test_every_answer_has_its_own_request_id(client):
    code = client.create(LONG_URL)["code"]
    answers = [client.get(path) for path in (code, "nobody-has-this", "healthz", "", "%zz%", "a/b")]
    answers += [client.post(b"{"), client.show(code), client.request("DELETE", code),
                client.request("HEAD", code)]
    # Apache answers "%zz" itself.
    ids = [answer.header("X-Request-Id") for answer in answers
           if answer.status != 400 or answer.type == "application/problem+json"]
    assert len(ids) >= len(answers) - 1
    assert all(ids) and len(set(ids)) == len(ids)


def test_the_log_line_carries_the_request_id(stack, client, host):
    from stack.process import wait_until
    request_id = client.post({"long_url": LONG_URL}).header("X-Request-Id")
    wait_until(lambda: f"request_id={request_id}" in stack.log(host), 5, "the log line")
    line = next(line for line in stack.log(host).splitlines() if request_id in line)
    assert "path=/api/v1/urls" in line and "status=201" in line
    assert client.key not in stack.log(host)


def test_healthz(client):
    answer = client.get("healthz")
    assert answer.status == 200 and answer.json == {"status": "ok"}
