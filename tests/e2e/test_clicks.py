# SPDX-License-Identifier: MIT
"""Every click counts once, whatever fails: workers and flushes are killed, the database is stopped, memory and
spool are full. CURT_SOAK=1 clicks a million times."""

import collections
import contextlib
import os
import pathlib
import random
import signal
import subprocess
import threading

import pytest

from clicking import (CUT_OFF, GOOGLEBOT, HUMAN, Flusher, click, counted, restart_twice, rolled_up, spool_of,
                      wait_for_own_flush)
from stack.process import Threads, wait_until
from test_maintenance import leaders

SOAK = bool(os.environ.get("CURT_SOAK"))
CLICKS = 1_000_000 if SOAK else 40_000
CLIENTS = 64 if SOAK else 16
LANE = 8192         # clicks of a worker that fit in memory


class Site:
    """A stack with one host, some links, and a flusher by hand."""

    def __init__(self, stack, **settings):
        self.stack = stack
        workers = settings.pop("workers", 4)
        web = settings.pop("web", "lighttpd")
        spool = stack.place.directory(f"spool{stack.names}")
        self.host = stack.host(web, workers=workers, settings={
            "spool.path": spool, **{key.replace("__", "."): value for key, value in settings.items()}})
        self.client = stack.client(self.host)
        self.codes = [self.client.create(f"https://example.com/clicks/{number}")["code"]
                      for number in range(20)]
        self.flusher = Flusher(stack, self.host, f"flush{stack.names}")

    def visit(self, code=None, method="GET", **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.request(method, code or self.codes[0], headers={**HUMAN, **sent}).status

    def pending(self):
        return self.flusher.flush()["pending"]

    def total(self):
        """(clicks, bots), all flushed."""
        wait_until(lambda: self.pending() == 0, 60, "the end of what is to be flushed")
        assert counted(self.stack) == rolled_up(self.stack)
        return counted(self.stack)


@pytest.fixture
def site(new_stack):
    with new_stack() as stack:
        yield Site(stack)


@pytest.mark.parametrize("web", ["lighttpd", "apache", "nginx"])
def test_what_is_counted(new_stack, web):
    with new_stack() as stack:
        site = Site(stack, web=web)
        rows = [
            # method, headers, clicks, bots
            ("GET", {}, 1, 0),
            ("HEAD", {}, 0, 0),
            ("GET", {"Sec_Purpose": "prefetch"}, 0, 0),
            ("GET", {"Sec_Purpose": "prefetch;prerender"}, 0, 0),
            ("GET", {"Purpose": "prefetch"}, 0, 0),
            ("GET", {"X_Moz": "prefetch"}, 0, 0),
            ("GET", {"DNT": "1"}, 1, 0),
            ("GET", {"Sec_GPC": "1"}, 1, 0),
            ("GET", {"User_Agent": GOOGLEBOT}, 0, 1),
            ("GET", {"User_Agent": "curl/7.88.1"}, 0, 1),
            ("GET", {"User_Agent": "Mozilla/4.0 (compatible; ms-office; MSOffice 16)"}, 0, 1),
            ("GET", {"User_Agent": "Nobody-HealthChecker/2.0"}, 0, 1),
            ("GET", {"User_Agent": "Lynx/2.9.0 libwww-FM/2.14"}, 1, 0),
        ]
        clicks = bots = 0
        for method, headers, *counts in rows:
            assert site.visit(method=method, **headers) == 302
            clicks, bots = clicks + counts[0], bots + counts[1]
            assert site.total() == (clicks, bots), (method, headers)
        assert site.visit("nobody-has-this") == 404
        assert site.total() == (clicks, bots)
        assert site.client.show(site.codes[0]).json["clicks"] == clicks


def test_the_maintenance_flushes(site):
    for _ in range(7):
        assert site.visit() == 302
    wait_until(lambda: counted(site.stack) == (7, 0), 20, "the flush")
    for _ in range(5):
        assert site.visit() == 302
    site.host.stop()        # what the last second brought is flushed at the end
    wait_until(lambda: counted(site.stack) == (12, 0), 10, "the last flush")


def test_visitors_are_told_apart(new_stack):
    with new_stack() as stack:
        site = Site(stack, server__trusted_proxies="127.0.0.1")
        site.pending()      # the first flush publishes the key
        for turn in range(30):
            assert site.visit(X_Forwarded_For=f"192.0.2.{turn % 5}") == 302
        assert site.visit(X_Forwarded_For="192.0.2.99", DNT="1") == 302
        assert site.total() == (31, 0)
        assert stack.sql("SELECT visitors FROM click_total") == ((5,),)


def test_counting_may_be_off(new_stack):
    with new_stack() as stack:
        site = Site(stack, clicks__enabled="no")
        assert site.visit() == 302
        assert site.total() == (0, 0)


class Trouble(Threads):
    """Kills workers, of which one flushes, and flushers by hand in the middle, until the block ends."""

    def __init__(self, site, pause):
        super().__init__(self._kill_workers, self._kill_flushers)
        self.site = site
        self.pause = pause
        self.kills = collections.Counter()

    def _kill(self, pid, what):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.kills[what] += 1

    def _kill_workers(self):
        choice = random.Random(3)
        while not self.stop.wait(self.pause):
            one = leaders(self.site.host) if choice.random() < 0.5 else None
            pids = list(one or self.site.host.web.worker_pids())
            if pids:
                self._kill(choice.choice(pids), "flushing worker" if one else "worker")

    def _kill_flushers(self):
        choice = random.Random(4)
        while not self.stop.is_set():
            process = self.site.flusher.start()
            try:
                process.communicate(timeout=choice.random() * 0.05)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                self.kills["flusher"] += 1
            self.stop.wait(self.pause)


def test_exactly_once_whoever_is_killed(new_stack):
    """The totals are the answers that visitors saw. A worker killed between counting and answering may
    have counted one that was cut off: no more of them than kills."""
    with new_stack() as stack:
        site = Site(stack, workers=8 if SOAK else 4)
        with Trouble(site, 0.2 if SOAK else 0.1) as trouble:
            restarts = threading.Thread(target=restart_twice, args=(stack.database, trouble.stop, CLICKS / 40_000))
            restarts.start()
            answers = click(site.host, site.codes, CLICKS, CLIENTS)
        restarts.join()
        clicks, bots = site.total()
        kills = trouble.kills["worker"] + trouble.kills["flushing worker"]
        print(f"\n{dict(answers)}, {dict(trouble.kills)}: {clicks} clicks, "
              f"{clicks - answers[302]} of them were cut off")
        assert bots == 0
        assert answers[302] == CLICKS // CLIENTS * CLIENTS, answers
        assert answers[302] <= clicks <= answers[302] + min(kills, sum(answers.values()) - answers[302])
        # Workers rarely live long enough to become the leader, unless the test runs for long.
        assert kills > 5 and trouble.kills["flusher"] > 2 and (trouble.kills["flushing worker"] or not SOAK)
        assert set(answers) <= {302, 500, 502, 503, CUT_OFF}


def test_clicks_wait_for_the_database(new_stack):
    """In memory, then in the spool, whoever is killed meanwhile."""
    with new_stack() as stack:
        site = Site(stack, workers=1, clicks__flush_interval="100ms")
        answers = click(site.host, site.codes, 100, 4)
        stack.database.stop()
        answers += click(site.host, site.codes, LANE + 2_000, 4)
        assert list(spool_of(site.host).glob("clicks-*"))
        for pid in site.host.web.worker_pids():
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: site.visit() == 302, 10, "the new worker")
        stack.database.start()
        assert site.total() == (answers[302] + 1, 0)
        # A worker lets go of its file when there is room in memory again and there is a click.
        wait_until(lambda: site.visit() == 302 and site.pending() == 0
                   and not list(spool_of(site.host).glob("clicks-*")), 20,
                   "the end of the spilled files")
        # Every file's source goes with it; the ring's stays.
        assert stack.sql("SELECT COUNT(*) FROM click_source") == ((1,),)


