# SPDX-License-Identifier: MIT
"""lighttpd with the configuration that Curt ships."""

import signal

from .base import TOP, WebServer


class Lighttpd(WebServer):
    """lighttpd, which spawns the workers."""

    stop_signal = signal.SIGINT   # SIGTERM would truncate responses

    def command(self):
        return ["lighttpd", "-D", "-f", self.site.place.write(
            f"{self.site.name}.conf", self.configuration())]

    def configuration(self):
        site = self.site
        identity = "" if not self.user else (
            f'server.username = "{self.user.name}"\n'
            f'server.groupname = "{self.user.group}"\n')
        sockets = site.place.directory(f"{site.name}-sockets")
        return f"""
server.bind = "127.0.0.1"
server.port = {site.port}
server.document-root = "{sockets}"
{identity}
var.curt_fcgi = "{site.program}"
var.curt_config = "{site.config}"
var.curt_socket = "{sockets}/curt"
var.curt_mount = "{site.mount}"
var.curt_workers = {site.workers}
var.curt_pages = "{self.pages}"
var.curt_files = "{site.files}/"
include "{TOP}/lighttpd-conf/curt-server.conf"
include "{TOP}/lighttpd-conf/curt.conf"
include "{TOP}/lighttpd-conf/curt-pages.conf"
"""
