# SPDX-License-Identifier: MIT
"""Varnish with the configuration that Curt ships, in front of any of the web servers."""

import http.client
import shutil

from ..process import Process, environment
from .base import TOP


class Varnish:
    """Varnish that caches redirects of the web server on the port `behind` of 127.0.0.1."""

    def __init__(self, place, logs, *, name, port, behind, mount="/"):
        self.place = place
        self.name = name
        self.port = port
        self.behind = behind
        self.mount = mount
        self.log = logs / f"{name}.log"
        self.process = None

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

    def stop(self):
        if self.process:
            self.process.stop(20)
