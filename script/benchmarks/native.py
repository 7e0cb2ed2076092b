# SPDX-License-Identifier: MIT
"""Measures a web server's own constant redirect, without Curt; and Curt's redirects from that server's own cache
and from Varnish (cache.edge_ttl)."""

import http.client
import time

from stack.process import Failed, Process
from stack.web import Apache, CachingApache, CachingNginx, Lighttpd, Nginx, Varnish, free_port

from . import links
from .redirects import HOT, check_load
from .result import Result
from .stage import Empty

TARGET = f"https://example.com/{'a' * (links.URL_BYTES - 20)}"
KEPT = {"cache.edge_ttl": "1d"}


class Native(Empty):
    """A server that redirects every request by itself, without workers."""

    def warm_up(self):
        pass

    def worker_pids(self):
        return []


class NativeLighttpd(Native, Lighttpd):
    """url.redirect"""

    def configuration(self):
        whole = super().configuration()
        return whole[:whole.index("var.curt_fcgi")] + f"""
server.modules += ( "mod_redirect" )
url.redirect-code = 302
url.redirect = ( "" => "{TARGET}" )
"""


class NativeNginx(Native, Nginx):
    """return"""

    def before_start(self):
        pass

    def configuration(self):
        return super().configuration().replace("server unix:None;", "server unix:/nowhere;")

    def in_server(self):
        return f"return 302 {TARGET};"

    def stop(self):
        self.process.stop(20)


class NativeApache(Native, Apache):
    """Redirect"""

    def mount(self):
        return super().mount().replace("</VirtualHost>", f'RedirectMatch 302 "^/" "{TARGET}"\n</VirtualHost>')


NATIVES = {"lighttpd": NativeLighttpd, "nginx": NativeNginx, "apache": NativeApache}
CACHES = {"nginx": CachingNginx, "apache": CachingApache}


def native(stage, web):
    host = stage.host(f"native-{web}", web, server=NATIVES[web])
    if stage.ask(host, HOT) != (302, TARGET):
        raise Failed(f"{web} does not redirect by itself: {stage.ask(host, HOT)}")
    return host


def compare(stage, options, result, host, baseline):
    """Measures the hot link and the baseline alternately."""
    for one in (host, baseline):
        stage.load(one, 1, HOT)
    for _ in range(options.rounds):
        base, _ = stage.load(baseline, options.seconds, HOT)
        load, _ = stage.load(host, options.seconds, HOT)
        for measured in (base, load):
            check_load(result.name, measured)
        result.add(load.rate, base.rate)
    return result


def to_native(web):
    def measure(stage, options):
        result = Result(f"native-{web}", f"local cache, {web}, to its own redirect", measured_unit="/s")
        return compare(stage, options, result, stage.host("local" if web == "lighttpd" else web, web),
                       native(stage, web))
    return measure


def request_id(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", HOT)
        response = connection.getresponse()
        response.read()
        return response.getheader("X-Request-Id")
    finally:
        connection.close()


def check_kept(name, port):
    """Checks that the responses do not come from Curt."""
    if not any(request_id(port) == request_id(port) for _ in range(5)):
        raise Failed(f"{name}: the redirect is not cached")


def edge(web, aim):
    def measure(stage, options):
        result = Result(f"edge-{web}", f"{web}'s own cache, to its own redirect", must=0.6, aim=aim,
                        measured_unit="/s")
        host = stage.host(result.name, web, server=CACHES[web], settings=KEPT)
        check_kept(result.name, host.port)
        return compare(stage, options, result, host, native(stage, web))
    return measure


def counted(web, aim):
    """The same while curtctl clicks follow counts the clicks; and how long it takes to catch up afterwards."""
    def measure(stage, options):
        result = Result(f"counted-{web}", f"{web}'s own cache, its clicks counted from its log, to its own redirect",
                        aim=aim, measured_unit="/s")
        log = stage.logs / f"{result.name}.hits"
        server = type(web, (CACHES[web],), {"log": str(log)})
        host = stage.host(result.name, web, server=server, settings={
            **KEPT, "edge.logs": f"{web}:{log}", "edge.logs_reader": "command"})
        check_kept(result.name, host.port)
        base = native(stage, web)
        follower = Process([stage.installation.curtctl, "--config", host.config, "clicks", "follow"],
                           stage.logs / f"{result.name}-follow.log")
        stage.stack.callback(follower.stop)
        compare(stage, options, result, host, base)
        began = time.monotonic()
        stage.installation.ctl(host.config, "clicks", "follow", "--once")
        result.notes = {"lines": count_lines(log), "seconds to catch up": round(time.monotonic() - began, 1)}
        follower.stop()
        return result
    return measure


def count_lines(path):
    with open(path, "rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


class Front:
    """Varnish, as a host to be measured."""

    def __init__(self, process, port):
        self.web = self
        self.process = process
        self.base_url = f"http://127.0.0.1:{port}"

    def worker_pids(self):
        return []


def edge_varnish(stage, options):
    behind = stage.host("edge-lighttpd", settings=KEPT)
    varnish = Varnish(stage.place, stage.logs, name="varnish", port=free_port(), behind=behind.port)
    stage.stack.callback(varnish.stop)
    varnish.start()
    check_kept("edge-varnish", varnish.port)
    result = Result("edge-varnish", "Varnish, to lighttpd and Curt behind it", measured_unit="/s")
    return compare(stage, options, result, Front(varnish.process, varnish.port), behind)


ROWS = {
    "native-lighttpd": to_native("lighttpd"),
    "native-nginx": to_native("nginx"),
    "native-apache": to_native("apache"),
    "edge-nginx": edge("nginx", 0.75),
    "edge-apache": edge("apache", 0.85),
    "counted-nginx": counted("nginx", 0.75),
    "counted-apache": counted("apache", 0.85),
    "edge-varnish": edge_varnish,
}
