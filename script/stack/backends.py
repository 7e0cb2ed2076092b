# SPDX-License-Identifier: MIT
"""Runs memcached on a unix socket."""

import socket

from .process import Failed, Process, answers


class Memcached:
    """A memcached on a unix socket that the server user may use. It runs as that user, and listens in a
    directory of that user."""

    def __init__(self, place, log, *, megabytes=64, name="memcached"):
        self.place = place
        self.socket = place.directory(name) / "socket"
        self.log = log
        self.megabytes = megabytes
        self.process = None

    def start(self):
        self.process = Process(
            ["memcached", "-s", self.socket, "-a", "0600", "-m", self.megabytes, "-t", 2],
            self.log, user=self.place.user)
        self.process.wait_ready(
            lambda: answers(self.socket, b"version\r\n", lambda got: got.startswith(b"VERSION")),
            10, "memcached")

    def flush(self):
        """Removes all entries."""
        if not answers(self.socket, b"flush_all\r\n", lambda got: got == b"OK\r\n"):
            raise Failed("memcached did not flush")

    def hits(self):
        """How many look-ups found something since the server was started."""
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(str(self.socket))
            peer.sendall(b"stats\r\n")
            received = b""
            while not received.endswith(b"END\r\n"):
                received += peer.recv(65536)
        return int(received.partition(b"STAT get_hits ")[2].split()[0])

    def stop(self):
        if self.process:
            self.process.stop(10)

    def kill(self):
        self.process.kill()
