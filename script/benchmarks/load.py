# SPDX-License-Identifier: MIT
"""Runs wrk, and reads the CPU time that processes use meanwhile."""

import dataclasses
import json
import os
import pathlib
import subprocess

from stack.process import Failed, environment

TOP = pathlib.Path(__file__).resolve().parents[2]
CONNECTIONS = 64
TICK = os.sysconf("SC_CLK_TCK")


@dataclasses.dataclass(frozen=True)
class Load:
    """The result of a run of wrk."""
    requests: int
    duration_us: int
    p50_us: int
    p99_us: int     # corrected by wrk for requests that were delayed by a stall
    max_us: int
    slow: int       # answers that took longer than 0.9 s
    refused: int    # status 400 and above
    broken: int     # connections that broke or timed out

    @property
    def rate(self):
        return self.requests * 1e6 / self.duration_us


def wrk(url, seconds, mode="plain", *arguments, connections=CONNECTIONS):
    script = TOP / "tests" / "bench" / "load.lua"
    done = subprocess.run(
        ["wrk", f"-t{min(2, connections)}", f"-c{connections}", f"-d{seconds}s", "--timeout", "5s",
         "-s", script, url, "--", mode, *map(str, arguments)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=environment(), check=False)
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            load = Load(**json.loads(line.removeprefix("RESULT ")))
            if load.requests:
                return load
    raise Failed(f"wrk {url} {mode} measured nothing:\n{done.stdout}")


def stat(pid):
    """(parent, seconds of CPU time) of a process, or None."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[1]), (int(fields[11]) + int(fields[12])) / TICK


def cpu_seconds(pids):
    """User and system time of these processes and all of their threads."""
    return sum(found[1] for found in map(stat, pids) if found)


def family(root):
    """`root` and all processes below it."""
    parents = {int(entry): stat(entry) for entry in os.listdir("/proc") if entry.isdigit()}
    members = {root}
    while True:
        more = {pid for pid, found in parents.items()
                if found and found[0] in members and pid not in members}
        if not more:
            return members
        members |= more
