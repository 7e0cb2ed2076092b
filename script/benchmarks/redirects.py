# SPDX-License-Identifier: MIT
"""Redirects per second, by the layer that answers; each round alternately measures an empty responder behind the
same web server, with as many workers."""

import dataclasses
import statistics

from stack.process import Failed

from . import links
from .load import CONNECTIONS
from .result import Result

NO_LOCAL = {"segment.local_cache": "0"}
HOT = "/" + links.code(1)


@dataclasses.dataclass(frozen=True)
class Case:
    """A row: a host, and the requests to it."""
    name: str
    what: str
    must: float
    aim: float
    host: str = "local"
    web: str = "lighttpd"
    path: str = HOT
    mode: str = "plain"
    settings: dict | None = None
    memcached: bool = True
    status: int = 302


UNCOUNTED = {"clicks.enabled": "no"}

CASES = (
    Case("local", "local cache, lighttpd, all as it comes", 1.0, 1.12),
    Case("uncounted", "the same without counting clicks", 1.05, 1.18, "uncounted", settings=UNCOUNTED),
    Case("nginx", "local cache, nginx", 1.15, 1.3, "nginx", "nginx"),
    Case("apache", "local cache, Apache mod_fcgid", 0.95, 1.0, "apache", "apache"),
    Case("memcached", "memcached", 0.62, 0.75, "memcached", settings=NO_LOCAL),
    Case("mysql", "MariaDB, all links alike", 0.45, 0.55, "mysql", path="/", mode="uniform",
         settings=NO_LOCAL, memcached=False),
    Case("unknown", "unknown code, known to be so", 1.0, 1.12, "unlimited", path="/" + links.UNKNOWN,
         settings={"limits.misses_per_address": "0"}, status=404),
    Case("unlogged", "the same without a log line for each", 1.0, 1.12, "unlogged",
         path="/" + links.UNKNOWN, settings={"limits.misses_per_address": "0", "log.level": "error"},
         status=404),
    Case("zipf", "Zipf mix, memcached warm", 0.90, 1.0, path="/", mode="zipf"),
)


def arguments(case, stage):
    return (case.path, case.mode, stage.n_links)


def check(stage, case, host):
    """Checks that the host does what is to be measured."""
    path = HOT if case.mode != "plain" else case.path
    status, location = stage.ask(host, path)
    if status != case.status or (status == 302 and not location.startswith("https://example.com/aaa")):
        raise Failed(f"{case.name}: GET {path} was answered with {status} {location}")


def check_load(name, load, status=302):
    """Checks the responses' statuses. Broken connections are no error: Apache closes idle ones when its threads
    are busy, and wrk opens others."""
    wrong = load.requests - load.refused if status >= 400 else load.refused
    if wrong > load.requests / 1000 or load.broken > load.requests / 2:
        raise Failed(f"{name}: of {load.requests} answers {wrong} had the wrong status, and"
                     f" {load.broken} connections broke")


def prepare(stage, case):
    host = stage.host(case.host, case.web, settings=case.settings, memcached=case.memcached)
    empty = stage.host(f"empty-{case.web}", case.web, empty=True)
    check(stage, case, host)
    return host, empty


def warm_up(stage, host):
    """Requests every link once, so that memcached has it."""
    asked = 0
    while asked < stage.n_links:
        load, _ = stage.load(host, max(1, (stage.n_links - asked) // 40_000), "/", "walk", asked,
                             stage.n_links)
        # One of wrk's two threads is faster than the other.
        asked += load.requests * 9 // 10


def measure(stage, options, case):
    host, empty = prepare(stage, case)
    result = Result(case.name, case.what, must=case.must, aim=case.aim, measured_unit="/s")
    if case.mode == "zipf":
        warm_up(stage, host)
    stage.load(host, 1, *arguments(case, stage))
    p50, p99, slow, broken = [], [], 0, 0
    for _ in range(options.rounds):
        base, base_cpu = stage.load(empty, options.seconds, *arguments(case, stage))
        load, cpu = stage.load(host, options.seconds, *arguments(case, stage))
        check_load(case.name, load, case.status)
        result.add(load.rate, base.rate)
        result.add_cpu({**cpu, "empty responder": base_cpu["worker"],
                        "its web server": base_cpu["web server"]})
        p50.append(load.p50_us)
        p99.append(load.p99_us)
        slow += load.slow
        broken += load.broken
    result.notes = {"p50_us": statistics.median(p50), "p99_us": statistics.median(p99),
                    "slower_than_0.9_s": slow, "broken_connections": broken}
    return result


def counting(stage, options):
    """The cost of counting clicks: the default, relative to a host that does not count."""
    on, _ = prepare(stage, CASES[0])
    off, _ = prepare(stage, CASES[1])
    result = Result("counting", "counting clicks, to not counting them", must=0.97, aim=0.99,
                    measured_unit="/s")
    for number in range(options.rounds):
        pair = [(on, "on"), (off, "off")]
        loads = {name: stage.load(host, options.seconds, HOT)[0]
                 for host, name in (pair if number % 2 else reversed(pair))}
        result.add(loads["on"].rate, loads["off"].rate)
    return result


def cpu_share(local):
    """CPU time of the worker for a local hit, relative to the web server's."""
    shares = [worker / web for worker, web in zip(local.cpu_us["worker"], local.cpu_us["web server"])]
    return Result("cpu", "CPU of the worker to lighttpd's, local", must=0.55, aim=0.4, lower=True,
                  values=shares, measured=local.cpu_us["worker"],
                  baseline=local.cpu_us["web server"], measured_unit="µs")


def apache_tail(apache):
    notes = apache.notes
    return Result("tail", f"Apache: p99 to p50 ({notes['slower_than_0.9_s']} answers over 0.9 s)",
                  must=4, aim=2, lower=True, values=[notes["p99_us"] / notes["p50_us"]],
                  measured=[notes["p99_us"] / 1000], baseline=[notes["p50_us"] / 1000],
                  measured_unit="ms")


def half_rate(stage, options):
    """The p99 at half of the maximum rate, which was just measured."""
    case = CASES[0]
    host, _ = prepare(stage, case)
    result = Result("p99", "p99 at half rate, local, lighttpd", "ms", 5, 1, lower=True,
                    measured_unit="/s")
    for _ in range(options.rounds):
        full, _ = stage.load(host, options.seconds, HOT)
        # A connection is busy until its response is complete, and idle for the rest of its interval.
        pause = CONNECTIONS * 2000 / full.rate - full.p50_us / 4000
        half, _ = stage.load(host, options.seconds, HOT, "paced", f"{pause:.3f}")
        result.values.append(half.p99_us / 1000)
        result.measured.append(half.rate)
        result.baseline.append(full.rate)
    return result
