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


def measure(stage, options, sizes):
    """Two results for each size but the first: CPU time of MariaDB, and redirects."""
    running = list(hosts(stage, sorted(sizes)))
    first, *others = [n for n, _ in running]
    cost = {n: Result(f"lookup-{n}", f"CPU of MariaDB a lookup, {n:,} links to {first:,}", lower=True,
                      must=1.15, aim=1.05, measured_unit="µs") for n in others}
    rate = {n: Result(f"rate-{n}", f"redirects a second, {n:,} links to {first:,}",
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
