# SPDX-License-Identifier: MIT
"""The three web servers, each with the configuration files that Curt ships, and Curt's workers."""

import dataclasses
import http.client
import os
import pathlib
import select
import signal
import socket

from .place import Place
from .process import Failed, Process, pids_of, send, start_time, stop_pid, tail, wait_until

TOP = pathlib.Path(__file__).resolve().parents[2]


@dataclasses.dataclass(frozen=True)
class Site:
    """What a web server has to know."""
    place: Place
    name: str            # of the files in `place`; one per web server
    port: int
    mount: str           # "/" or "/s/"
    workers: int
    program: pathlib.Path  # curt.fcgi, where the server user may run it
    config: pathlib.Path
    logs: pathlib.Path


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
    """What they have in common. A subclass says how its configuration looks and is started."""

    default_workers = 4

    def __init__(self, site):
        self.site = site
        self.user = site.place.user
        self.process = None
        self.error_log = site.logs / f"{site.name}-error.log"

    def path(self, ending):
        return self.site.place.path / f"{self.site.name}{ending}"

    def start(self, started=None):
        """Serves when it returns: all workers are there. `started` is called as soon as there is
        something to stop."""
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
        """No worker outlives its web server; should one try, it is stopped by its pid."""
        try:
            wait_until(lambda: not pids_of(self.site.program), 3, "the end of the workers")
        except Failed:
            for pid in pids_of(self.site.program):
                stop_pid(pid, start_time(pid))


class Lighttpd(WebServer):
    """Spawns the workers itself."""

    stop_signal = signal.SIGINT   # SIGTERM would cut answers short

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
include "{TOP}/lighttpd-conf/curt-server.conf"
include "{TOP}/lighttpd-conf/curt.conf"
"""


APACHE_MODULES = ("mpm_event authz_core authz_host alias mime env setenvif rewrite "
                  "fcgid proxy proxy_fcgi").split()


class Apache(WebServer):
    """Spawns the workers itself, by mod_fcgid."""

    default_workers = 16          # see apache-conf/curt-server.conf

    def command(self):
        return ["apache2", "-DFOREGROUND", "-f", self.site.place.write(
            f"{self.site.name}.conf", self.configuration())]

    def configuration(self):
        site = self.site
        modules = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so"
                            for name in APACHE_MODULES)
        identity = f"User {self.user.name}\nGroup {self.user.group}" if self.user else ""
        return f"""
{modules}
{identity}
ServerName localhost
Listen 127.0.0.1:{site.port}
PidFile {self.path(".pid")}
ErrorLog {self.error_log}
TypesConfig /dev/null
DefaultRuntimeDir {site.place.path}
FcgidIPCDir {site.place.directory(f"{site.name}-sockets")}
FcgidProcessTableFile {self.path("-processes")}
DocumentRoot {site.place.path}
<Directory />
    AllowOverride None
    Require all denied
</Directory>
Define CURT_FCGI {site.program}
Define CURT_CONFIG {site.config}
Define CURT_MOUNT {site.mount}
Define CURT_WORKERS {site.workers}
{self.mount()}
"""

    def mount(self):
        return f"""
Include {TOP}/apache-conf/curt-server.conf
<VirtualHost 127.0.0.1:{self.site.port}>
    Include {TOP}/apache-conf/curt.conf
</VirtualHost>
"""

    def warm_up(self):
        """mod_fcgid starts a worker when a request finds none free; so each worker that is there is
        held still while requests ask for one more."""
        held = {}
        requests = []
        try:
            def enough():
                for pid in self.worker_pids():
                    if pid not in held:
                        os.kill(pid, signal.SIGSTOP)
                        held[pid] = start_time(pid)
                for request in select.select(requests, [], [], 0)[0]:
                    requests.remove(request)
                    request.close()
                while len(requests) < self.site.workers:
                    requests.append(self.open_request())
                return len(held) >= self.site.workers
            self.process.wait_ready(enough, 30, "the workers")
        finally:
            for pid, started in held.items():
                send(pid, started, signal.SIGCONT)
            for request in requests:
                request.recv(65536)
                request.close()

    def open_request(self):
        request = socket.create_connection(("127.0.0.1", self.site.port), timeout=30)
        request.sendall(f"GET {self.site.mount}healthz HTTP/1.0\r\n\r\n".encode("ascii"))
        return request


class Prefork(WebServer):
    """Workers under Curt's own parent, which listens on a unix socket."""

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


class Nginx(Prefork):
    """Hands requests to the workers of Curt's own parent."""

    stop_signal = signal.SIGQUIT  # finishes the requests at hand

    def command(self):
        return ["nginx", "-p", self.site.place.path, "-e", self.error_log, "-c",
                self.site.place.write(f"{self.site.name}.conf", self.configuration())]

    def configuration(self):
        site = self.site
        identity = f"user {self.user.name} {self.user.group};" if self.user else ""
        scratch = "\n".join(
            f"    {kind}_temp_path {site.place.directory(f'{site.name}-{kind}')};"
            for kind in ("client_body", "fastcgi", "proxy", "scgi", "uwsgi"))
        return f"""
daemon off;
{identity}
pid {self.path(".pid")};
error_log {self.error_log};
worker_processes 2;
events {{
    worker_connections 1024;
}}
http {{
    access_log off;
{scratch}
    upstream curt {{
        server unix:{self.socket};
    }}
    server {{
        listen 127.0.0.1:{site.port};
        include {TOP}/nginx-conf/curt-server.conf;
        location {site.mount} {{
            include {TOP}/nginx-conf/curt-fastcgi.conf;
        }}
    }}
}}
"""


class ApacheProxy(Prefork, Apache):
    """Apache before the workers of Curt's own parent, by mod_proxy_fcgi."""

    default_workers = Prefork.default_workers

    def mount(self):
        return f"""
Define CURT_SOCKET {self.socket}
<VirtualHost 127.0.0.1:{self.site.port}>
    Include {TOP}/apache-conf/curt-proxy.conf
</VirtualHost>
"""

    def warm_up(self):
        pass


SERVERS = {"lighttpd": Lighttpd, "apache": Apache, "nginx": Nginx}
