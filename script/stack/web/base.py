# SPDX-License-Identifier: MIT
"""Shared by the web servers: their site, starting and stopping them and the workers."""

import dataclasses
import http.client
import pathlib
import signal
import socket

from ..place import Place
from ..process import Failed, Process, pids_of, start_time, stop_pid, tail, wait_until

TOP = pathlib.Path(__file__).resolve().parents[3]


@dataclasses.dataclass(frozen=True)
class Site:
    """What a web server is configured with."""
    place: Place
    name: str            # prefix of the files in `place`; unique for each web server
    port: int
    mount: str           # "/" or "/s/"
    workers: int
    program: pathlib.Path  # a copy of curt.fcgi that the server user may run
    config: pathlib.Path
    logs: pathlib.Path
    files: pathlib.Path = pathlib.Path("/nowhere")  # of the pages, which the server user may read
    pages: str = "/admin"  # pages.path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def check_port(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Failed(f"port {port}: {error.strerror}") from None


class WebServer:
    """A web server. A subclass defines its configuration and how it is started."""

    default_workers = 4

    def __init__(self, site):
        self.site = site
        self.user = site.place.user
        self.process = None
        self.error_log = site.logs / f"{site.name}-error.log"

    @property
    def pages(self):
        """The path of the pages, and a slash."""
        return f"{self.site.mount}{self.site.pages.strip('/')}/"

    def path(self, ending):
        return self.site.place.path / f"{self.site.name}{ending}"

    def start(self, started=None):
        """Starts the server; returns when all workers run. `started` is called as soon as there is a process to
        stop."""
        check_port(self.site.port)
        self.before_start()
        self.process = Process(self.command(), self.error_log, stop_signal=self.stop_signal)
        if started:
            started()
        self.process.wait_ready(self.is_ready, 30, type(self).__name__)
        self.warm_up()

    stop_signal = signal.SIGTERM

    def before_start(self):
        pass

    def warm_up(self):
        self.process.wait_ready(
            lambda: len(self.worker_pids()) >= self.site.workers, 20, "the workers")

    def is_ready(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=10)
        try:
            connection.request("GET", f"{self.site.mount}healthz")
            response = connection.getresponse()
            response.read()
            return response.status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def worker_pids(self):
        return pids_of(self.site.program)

    def stop(self):
        if self.process:
            self.process.stop(20)
        self.reap()

    def reap(self):
        """Stops workers that outlive their web server, by pid."""
        try:
            wait_until(lambda: not pids_of(self.site.program), 3, "the end of the workers")
        except Failed:
            for pid in pids_of(self.site.program):
                stop_pid(pid, start_time(pid))


class Prefork(WebServer):
    """A web server with the workers of Curt's own prefork parent, which listens on a unix socket."""

    def __init__(self, site):
        super().__init__(site)
        self.parent = None
        self.socket = None

    def before_start(self):
        site = self.site
        self.socket = site.place.directory(f"{site.name}-fcgi") / "curt"
        self.parent = Process(
            [site.program, "--config", site.config, "--listen", f"unix:{self.socket}",
             "--workers", site.workers], site.logs / f"{site.name}-curt.log", user=self.user)
        self.parent.wait_ready(
            lambda: len(self.worker_pids()) >= site.workers, 20, "Curt's workers")

    def is_ready(self):
        if not self.parent.is_alive():
            raise Failed(f"curt.fcgi ended:\n{tail(self.parent.log)}")
        return super().is_ready()

    def worker_pids(self):
        return [pid for pid in pids_of(self.site.program) if pid != self.parent.pid]

    def stop(self):
        if self.process:
            self.process.stop(20)
        if self.parent:
            self.parent.stop(20)
        self.reap()
