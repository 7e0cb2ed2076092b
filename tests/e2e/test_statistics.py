# SPDX-License-Identifier: MIT
"""Statistics, from the click to the answer: at once on the host of the click, the same before and after the flush,
in lists and details once it is in the database, and by curtctl."""

import csv
import datetime
import io
import json
import os
import pty
import subprocess
import time
import urllib.parse
import zoneinfo

import pytest

from clicking import GOOGLEBOT, HUMAN, Flusher, wait_for_own_flush
from stack.process import environment
from test_curtctl import MISSING, OK, USAGE, Curtctl
from test_life import URLS, call

SERIES = "▁▂▃▄▅▆▇█"


class Site:
    """A host whose clicks are flushed by hand, and a link."""

    def __init__(self, stack):
        self.stack = stack
        self.host = stack.host(workers=2, settings={"clicks.flush_interval": "1h",
                                                    "server.trusted_proxies": "127.0.0.1"})
        self.client = stack.client(self.host)
        self.code = self.client.create("https://example.com/statistics", title="counted")["code"]
        self.flusher = Flusher(stack, self.host, f"statistics{stack.names}")
        self.flusher.flush()        # publishes the key of the visitor hashes
        self.ctl = Curtctl(stack.installation.curtctl, self.host.config)

    def visit(self, **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        assert self.client.request("GET", self.code, headers={**HUMAN, **sent}).status == 302

    def stats(self, query=""):
        answer = self.get(f"{URLS}/{self.code}/stats{query}")
        assert answer.status == 200, answer.body
        return answer.json

    def get(self, path):
        return call(self.client, "GET", path)


@pytest.fixture
def site(new_stack):
    with new_stack() as stack:
        yield Site(stack)


def test_a_click_counts_once_and_is_there_at_once(site):
    def numbers(told):
        return told["clicks"], told["visitors"], told["bots"]
    wait_for_own_flush(site.client)
    for turn in range(6):
        site.visit(X_Forwarded_For=f"192.0.2.{turn % 3}", Referer="https://www.news.example/a?b")
    site.visit(X_Forwarded_For="192.0.2.9", DNT="1", Referer="https://secret.example/")
    site.visit(User_Agent=GOOGLEBOT)
    before = site.stats("?unit=hour")
    assert numbers(before) == (7, 3, 1)
    assert before["by"] == {"referrer": [{"value": "news.example", "clicks": 6}],
                            "country": [{"value": "unknown", "clicks": 6}],
                            "browser": [{"value": "Firefox", "clicks": 6}],
                            "os": [{"value": "Linux", "clicks": 6}],
                            "device": [{"value": "desktop", "clicks": 6}]}
    assert site.client.show(site.code).json["clicks"] == 0
    assert site.flusher.flush()["clicks"] == 7
    after = site.stats("?unit=hour")
    assert (numbers(after), after["by"]) == (numbers(before), before["by"])
    assert site.client.show(site.code).json["clicks"] == 7
    assert site.get(URLS).json["links"][0]["clicks"] == 7
    assert numbers(site.get("api/v1/stats").json) == (7, 3, 1)
    # A visitor from before is not a new one, whether its click is flushed or not.
    site.visit(X_Forwarded_For="192.0.2.1")
    site.visit(X_Forwarded_For="192.0.2.4")
    assert numbers(site.stats()) == (9, 4, 1)
    site.flusher.flush()
    assert numbers(site.stats()) == (9, 4, 1)


def test_where_visitors_come_from(site):
    for referer in ["android-app://com.example.reddit_sync/", "ANDROID-APP://com.example.Reddit_Sync",
                    "ios-app://544007664/https/example.org", "https://u@[2001:DB8::0:1]:8443/a", "https://a_b.example/",
                    "about:blank", "data:,https://example.org/", "file://host/a"]:
        site.visit(Referer=referer)
    assert sorted((of["clicks"], of["value"]) for of in site.stats("?by=referrer")["by"]["referrer"]) == [
        (1, "544007664"), (1, "[2001:db8::1]"), (1, "a_b.example"), (2, "com.example.reddit_sync"), (3, "direct")]


def test_a_flush_does_not_show(site):
    """While flushes run, no answer has fewer clicks than there were before, or more than there are."""
    flushing = None
    for clicks in range(1, 201):
        site.visit()
        if flushing is None or flushing.poll() is not None:
            flushing = site.flusher.start()
        assert site.stats("?by=os")["clicks"] == clicks
    flushing.communicate(timeout=60)


def test_as_a_table(site):
    site.visit(Referer="https://news.example/")
    answer = site.get(f"analytics/{site.code}?format=csv&by=referrer&from=2026-01-01&to=2026-01-03")
    assert answer.type == "text/csv" and "attachment" in answer.header("Content-Disposition")
    assert list(csv.reader(io.StringIO(answer.body.decode(), newline=""))) == [
        ["section", "value", "clicks", "visitors", "bots"], ["total", "", "0", "0", "0"],
        *(["series", f"2026-01-0{day}T00:00:00Z", "0", "0", "0"] for day in (1, 2, 3))]
    rows = site.get(f"analytics/{site.code}?format=csv&by=referrer").body.decode().splitlines()
    assert rows[-1] == 'referrer,"news.example",1,,' and len(rows) == 33


def test_curtctl(site):
    wait_for_own_flush(site.client)
    for _ in range(3):
        site.visit(Referer="https://news.example/")
    site.visit()
    code = site.code
    assert site.ctl.json("stats") == [{"links": 1, "clicks": 0, "visitors": 0, "bots": 0}]
    [told] = site.ctl.json("stats", code, "--by", "referrer", "--limit", "1")
    assert told == site.stats("?by=referrer&limit=1")
    assert told["by"] == {"referrer": [{"value": "news.example", "clicks": 3}, {"value": "other", "clicks": 1}]}
    assert site.ctl("stats", "--csv", code).encode() == \
        site.get(f"{URLS}/{code}/stats?format=csv").body.replace(b"\r\n", b"\n")
    lines = site.ctl("stats", "--by", "referrer,os", "--unit", "hour", code, LC_ALL="C.UTF-8").splitlines()
    assert "clicks\t4" in lines and "unit\thour" in lines
    [bars] = [line for line in lines if set(line) <= set(SERIES) and line]
    assert bars == SERIES[0] * 47 + SERIES[-1]
    assert "referrer\tnews.example\t3\t75.0 %" in lines and "os\tLinux\t4\t100.0 %" in lines
    assert "_" * 29 + "#" in site.ctl("stats", code, LC_ALL="C").splitlines()
    site.flusher.flush()
    assert "clicks\t4" in site.ctl("stats").splitlines()
    assert site.ctl.json("stats", code)[0]["clicks"] == 4


def test_imported_clicks_are_explained(site, tmp_path):
    """A file brings a number, not statistics: what has none is named, and on the way to a file and back nothing is
    lost or counted twice."""
    site.code, file = "imported-1", tmp_path / "links.jsonl"
    line = {"code": site.code, "long_url": "https://example.com/old", "clicks": 1000}
    site.ctl("import", "-", stdin=json.dumps(line))

    def numbers():
        link, stats = site.get(f"{URLS}/{site.code}").json, site.stats()
        assert stats["clicks_imported"] == link["clicks_imported"]
        assert link["clicks"] == link["clicks_imported"] + stats["clicks"]
        assert link == site.get(f"{URLS}?q={site.code}").json["links"][0]
        return link["clicks_imported"], stats["clicks"]

    assert numbers() == (1000, 0)
    assert "clicks_imported\t1000" in site.ctl("stats", site.code)
    site.visit()
    site.flusher.flush()
    assert numbers() == (1000, 1)
    site.ctl("export", file)
    site.ctl("link", "rm", site.code)
    site.ctl("import", file)
    assert numbers() == (1001, 0)
    site.ctl("import", file)
    assert numbers() == (1001, 0)


def test_in_a_time_zone(site):
    """API and curtctl, by weeks; and a click of now on today's day of the zone that is ahead of all others."""
    for zone, offset in (("UTC", "Z"), ("Asia/Tokyo", "+09:00"), ("+05:30", "+05:30")):
        query = f"?tz={urllib.parse.quote(zone)}&unit=week"
        week = site.stats(query)
        assert week["zone"] == {"name": zone, "utc_until": None} and len(week["series"]) == 12
        assert all(bucket["at"].endswith(offset) for bucket in week["series"])
        [told] = site.ctl.json("stats", site.code, "--tz", zone, "--unit", "week")
        assert told == week
    site.visit()
    day = site.stats("?tz=Pacific/Kiritimati")
    here = datetime.datetime.now(zoneinfo.ZoneInfo("Pacific/Kiritimati"))
    assert day["series"][-1] == {"at": here.strftime("%Y-%m-%dT00:00:00+14:00"), "clicks": 1, "visitors": 1, "bots": 0}


@pytest.mark.parametrize("status, arguments", [
    (USAGE, ["x", "--tz", "Europe/Paderborn"]), (USAGE, ["--tz", "UTC"]),
    (MISSING, ["no-such-link"]), (USAGE, ["a", "b"]), (USAGE, ["--unit", "day"]), (USAGE, ["--csv"]),
    (USAGE, ["x", "--unit", "year"]), (USAGE, ["x", "--by", "city"]), (USAGE, ["x", "--limit", "201"]),
    (USAGE, ["x", "--from", "yesterday"]), (USAGE, ["x", "--from", "2026-01-02", "--to", "2026-01-01"]),
    (USAGE, ["x", "--from", "2010-01-01"]), (USAGE, ["x", "--csv", "--json"])])
def test_curtctl_refuses(stack, hosts, status, arguments):
    ctl = Curtctl(stack.installation.curtctl, hosts("lighttpd").config)
    ctl("stats", *arguments, status=status)
    assert ctl.complaints.strip()


def test_curtctl_on_a_terminal(site):
    site.visit()
    ours, theirs = pty.openpty()
    try:
        subprocess.run(["stty", "cols", "40"], stdin=theirs, check=True)
        done = subprocess.Popen([site.ctl.program, "--config", site.ctl.config, "stats", "--unit", "hour",
                                 site.code], stdout=theirs, stderr=theirs,
                                env={**environment(), "LC_ALL": "C.UTF-8"})
        assert done.wait(60) == OK
        lines = os.read(ours, 65536).decode().splitlines()
    finally:
        os.close(ours)
        os.close(theirs)
    assert lines[0].split() == ["FIELD", "VALUE"]
    assert lines.index(SERIES[0] * 40) + 1 == lines.index(SERIES[0] * 7 + SERIES[-1])


def test_without_a_database(new_stack):
    with new_stack() as stack:
        site = Site(stack)
        site.visit()
        stack.database.stop()
        answer = site.get(f"{URLS}/{site.code}/stats")
        assert answer.status == 503 and answer.header("Retry-After")
        stack.database.start()
        deadline = time.monotonic() + 20
        while (answer := site.get(f"{URLS}/{site.code}/stats")).status != 200:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert json.loads(answer.body)["clicks"] == 1
