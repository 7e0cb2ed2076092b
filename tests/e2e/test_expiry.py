# SPDX-License-Identifier: MIT
"""A link redirects until the second it expires and no longer, from whichever layer it comes."""

import datetime
import time


def moment(text):
    return datetime.datetime.fromisoformat(text).timestamp()


def test_expiry_to_the_second(client):
    link = client.create("https://example.com/soon-gone", ttl_seconds=3)
    expires = moment(link["expires_at"])
    seen = []
    while not seen or seen[-1][1] < expires + 0.2:
        before = time.time()
        answer = client.get(link["code"])
        seen.append((before, time.time(), answer))
        time.sleep(0.02)
    live = [end for start, end, answer in seen if answer.status == 302]
    gone = [(start, end) for start, end, answer in seen if answer.status == 410]
    assert len(live) + len(gone) == len(seen)
    assert max(live) > expires - 0.5, "gone too early"
    assert all(end >= expires for _, end in gone)
    assert all(answer.status == 410 for start, _, answer in seen if start >= expires)
    seen[-1][2].is_problem(410, "expired")
    page = client.get(link["code"], {"Accept": "text/html"})
    assert page.status == 410 and page.type == "text/html"
    shown = client.show(link["code"])
    assert shown.status == 200 and shown.json["state"] == "expired"


def test_an_expired_link_nobody_ever_asked_for(stack, client, other_client):
    """No cache has it: the answer comes from the database."""
    code = other_client.create("https://example.com/", ttl_seconds=3600)["code"]
    stack.sql("UPDATE link JOIN code ON code.link_id = link.id "
              "SET link.expires_at = link.created_at WHERE code.code = %s", code)
    stack.memcached.flush()
    client.get(code).is_problem(410, "expired")
