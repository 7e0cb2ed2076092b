# SPDX-License-Identifier: MIT
"""Measures the memory of a worker and the disk space of a link."""

import socket
import struct
import subprocess
import time

from stack.process import Failed, environment

from . import links
from .result import Result

STARTS = 10     # starts of a worker in a round


def resident_bytes(pid, without):
    """The memory of a process, without the mapped file `without` and those whose names begin with it."""
    total, skip = 0, False
    with open(f"/proc/{pid}/smaps", encoding="utf-8", errors="replace") as file:
        for line in file:
            name, _, rest = line.partition(":")
            if name == "Rss" and not skip:
                total += int(rest.split()[0]) << 10
            elif "-" in line.split()[0] and not line.split()[0].endswith(":"):
                skip = str(without) in line
    return total


def worker_mebibytes(stage, host):
    """The memory of each worker of a host that has answered and waits, without the segment; one after the other."""
    stage.ask(host, "/" + links.code(1))
    return [resident_bytes(pid, host.settings["segment.path"]) / (1 << 20) for pid in host.web.worker_pids()]


def memory(stage, _):
    return Result("memory", "idle worker, without the shared segment", "MiB", 8, 4, lower=True,
                  values=worker_mebibytes(stage, stage.host("local")))


def record(kind, content=b""):
    return struct.pack(">BBHHBx", 1, kind, 1, len(content), 0) + content


def request(path):
    """A GET as a web server sends it, in one piece."""
    variables = {"REQUEST_METHOD": "GET", "REQUEST_URI": path, "QUERY_STRING": "",
                 "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1"}
    params = b"".join(bytes((len(name), len(value))) + name.encode() + value.encode()
                      for name, value in variables.items())
    return record(1, struct.pack(">HB5x", 1, 0)) + record(4, params) + record(4) + record(5)


def identity(stage):
    """Options of subprocess for a program that runs as the host's workers do, whose segment and ring it may use."""
    user = stage.place.user
    return {"user": user.name, "group": user.group, "extra_groups": []} if user else {}


def first_answer(stage, host, path):
    """Seconds from the start of a worker to its first response, a redirect."""
    address = stage.place.path / "first"
    with socket.socket(socket.AF_UNIX) as listening, socket.socket(socket.AF_UNIX) as peer:
        listening.bind(str(address))
        listening.listen()
        peer.settimeout(10)
        peer.connect(str(address))
        address.unlink()
        peer.sendall(request(path))
        with open(stage.logs / "first.log", "ab") as log:
            began = time.monotonic()
            with subprocess.Popen(
                    [host.web.site.program], stdin=listening, stdout=log, stderr=log,
                    env={**environment(), "CURT_CONFIG": str(host.config)}, **identity(stage)) as worker:
                answer = peer.recv(65536)
                spent = time.monotonic() - began
                worker.terminate()
    if b"Status: 302" not in answer:
        raise Failed(f"a new worker answered {answer[:200]}")
    return spent


def start(stage, options):
    host = stage.host("local")
    result = Result("start", "start of a worker to its first redirect", "ms", 50, 15, lower=True)
    for _ in range(options.rounds * STARTS):
        result.values.append(first_answer(stage, host, "/" + links.code(1)) * 1000)
    return result


def size(stage, _):
    """Measured with only the benchmark's own links in the tables."""
    return Result("size", f"bytes in MariaDB for a link, URL of {links.URL_BYTES} bytes", "B", 300, 220,
                  lower=True, values=[stage.link_bytes])
