# SPDX-License-Identifier: MIT
"""Two builds side by side: each measured alternately on the same servers, with a database, a memcached prefix and a
segment of its own. A ratio is of the new build to the one before."""

import dataclasses
import pathlib
import re
import signal
import socket
import statistics
import subprocess

from stack.curt import Installation
from stack.process import Failed, environment

from . import footprint, links, redirects
from .creates import CLIENTS, Client
from .result import Result

BEFORE = "curt_before"      # the database of the build before
HITS = 400                  # of the longer of two counts; the shorter has half of them
COUNTS = 3                  # of each: the lowest is of a worker that did nothing else


@dataclasses.dataclass(frozen=True)
class Side:
    """A build, its database and an admin's key."""
    name: str
    installation: Installation
    database: str
    key: str

    def host(self, stage, name, web="lighttpd", **options):
        settings = {**(options.pop("settings", None) or {}), "mysql.database": self.database,
                    "memcached.prefix": f"{self.name}:"}
        return stage.host(f"{name}-{self.name}", web, settings=settings, installation=self.installation,
                          **options)


def sides(stage, options):
    """The new build and the one before."""
    before = Installation(options.before)
    key = stage.make_database(BEFORE, stage.n_links, before)
    return (Side("after", stage.installation, stage.database.database, stage.key),
            Side("before", before, BEFORE, key))


def pairs(result, options, both, measure):
    """Adds to `result` a ratio for each round: measure(side) of the new build to that of the one before. The first
    of a round is the second of the next."""
    for number in range(options.rounds):
        order = both if number % 2 else both[::-1]
        figures = {side.name: measure(side) for side in order}
        result.add(figures["after"], figures["before"])
    return result


def redirect(case):
    def measure(stage, options, both):
        result = Result(case.name, case.what, must=0.98, measured_unit="/s")
        hosts = {side.name: side.host(stage, case.host, case.web, settings=case.settings,
                                      memcached=case.memcached) for side in both}
        for host in hosts.values():
            redirects.check(stage, case, host)
            stage.load(host, 1, *redirects.arguments(case, stage))

        def rate(side):
            load, _ = stage.load(hosts[side.name], options.seconds, *redirects.arguments(case, stage))
            redirects.check_load(case.name, load, case.status)
            return load.rate
        return pairs(result, options, both, rate)
    return measure


def create(stage, options, both):
    result = Result("create", f"creates, {CLIENTS} clients and workers", must=0.98, measured_unit="/s")

    def rate(side):
        host = side.host(stage, "create", workers=CLIENTS)
        load, _ = stage.load(host, options.seconds, "/api/v1/urls", "create", side.key, connections=CLIENTS)
        if load.refused or load.broken:
            raise Failed(f"create: {load.refused} of {load.requests} were refused")
        return load.rate
    return pairs(result, options, both, rate)


def bulk(stage, options, both):
    result = Result("bulk", "bulk creates, one client", must=0.98, measured_unit="/s")
    clients = {side.name: Client(side.host(stage, "local"), side.key) for side in both}
    return pairs(result, options, both, lambda side: clients[side.name].bulks(options.seconds))


def memory(stage, _, both):
    """One value: all workers of a build are alike."""
    result = Result("memory", "idle worker, without the shared segment", must=1.02, lower=True, measured_unit="MiB")
    result.add(*(statistics.median(footprint.worker_mebibytes(stage, side.host(stage, "local"))) for side in both))
    return result


def start(stage, options, both):
    result = Result("start", "start of a worker to its first redirect", must=1.05, lower=True, measured_unit="ms")
    hosts = {side.name: side.host(stage, "local") for side in both}
    return pairs(result, options, both, lambda side: 1000 * min(
        footprint.first_answer(stage, hosts[side.name], "/" + links.code(1)) for _ in range(footprint.STARTS)))


def callgrind(stage, host, hits):
    """Instructions of a worker from its start to its end, after that many redirects from the local cache."""
    address = pathlib.Path(stage.place.path / "counted")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(address))
        listening.listen()
        with subprocess.Popen(
                ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", host.web.site.program],
                stdin=listening, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                env={**environment(), "CURT_CONFIG": str(host.config)}, **footprint.identity(stage)) as worker:
            for _ in range(hits):
                with socket.socket(socket.AF_UNIX) as peer:
                    peer.settimeout(60)
                    peer.connect(str(address))
                    peer.sendall(footprint.request("/" + links.code(1)))
                    if b"Status: 302" not in peer.recv(65536):
                        raise Failed("a worker under valgrind did not redirect")
            worker.send_signal(signal.SIGTERM)
            said = worker.communicate(timeout=60)[1]
    address.unlink()
    counted = re.search(r"Collected : (\d+)", said)
    if not counted:
        raise Failed(f"valgrind counted nothing:\n{said[-2000:]}")
    return int(counted[1])


def instructions(stage, _, both):
    """Of the redirects alone: the difference of two counts."""
    def of(side):
        host = side.host(stage, "local")
        most, fewer = (min(callgrind(stage, host, hits) for _ in range(COUNTS)) for hits in (HITS, HITS // 2))
        return (most - fewer) / (HITS - HITS // 2)
    result = Result("instructions", "instructions of a worker, local hit", must=1.0, lower=True, measured_unit="")
    result.add(*map(of, both))
    return result


ROWS = {
    **{case.name: redirect(case) for case in redirects.CASES if case.name in (
        "local", "nginx", "apache", "memcached", "mysql", "unknown")},
    "create": create,
    "bulk": bulk,
    "memory": memory,
    "start": start,
    "instructions": instructions,
}
