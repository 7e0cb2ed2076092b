# SPDX-License-Identifier: MIT
"""The servers that measurements run on: a private MariaDB and memcached, and web servers with workers (Curt's or
empty responders), each started at its first use."""

import contextlib
import dataclasses
import http.client
import os
import pathlib
import subprocess
import tempfile

from stack.backends import Memcached
from stack.curt import Host, Installation
from stack.database import Database
from stack.place import Place
from stack.process import Failed, environment, wait_until
from stack.web import Apache, Lighttpd, Nginx, free_port

from . import links
from .load import CONNECTIONS, cpu_seconds, family, wrk

MEGABYTES = 1024        # of memcached, and at least of MariaDB's buffer pool, so that all links fit
LINK_BYTES = 500        # more than a link needs in that pool


class Measured(Database):
    """A server that also runs the benchmark's statements."""

    def sql(self, text, *, user=None, database=None):
        """Runs statements as Curt's user, or another; returns the last result, tab-separated."""
        password = {"MYSQL_PWD": self.password} if user is None else {}
        done = subprocess.run(
            ["mariadb", "--no-defaults", f"--socket={self.socket}", "--batch", "--skip-column-names",
             f"--user={user or self.user}", database or self.database],
            input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**environment(), **password}, check=False)
        if done.returncode != 0:
            raise Failed(f"mariadb: {done.stderr}")
        return done.stdout.strip()


class Empty:
    """A host of the empty responder, which answers every request with a redirect."""

    def is_ready(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=10)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status == 302
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


class EmptyLighttpd(Empty, Lighttpd):
    """lighttpd with empty responders."""


class EmptyApache(Empty, Apache):
    """Apache with empty responders."""


class EmptyNginx(Empty, Nginx):
    """nginx with empty responders."""

    def is_ready(self):
        if not self.parent.is_alive():
            raise Failed("the empty responder ended")
        return super().is_ready()


SERVERS = {"lighttpd": (Lighttpd, EmptyLighttpd), "apache": (Apache, EmptyApache),
           "nginx": (Nginx, EmptyNginx)}


@dataclasses.dataclass(frozen=True)
class Programs:
    """An installation whose curt.fcgi is another program."""
    fcgi: pathlib.Path
    files: pathlib.Path     # of the pages


class Stage(contextlib.AbstractContextManager):
    """Stops everything that it started when its block ends."""

    def __init__(self, build, workers, most_links):
        self.installation = Installation(build)
        programs = self.installation.build / "tests" / "bench"
        self.empty = Programs(programs / "empty_responder", self.installation.files)
        self.bare_insert = programs / "bare_insert"
        self.workers = workers
        self.pool = max(MEGABYTES << 20, most_links * LINK_BYTES)
        self.stack = contextlib.ExitStack()
        self.hosts = {}
        self.n_links = 0
        self.link_bytes = 0
        self.key = None

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            directory = pathlib.Path(stack.enter_context(
                tempfile.TemporaryDirectory(prefix="curt-bench-")))
            self.logs = directory / "log"
            self.logs.mkdir()
            self.place = Place()
            stack.callback(self.place.remove)
            self.database = Measured(directory / "mysql", self.place.path / "mysql")
            self.memcached = Memcached(self.place, self.logs / "memcached.log", megabytes=MEGABYTES)
            for backend in (self.database, self.memcached):
                stack.callback(backend.stop)
                backend.start()
            # As on a production server, which has more memory than the default of a trial.
            self.as_root("SET GLOBAL innodb_log_file_size = 1 << 29")
            self.set_pool(self.pool)
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self.stack.close()

    def as_root(self, text):
        return self.database.sql(text, user="root" if os.geteuid() == 0 else None, database="mysql")

    def set_pool(self, size):
        """Gives MariaDB a buffer pool of `size` bytes, and waits until it has it. New versions resize it in the statement, and
        have nothing to say of it afterwards."""
        self.as_root(f"SET GLOBAL innodb_buffer_pool_size = {size}")

        def is_done():
            said = self.as_root("SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_resize_status'").partition("\t")[2].strip()
            return not said or said.startswith(("Completed", "Size did not change"))
        wait_until(is_done, 600, "the buffer pool")

    def seed(self, n):
        """Creates the schema, an admin's key and n links, before a worker runs."""
        self.key = self.make_database(self.database.database, n)
        self.n_links = n

    def make_database(self, name, n, installation=None):
        """Creates another database with n links, by this installation or the measured one; returns its admin's
        key."""
        self.database.sql(f"CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb4")
        host = self.make_host(f"setup-{name}", "lighttpd", installation or self.installation,
                              {"mysql.database": name}, self.memcached)
        host.migrate()
        key = host.make_key(name="benchmarks")
        before = links.bytes_in_tables(self.database, name)
        links.seed(self.database, name, 1, n)
        self.link_bytes = (links.bytes_in_tables(self.database, name) - before) / n
        return key

    def make_host(self, name, web, installation, settings, memcached, *, workers=None, server=None):
        server = server or SERVERS[web][installation is self.empty]
        return Host(installation, self.place, self.logs, web=web, database=self.database,
                    memcached=memcached, port=free_port(), workers=workers or self.count(web),
                    name=name, settings=settings, server=server)

    def count(self, web):
        """mod_fcgid needs a worker for each concurrent request."""
        return self.workers if web != "apache" else CONNECTIONS

    def host(self, name, web="lighttpd", *, empty=False, settings=None, memcached=True, installation=None,
             **options):
        """The running host of that name; options are those of make_host."""
        if name not in self.hosts:
            host = self.make_host(name, web, self.empty if empty else installation or self.installation,
                                  settings or {}, self.memcached if memcached else None, **options)
            self.stack.callback(host.stop)
            host.start()
            self.hosts[name] = host
        return self.hosts[name]

    def ask(self, host, path):
        """(status, Location) of one GET."""
        connection = http.client.HTTPConnection("127.0.0.1", host.port, timeout=10)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            return response.status, response.getheader("Location")
        finally:
            connection.close()

    def load(self, host, seconds, path="/", *arguments, **options):
        """Runs wrk; returns its result and the CPU time of each part per request, in microseconds."""
        workers = set(host.web.worker_pids())
        web = family(host.web.process.pid) - workers
        parts = {"worker": workers, "web server": web, "memcached": {self.memcached.process.pid},
                 "MariaDB": {self.database.process.pid}}
        before = {name: cpu_seconds(pids) for name, pids in parts.items()}
        measured = wrk(host.base_url + path, seconds, *arguments, **options)
        cpu = {name: (cpu_seconds(pids) - before[name]) * 1e6 / measured.requests
               for name, pids in parts.items()}
        return measured, cpu
