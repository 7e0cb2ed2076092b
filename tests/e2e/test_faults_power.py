# SPDX-License-Identifier: MIT
"""A power failure: all processes end at once, and what was in memory only is lost."""

import itertools
import os
import pathlib
import signal
import time

import pytest

from cable import Cable
from clicking import GOOGLEBOT, HUMAN, counted
from load import Load
from stack.process import wait_until
from test_spool import BACK_WITHIN, wait_empty

LONG_URL = "https://example.com/before-the-power-failed"
INTERVAL = 0.5      # of the flushes, in seconds
BUSY = 1.5          # what a flush may be late by, on a machine with other things to do


@pytest.fixture
def place(new_stack):
    """A stack that writes as in earnest, and a cable to its MariaDB."""
    with new_stack(durable=True) as stack, Cable(stack.database.socket) as cable:
        yield stack, cable


def start_host(stack, before=None, **settings):
    """A host; after a power failure the same one, with the disk that `before` had."""
    kept = {name: before.settings[name] for name in ("segment.path", "spool.path")} if before else {}
    return stack.host("lighttpd", memcached=None, settings={
        "clicks.flush_interval": f"{int(INTERVAL * 1000)}ms", **settings, **kept})


def fail_power(stack, hosts):
    """Kills all that runs, at once, and empties what is memory."""
    servers = [stack.database.process.pid, *(host.web.process.pid for host in hosts)]
    workers = [pid for host in hosts for pid in host.web.worker_pids()]
    for pid in (*servers, *workers):
        os.kill(pid, signal.SIGKILL)
    for server in (stack.database, *(host.web for host in hosts)):
        server.process.stop(10)
    for host in hosts:
        wait_until(lambda host=host: not host.web.worker_pids(), 10, "the end of the workers")
        memory = pathlib.Path(host.settings["segment.path"]).parent
        files = [path for path in memory.iterdir() if path.is_file()]
        assert {path.name for path in files} == {"curt.segment", "curt.segment.clicks"}
        for path in files:
            path.unlink()


def traffic(well, cut_off):
    """A task for Load: links made on either host; and followed, as people do, on the one that is well."""
    counter = itertools.count()
    made = []

    def task(number, turn):
        if number >= 4 and made:
            return "follow", well.get(made[(number + turn) % len(made)]["code"], HUMAN)
        long_url = f"{LONG_URL}/{next(counter)}"
        answer = (cut_off if number < 2 else well).post({"long_url": long_url})
        if answer.status == 201:
            made.append(answer.json)
        return long_url, answer
    return task


def wait_for(load, status, count):
    wait_until(lambda: sum(shot.status == status for shot in load.shots[:]) >= count, 60,
               f"{count} times {status}")


def redirects(client, shots):
    """Whether all of them lead where they should; these are no clicks."""
    asks = {"User-Agent": GOOGLEBOT}
    return all((answer := client.get(shot.answer.json["code"], asks)).status == 302
               and answer.location == shot.asked for shot in shots)


def test_what_was_promised_outlives_a_power_failure(place):
    stack, cable = place
    over_the_cable = {"mysql.socket": "", "mysql.host": "127.0.0.1", "mysql.port": cable.port}
    well, cut_off = start_host(stack), start_host(stack, **over_the_cable)
    stack.prepared(cut_off)
    cable.cut()
    task = traffic(stack.client(well), stack.client(cut_off))
    with Load(task, clients=8) as load:
        wait_for(load, 202, 50)
        since = time.monotonic()
        wait_until(lambda: counted(stack)[0] > 0 and time.monotonic() > since + 6 * INTERVAL, 30,
                   "flushed clicks")
        wait_for(load, 202, 50)
        failed_at = time.monotonic()
        fail_power(stack, [well, cut_off])
    shots = [shot for shot in load.shots if shot.answer]
    stored, spooled = ([shot for shot in shots if shot.status == status] for status in (201, 202))
    clicks = [shot for shot in shots if shot.asked == "follow" and shot.status == 302]
    assert stored and len(spooled) >= 50 and clicks

    # First without the database: what was accepted is on the disk of its host.
    cut_off = start_host(stack, cut_off, **over_the_cable)
    assert redirects(stack.client(cut_off), spooled)
    cable.mend()
    stack.database.start()
    back = time.monotonic()
    codes = {shot.answer.json["code"]: shot.asked for shot in stored + spooled}
    wait_until(lambda: rows_of(stack).keys() >= codes.keys(), BACK_WITHIN, "all links in MariaDB")
    print(f"{len(stored)} made, {len(spooled)} accepted; stored {time.monotonic() - back:.1f} s later")
    well = start_host(stack, well)
    for client in (stack.client(well), stack.client(cut_off)):
        assert redirects(client, stored + spooled)
    wait_empty(cut_off)
    rows = rows_of(stack)
    assert {code: rows[code] for code in codes} == codes
    # No long URL was sent twice: no link exists twice, and none that was not acknowledged.
    assert len(set(rows.values())) == len(rows)

    at_stake = [shot for shot in clicks if shot.ended > failed_at - INTERVAL - BUSY]
    flushed = counted(stack)[0]
    print(f"{len(clicks)} clicks, {len(clicks) - flushed} lost, {len(at_stake)} might have been")
    assert len(clicks) - flushed <= len(at_stake) < len(clicks)


def rows_of(stack):
    """{code: long URL} of what the test has made."""
    return {code.decode(): url.decode() for code, url in stack.sql(
        "SELECT code.code, link.long_url FROM link JOIN code ON code.link_id = link.id"
        " WHERE link.long_url LIKE %s", f"{LONG_URL}/%")}
