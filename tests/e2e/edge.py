# SPDX-License-Identifier: MIT
"""Hosts with a cache in front: Varnish, nginx's fastcgi_cache, Apache's mod_cache, as they are shipped."""

import contextlib
import re
import subprocess

import pytest

from client import Client
from stack.process import stop_pid, start_time
from stack.web import TOP, CachingApache, CachingNginx, Varnish, free_port

DOCUMENT = TOP / "docs" / "edge.md"


def documented(command):
    """The one line of docs/edge.md that a shell block has for this."""
    blocks = re.findall(r"```sh\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    line, = [line for block in blocks for line in block.splitlines() if command in line]
    return line


def run(command, **replacements):
    """Runs a documented command with the paths and the code of the test."""
    for old, new in replacements.values():
        assert old in command, command
        command = command.replace(old, str(new))
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, f"{command}: {done}"
    return done.stdout


class Edge:
    """A host and the cache in front of it."""

    def __init__(self, stack, web, server=None, **options):
        self.host = stack.host(web, server=server, **options)
        self.client = stack.client(self.host)
        self.origin = self.client

    def stop(self):
        self.host.stop()

    def reopen_log(self):
        self.host.web.reopen_log()

    def break_curt(self):
        """No worker answers any more; the cache does."""
        for pid in self.host.web.worker_pids():
            stop_pid(pid, start_time(pid))


def folder_of_next(stack, web):
    """The cache's folder of the next host that the stack starts."""
    return stack.place.path / f"{web}{stack.names + 1}-cache"


def purging(options, place):
    """The options of a host that purges the cache at this place."""
    return {**options, "settings": {**options.get("settings", {}), "edge.purge": place}}


def logging(server, log):
    """The server, which logs there what its cache has answered."""
    return type(server.__name__, (server,), {"log": str(log)}) if log else server


class VarnishEdge(Edge):
    enters_at = 2           # the request with which a link enters the cache
    heeds_api_key = True
    tells_age = True

    def __init__(self, stack, log=None, vcl="", purges=False, **options):
        """`purges` may be the port of a cable to Varnish, which is then made as `port`."""
        if not Varnish.is_installed():
            pytest.skip("Varnish is not installed")
        port = options.pop("port", None) or free_port()
        if purges:
            options = purging(options, f"varnish:http://127.0.0.1:{port if purges is True else purges}")
        super().__init__(stack, "lighttpd", **options)
        self.varnish = Varnish(stack.place, stack.logs, name=f"{self.host.web.site.name}-varnish",
                               port=port, behind=self.host.port, vcl=vcl)
        with contextlib.ExitStack() as cleanup:
            cleanup.callback(self.stop)
            self.varnish.start()
            if log:
                self.varnish.start_log(log)
            cleanup.pop_all()
        self.client = Client(self.varnish.port, key=stack.key)

    def stop(self):
        self.varnish.stop()
        super().stop()

    def reopen_log(self):
        self.varnish.reopen_log()

    def break_curt(self):
        self.host.stop()

    def purge(self, code):
        run(documented("PURGE"), port=("127.0.0.1:6081", f"127.0.0.1:{self.varnish.port}"),
            code=("abc1234", code))


class NginxEdge(Edge):
    enters_at = 3
    heeds_api_key = True
    tells_age = False

    def __init__(self, stack, log=None, purges=False, **options):
        if purges:
            options = purging(options, f"nginx:{folder_of_next(stack, 'nginx')}")
        super().__init__(stack, "nginx", logging(CachingNginx, log), **options)

    def break_curt(self):
        self.host.web.parent.stop()

    def purge(self, code):
        run(documented("KEY:"), cache=("/run/nginx-curt", self.host.web.cache), code=("abc1234", code))


class ApacheEdge(Edge):
    enters_at = 1
    heeds_api_key = False
    tells_age = True

    def __init__(self, stack, log=None, purges=False, **options):
        if purges:
            options = purging(options, f"apache:{folder_of_next(stack, 'apache')}")
        super().__init__(stack, "apache", logging(CachingApache, log), **options)

    def break_curt(self):
        program = self.host.web.site.program
        pids = self.host.web.worker_pids()
        program.rename(program.with_suffix(".away"))     # or mod_fcgid would start others
        program.write_text("#!/bin/false\n", encoding="ascii")
        program.chmod(0o755)
        for pid in pids:
            stop_pid(pid, start_time(pid))

    def purge(self, code):
        run(documented("htcacheclean -a"), cache=("/var/cache/apache2/mod_cache_disk", self.host.web.cache),
            code=("abc1234", code))


EDGES = {"varnish": VarnishEdge, "nginx": NginxEdge, "apache": ApacheEdge}
