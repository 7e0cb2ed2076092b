# SPDX-License-Identifier: MIT
"""A sequence that is used up: a true answer, a line in the log, and a remedy."""

import contextlib

import pytest

IDS = 5


@pytest.fixture(scope="module", params=["segment", "no segment"])
def host(request, stack):
    """A host with a sequence of its own that has a few ids."""
    name = f"small-{request.param.replace(' ', '-')}"
    settings = {"links.sequence": name}
    if request.param == "no segment":
        settings["segment.path"] = ""
    host = stack.host("lighttpd", workers=1, settings=settings)
    first = 50_000_000 + len(name)
    stack.sql("INSERT INTO sequence (name, next_id, limit_id, block_size) VALUES (%s, %s, %s, 1000)",
              name, first, first + IDS)
    with contextlib.ExitStack() as cleanup:
        cleanup.callback(host.stop)
        yield host


def exhausted_lines(stack, host):
    return [line for line in stack.log(host).splitlines()
            if "used up" in line and host.settings["links.sequence"] in line]


def test_exhausted(stack, client, host):
    made = [client.create(f"https://example.com/last/{number}") for number in range(IDS)]
    assert len({link["code"] for link in made}) == IDS
    assert not exhausted_lines(stack, host)
    for fields in ({}, {"custom_alias": host.settings["links.sequence"]}):
        answer = client.post({"long_url": "https://example.com/too-many", **fields})
        problem = answer.is_problem(503, "unavailable")
        assert "ids" in problem["detail"] and answer.header("Retry-After")
    bulk = client.post({"links": [{"long_url": "https://example.com/too-many"}]},
                       path="api/v1/urls/bulk")
    assert bulk.status == 503 or [item["status"] for item in bulk.json["results"]] == [503]
    assert any("sequence_exhausted" in line for line in exhausted_lines(stack, host))
    # Existing links still work.
    assert client.get(made[0]["code"]).status == 302
    assert client.show(made[0]["code"]).status == 200
    client.show(host.settings["links.sequence"]).is_problem(404, "not_found")

    stack.sql("UPDATE sequence SET limit_id = limit_id + 2 WHERE name = %s",
              host.settings["links.sequence"])
    more = [client.create("https://example.com/more")["code"] for _ in range(2)]
    assert not set(more) & {link["code"] for link in made}
    client.post({"long_url": "https://example.com/"}).is_problem(503, "unavailable")
