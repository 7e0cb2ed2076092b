# SPDX-License-Identifier: MIT
"""MariaDB is stopped and started again under load."""

import itertools
import time

import pytest

from load import Load
from stack.process import wait_until

LONG_URL = "https://example.com/while-mariadb-is-away"
WELL = {"cached": 302, "unknown": 404, "create": 201, "show": 200}


def traffic(client, links):
    """A task for Load: each client does one of the four kinds of WELL, which is what it says it asked
    for."""
    counter = itertools.count()

    def task(number, turn):
        kind = list(WELL)[number % len(WELL)]
        code = links[turn % len(links)]["code"]
        if kind == "cached":
            return kind, client.get(code)
        if kind == "unknown":
            return kind, client.get(f"nobody-has-{number}-{turn}-{time.time_ns()}")
        if kind == "create":
            return kind, client.post({"long_url": f"{LONG_URL}/{next(counter)}"})
        return kind, client.show(code)
    return task


def is_honest(shot):
    """Cached links never fail, and creates are accepted for later; all else is as ever, or says that it is
    not available."""
    if shot.status == 202 and shot.asked == "create":
        return True
    if shot.status == 503 and shot.asked in ("unknown", "show"):
        shot.answer.is_problem(503, "unavailable")
        return int(shot.answer.header("Retry-After")) >= 1
    return shot.status == WELL[shot.asked]


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_mariadb_goes_and_comes_back(own_stack, own_host, own_client, links, how):
    own_stack.prepared(own_host)
    with Load(traffic(own_client, links), clients=8, least=3) as load:
        getattr(own_stack.database, how)()
        down = time.monotonic()
        load.wait_for(300)
        going_up = time.monotonic()
        own_stack.database.start()
        recovered = time.monotonic() + 2
        wait_until(lambda: sum(shot.began > recovered for shot in load.shots[:]) >= 200, 30,
                   "requests after the return")
    assert [shot for shot in load.shots if not is_honest(shot)] == []
    refused = {shot.asked for shot in load.shots
               if shot.status == 503 and shot.began > down and shot.ended < going_up}
    assert refused == {"unknown", "show"}
    assert 202 in load.statuses(down, going_up)
    assert set(load.statuses(since=recovered)) == set(WELL.values())
    made = [shot.answer.json for shot in load.shots if shot.status == 201]
    for link in made[:: max(1, len(made) // 50)]:
        assert own_client.get(link["code"]).location == link["long_url"]


def test_an_expired_link_stays_gone_while_mariadb_is_away(own_stack, own_client):
    # The tests before may just have brought the database back.
    wait_until(lambda: own_client.post({"long_url": LONG_URL}).status == 201, 10, "the use of the database")
    link = own_client.create(LONG_URL, ttl_seconds=1)
    assert own_client.get(link["code"]).status == 302
    own_stack.database.stop()
    try:
        def gone():
            return own_client.get(link["code"]).status != 302
        wait_until(gone, 5, "the end of the link")
        assert own_client.get(link["code"]).status in (410, 503)
    finally:
        own_stack.database.start()
