# SPDX-License-Identifier: MIT
"""Varnish with the configuration that Curt ships, in front of any of the web servers."""

import http.client
import pathlib
import shutil
import signal

from ..process import Process, environment, send, start_time, stop_pid, wait_until
from .base import TOP


class Varnish:
    """Varnish that caches redirects of the web server on the port `behind` of 127.0.0.1."""

    def __init__(self, place, logs, *, name, port, behind, mount="/", vcl=""):
        self.place = place
        self.name = name
        self.port = port
        self.behind = behind
        self.mount = mount
        self.vcl = vcl      # further rules
        self.log = logs / f"{name}.log"
        self.process = None
        self.ncsa = None

    @staticmethod
    def is_installed():
        return bool(shutil.which("varnishd", path=environment()["PATH"]))

    @property
    def instance(self):
        """The working directory, by which varnishncsa and similar programs find it."""
        return self.place.path / f"{self.name}-instance"

    def start(self):
        vcl = self.place.write(f"{self.name}.vcl", self.configuration(), 0o644)
        self.process = Process(
            ["varnishd", "-F", "-n", self.instance, "-a", f"127.0.0.1:{self.port}", "-T", "none",
             "-f", vcl, "-s", "malloc,64m", "-p", f"vcl_path={TOP}/varnish-conf"], self.log)
        self.process.wait_ready(self.is_ready, 60, "Varnish")

    def configuration(self):
        """As in example.vcl."""
        return f"""
vcl 4.1;
backend curt {{
    .host = "127.0.0.1";
    .port = "{self.behind}";
}}
acl curt_purgers {{
    "127.0.0.1";
    "::1";
}}
include "curt.vcl";
{self.vcl}
"""

    def is_ready(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", f"{self.mount}healthz")
            return connection.getresponse().status in (200, 302)
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def start_log(self, path):
        """varnishncsa, as curt-varnishncsa.service starts it."""
        pid_file = self.place.path / f"{self.name}-ncsa.pid"
        Process(["varnishncsa", "-D", "-P", pid_file, "-n", self.instance, "-a", "-w", path,
                 "-f", TOP / "varnish-conf" / "curt.ncsa", "-q", "VCL_call eq HIT"], self.log).child.wait(20)
        wait_until(path.exists, 20, "varnishncsa's log")
        pid = int(wait_until(lambda: pid_file.exists() and pid_file.read_text(), 20, "varnishncsa"))
        self.ncsa = pid, start_time(pid)
        # Only what Varnish answers from then on is in its log.
        wait_until(lambda: "_.vsm_child" in pathlib.Path(f"/proc/{pid}/maps").read_text(encoding="ascii"), 20,
                   "varnishncsa's look at Varnish's memory")

    def reopen_log(self):
        send(*self.ncsa, signal.SIGHUP)

    def stop(self):
        if self.ncsa:
            stop_pid(*self.ncsa)
        if self.process:
            self.process.stop(20)
