# SPDX-License-Identifier: MIT
"""Visitors that click as fast as they can and record the answers; and how clicks are flushed and counted."""

import collections
import json
import multiprocessing
import pathlib
import re
import socket
import subprocess
import threading
import time

from stack.process import wait_until

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
HUMAN = {"User-Agent": FIREFOX}

PAUSE = 0.02
CUT_OFF = "cut off"     # no answer, or no whole one


class Visitor:
    """One client on a connection that is kept; counts its answers by status."""

    def __init__(self, port, paths, host="127.0.0.1"):
        self.port = port
        self.requests = [f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {FIREFOX}\r\n\r\n".encode()
                         for path in paths]
        self.answers = collections.Counter()
        self.peer = None

    def _answer(self):
        """The status of the next answer, read to its end."""
        received = b""
        while b"\r\n\r\n" not in received:
            piece = self.peer.recv(65536)
            if not piece:
                return CUT_OFF
            received += piece
        head, _, body = received.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        fields = dict(line.split(b": ", 1) for line in lines[1:])
        if b"chunked" in fields.get(b"transfer-encoding", b""):
            whole = body.endswith(b"0\r\n\r\n")
            while not whole:
                piece = self.peer.recv(65536)
                if not piece:
                    return CUT_OFF
                body += piece
                whole = body.endswith(b"0\r\n\r\n")
        else:
            left = int(fields.get(b"content-length", b"0")) - len(body)
            while left > 0:
                piece = self.peer.recv(65536)
                if not piece:
                    return CUT_OFF
                left -= len(piece)
        if fields.get(b"connection") == b"close":
            self._close()
        return int(lines[0].split()[1])

    def _close(self):
        if self.peer:
            self.peer.close()
        self.peer = None

    def click(self, number):
        try:
            if self.peer is None:
                self.peer = socket.create_connection(("127.0.0.1", self.port), timeout=30)
            self.peer.sendall(self.requests[number % len(self.requests)])
            status = self._answer()
        except OSError:
            status = CUT_OFF
        if status == CUT_OFF:
            self._close()
        self.answers[status] += 1

    def run(self, first, redirects):
        """Until so many redirects were seen; after a refusal a client waits a moment, as people do."""
        number, deadline = first, time.monotonic() + 30 + redirects / 10
        while self.answers[302] < redirects and time.monotonic() < deadline:
            before = self.answers[302]
            self.click(number)
            number += 1
            if self.answers[302] == before:
                time.sleep(PAUSE)
        self._close()


def _process(arguments):
    """A process of some visitors; their answers."""
    port, paths, clients, clicks = arguments
    visitors = [Visitor(port, paths) for _ in range(clients)]
    threads = [threading.Thread(target=visitor.run, args=(number * 7, clicks // clients))
               for number, visitor in enumerate(visitors)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum((visitor.answers for visitor in visitors), collections.Counter())


def click(host, codes, clicks, clients=16):
    """Clicks on the links of these codes until so many were redirected; how many answers had which
    status. As many
    processes as the machine can use, since one Python is slow."""
    processes = min(4, clients)
    part = (host.port, [f"{host.mount}{code}" for code in codes], clients // processes,
            clicks // processes)
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        return sum(pool.map(_process, [part] * processes), collections.Counter())


def wait_for_own_flush(client):
    """Waits until the host has flushed by itself, as its leader does once when it starts, a moment after the first
    answers. Where clicks.flush_interval is an hour, only a Flusher flushes from then on. The lag is 0 before the first
    flush, too, and grows after it."""
    def lag():
        [value] = re.findall(r"^flush_lag_seconds (\d+)$", client.get("metrics").body.decode(), re.M)
        return int(value)
    wait_until(lag, 60, "the host's own flush")


class Flusher:
    """curtctl flush, as the workers' user runs it."""

    def __init__(self, stack, host, name):
        self.stack = stack
        self.config = host.config
        self.program = stack.place.program(host.installation.curtctl, f"{name}-ctl")

    def start(self):
        user = self.stack.place.user
        return subprocess.Popen(
            [self.program, "--config", self.config, "--json", "flush"], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/",
            **({"user": user.uid, "group": user.gid, "extra_groups": []} if user else {}))

    def flush(self):
        """Flushes all there is; what it says."""
        process = self.start()
        output, complaint = process.communicate(timeout=120)
        assert process.returncode == 0, complaint
        return json.loads(output)


def counted(stack):
    """(clicks, bots) of all links, as their totals say."""
    return tuple(int(n) for n in stack.sql(
        "SELECT COALESCE(SUM(clicks), 0), COALESCE(SUM(bots), 0) FROM click_total")[0])


def rolled_up(stack):
    """The same, as the days say."""
    return tuple(int(n) for n in stack.sql(
        "SELECT COALESCE(SUM(clicks), 0), COALESCE(SUM(bots), 0) FROM click_rollup WHERE link_id < 1 << 62")[0])


def spool_of(host):
    return pathlib.Path(host.settings["spool.path"])


def restart_twice(database, stop, pause):
    """MariaDB is killed, then stopped, and started again, after so many seconds each."""
    for how in ("kill", "stop"):
        stop.wait(pause)
        getattr(database, how)()
        stop.wait(1)
        database.start()
