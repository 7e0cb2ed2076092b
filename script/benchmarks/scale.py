# SPDX-License-Identifier: MIT
"""Measures the cost of looking up a link in MariaDB as the table grows, relative to the smallest size."""

from . import redirects
from .result import Result


def hosts(stage, sizes):
    for n in sizes:
        name = f"curt_{n}"
        stage.make_database(name, n)
        yield n, stage.host(name, settings={**redirects.NO_LOCAL, "mysql.database": name},
                            memcached=False)


SMALL_POOL = 10     # times smaller than the largest tables


def measure_pool(stage, options, running, what):
    """Two results for each size but the first, with the buffer pool as it is now: CPU time of MariaDB, and redirects."""
    first, *others = [n for n, _ in running]
    cost = {n: Result(f"lookup-{n}{what}", f"CPU of MariaDB a lookup{what}, {n:,} links to {first:,}", lower=True,
                      must=None if what else 1.15, aim=None if what else 1.05, measured_unit="µs") for n in others}
    rate = {n: Result(f"rate-{n}{what}", f"redirects a second{what}, {n:,} links to {first:,}",
                      measured_unit="/s") for n in others}
    for n, host in running:
        stage.load(host, max(options.seconds, n // 20_000_000), "/", "uniform", n)    # fills the pool
    for _ in range(options.rounds):
        base = base_cpu = None
        for n, host in running:
            load, cpu = stage.load(host, options.seconds, "/", "uniform", n)
            redirects.check_load(f"{n} links", load)
            if n == first:
                base, base_cpu = load.rate, cpu["MariaDB"]
            else:
                rate[n].add(load.rate, base)
                cost[n].add(cpu["MariaDB"], base_cpu)
    return [result for n in others for result in (cost[n], rate[n])]


def measure(stage, options, sizes):
    """With a buffer pool that has room for all tables, and with one that has room for a tenth of the largest."""
    running = list(hosts(stage, sorted(sizes)))
    large = measure_pool(stage, options, running, "")
    stage.set_pool(round(stage.link_bytes * max(sizes) / SMALL_POOL))
    return large + measure_pool(stage, options, running, " (small pool)")