def test_what_is_lost_is_told(new_stack):
    with new_stack() as stack:
        site = Site(stack, workers=1, clicks__spill_max="64k", clicks__flush_interval="100ms")
        click(site.host, site.codes, 100, 4)
        stack.database.stop()
        answers = click(site.host, site.codes, LANE + 3_000, 4)
        assert set(answers) == {302}
        assert "event=clicks_lost" in stack.log(site.host)
        stack.database.start()
        clicks, _ = site.total()
        # Of 96 bytes each; the last of them may have begun below the limit.
        assert LANE + 64 * 1024 // 96 <= clicks < answers[302] + 100


def test_the_ring_may_be_removed(new_stack):
    """Its file, by whoever cleans up, while workers record to it and are replaced: they go on with
    another one and lose nothing, at the latest when they are idle."""
    with new_stack() as stack:
        site = Site(stack, server__max_requests="1000", mysql__idle_close="1s")
        ring = pathlib.Path(f"{site.host.settings['segment.path']}.clicks")
        answers = collections.Counter()
        for _ in range(3):
            answers += click(site.host, site.codes, CLICKS // 20)
            ring.unlink()
            answers += click(site.host, site.codes, CLICKS // 20)
            wait_until(lambda: counted(stack)[0] == answers[302], 20,
                       f"{answers[302]} clicks")
        assert set(answers) <= {302, 503} and ring.exists()
        assert "event=click_ring_replaced" in stack.log(site.host)


def test_a_removed_segment_keeps_no_clicks_waiting(site):
    """No other one is made before a worker starts; the flush continues without."""
    wait_until(lambda: leaders(site.host), 20, "a leader")
    pathlib.Path(site.host.settings["segment.path"]).unlink()
    for clicks in range(1, 4):      # a look for the file lies between the first and the last
        assert site.visit() == 302
        wait_until(lambda: counted(site.stack) == (clicks, 0), 20, "the flush")


def test_flush_by_hand_without_workers(site):
    site.stack.database.stop()
    for _ in range(3):
        assert site.visit() in (302, 503)
    answered = site.visit()
    site.host.stop()
    site.stack.database.start()
    said = site.flusher.flush()
    assert said["pending"] == 0
    assert counted(site.stack)[0] == said["clicks"] == (4 if answered == 302 else 0)
    assert site.flusher.flush() == {"clicks": 0, "bots": 0, "dropped": 0, "pending": 0}


def test_clicks_of_a_deleted_link_are_dropped(new_stack):
    with new_stack() as stack:
        site = Site(stack, clicks__flush_interval="1h", links__restore_window="0")
        wait_for_own_flush(site.client)
        site.pending()
        assert [site.visit(), site.visit(site.codes[1])] == [302, 302]
        assert site.client.request("DELETE", f"api/v1/urls/{site.codes[1]}",
                                   headers={"Authorization": f"Bearer {stack.key}"}).status == 200
        assert site.flusher.flush() == {"clicks": 1, "bots": 0, "dropped": 1, "pending": 0}
        assert site.total() == (1, 0)
