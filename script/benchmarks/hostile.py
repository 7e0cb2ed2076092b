# SPDX-License-Identifier: MIT
"""Measures the cost of hostile bodies (bodies.py): a worker's memory and CPU time, and the redirects of others."""

import contextlib
import functools
import http.client
import pathlib
import re

from stack.process import Failed, Threads

from . import links
from .bodies import CALLS, MIB, bodies
from .load import CONNECTIONS
from .redirects import HOT, check_load
from .result import Result

CLIENTS = 8
MANY = 200              # bodies of each kind
SENT = 6                # distinct bodies, which the clients send repeatedly
LARGE = 7 * MIB
# Without limits, since these clients would exceed them.
SETTINGS = {"limits.creates_per_user": "0"}


class Sender:
    """Sends bodies with the admin's key, over a connection each, since a server may not read all of a body."""

    def __init__(self, port, key, mount="/", code=links.code(1)):
        self.port = port
        self.mount = mount
        self.code = code
        self.authorisation = f"Bearer {key}"

    def send(self, call, body):
        """The status, also of a server that closed the connection while the body was sent, if it sent one."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(call.method, self.mount + call.path.format(code=self.code))
            connection.putheader("Content-Type", call.type)
            connection.putheader("Authorization", self.authorisation)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.send(body)
            response = connection.getresponse()
            response.read()
            return response.status
        finally:
            connection.close()


class Worker:
    """Memory and CPU time of a process, from /proc."""

    def __init__(self, pid):
        self.folder = pathlib.Path(f"/proc/{pid}")

    def status(self, name):
        return int(re.search(rf"^{name}:\s+(\d+) kB", (self.folder / "status").read_text(), re.M)[1]) << 10

    def memory(self, name="VmRSS"):
        """Bytes, without the segment, which all workers share and which fills as links are created."""
        return self.status(name) - self.status("RssShmem")

    def forget_peak(self):
        (self.folder / "clear_refs").write_text("5")

    def seconds(self):
        """CPU time of all its threads, by the scheduler's nanosecond clock."""
        return sum(int(task.read_text().split()[0]) for task in self.folder.glob("task/*/schedstat")) / 1e9


def try_all(host, sender, n, seed, calls=CALLS):
    """Sends n bodies to each call, one after the other, to a host with one worker. Yields for each (call, family,
    length, status, the worker's memory beyond that before the first body, its CPU time in seconds)."""
    pids = host.web.worker_pids()
    worker = Worker(*pids)
    idle = worker.memory()
    for call in calls:
        for family, body in bodies(call, n, seed):
            worker.forget_peak()
            before = worker.seconds()
            status = sender.send(call, body)
            yield (call, family, len(body), status, worker.memory("VmHWM") - idle, worker.seconds() - before)
        if host.web.worker_pids() != pids:
            raise Failed(f"{call.name}: the worker has ended")


def measure(stage, options):
    """The results: for each call the largest memory of its bodies, and the CPU time of each refused body of 8 MB."""
    host = stage.host("one", workers=1, settings=SETTINGS)
    sender = Sender(host.port, stage.key)
    sender.send(CALLS[1], b'{"links": [{"long_url": "https://example.com/"}]}')
    memory = {call: Result(f"bodies-{call.name}", "", "MiB", must=64 + 8, lower=True) for call in CALLS}
    cpu = Result("bodies-cpu", "CPU time of a refused body of 8 MB", "ms", must=150, lower=True)
    for call, family, length, status, taken, seconds in try_all(host, sender, MANY, options.seed):
        result = memory[call]
        if taken / MIB > max(result.values, default=-1):
            result.what = f"{MANY} bodies, {call.name}: memory over idle (most: {family})"
        result.values.append(taken / MIB)
        count(result, status)
        if length > LARGE and status >= 400:
            cpu.values.append(seconds * 1000)
            cpu.notes[family] = max(cpu.notes.get(family, 0), cpu.values[-1])
    return [*memory.values(), cpu]


def count(result, status):
    result.notes[status] = result.notes.get(status, 0) + 1


class Clients(Threads):
    """Clients that each send large bodies to bulk creates, one after the other, until the block ends."""

    def __init__(self, host, key, sent):
        super().__init__(*(functools.partial(self.run, number) for number in range(CLIENTS)))
        self.sender = Sender(host.port, key)
        self.sent = sent
        self.statuses = []

    def run(self, number):
        while not self.stop.is_set():
            self.statuses.append(self.sender.send(*self.sent[(number + len(self.statuses)) % len(self.sent)]))


def beside(stage, options):
    """The p99 of redirects at a quarter of the maximum rate beside such clients, relative to that without them; and
    the same with an empty responder that reads no body: the part of the machine and the web server."""
    sent = [(CALLS[1], body) for _, body in bodies(CALLS[1], MANY, options.seed) if len(body) > LARGE][:SENT]
    hosts = {"redirects": stage.host("beside", settings=SETTINGS), "an empty responder": stage.host("empty-lighttpd", empty=True)}
    results = {name: Result(f"bodies-p99 {name}", f"p99 of {name} beside {CLIENTS} clients that send large bodies",
                            must=2 if name == "redirects" else None, lower=True, measured_unit="ms") for name in hosts}
    full, _ = stage.load(hosts["redirects"], options.seconds, HOT)
    pause = f"{4000 * CONNECTIONS / full.rate:.3f}"
    for _ in range(options.rounds):
        for name, host in hosts.items():
            alone, _ = stage.load(host, options.seconds, HOT, "paced", pause)
            with Clients(host, stage.key, sent) as clients:
                load, _ = stage.load(host, options.seconds, HOT, "paced", pause)
            check_load("bodies-p99", load)
            results[name].add(load.p99_us / 1000, alone.p99_us / 1000)
            results[name].notes.setdefault("bodies", []).append(len(clients.statuses))
    return list(results.values())
