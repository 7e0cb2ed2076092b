# SPDX-License-Identifier: MIT
"""Curt in a sub-directory of a host, as on shared hosting."""

import pytest

from conftest import WEB_SERVERS

LONG_URL = "https://example.com/from-a-sub-directory"


@pytest.fixture(scope="module", params=WEB_SERVERS)
def host(request, stack):
    host = stack.host(request.param, mount="/s/", workers=2)
    yield host
    host.stop()


def test_everything_lies_below_it(client, host):
    made = client.post({"long_url": LONG_URL})
    link = made.json
    assert made.location == link["short_url"] == f"http://127.0.0.1:{host.port}/s/{link['code']}"
    for path in (link["code"], link["code"] + "/"):
        assert client.get(path).location == LONG_URL
    assert client.show(link["code"]).json == link
    assert client.get("").status == 200 and client.get("healthz").status == 200
    assert client.post({"long_url": LONG_URL}, path="shorten").status == 201
    client.get("nobody-has-this").is_problem(404, "not_found")


def test_nothing_lies_beside_it(stack, client, host):
    from client import Client
    code = client.create(LONG_URL)["code"]
    outside = Client(host.port, "/", key=stack.key)
    for path in (code, "healthz", "sx/" + code, "api/v1/urls", "S/" + code):
        assert outside.get(path).status in (403, 404)      # Apache: no access to its root


def test_what_lies_beside_it_is_a_fine_destination(client, host):
    beside = f"http://127.0.0.1:{host.port}/elsewhere"
    assert client.get(client.create(beside)["code"]).location == beside
    client.post({"long_url": f"{host.base_url}/abc"}).is_problem(400, "url_is_short_url")
