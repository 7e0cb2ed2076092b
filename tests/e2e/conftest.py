# SPDX-License-Identifier: MIT
"""Fixtures of the end-to-end tests: real servers, started by script/stack, and stopped in any case."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile

import pytest

HERE = pathlib.Path(__file__).resolve().parent
SOURCES = pathlib.Path(os.environ.get("CURT_SRCDIR", HERE.parents[1])).resolve()
sys.path[:0] = [str(SOURCES / "script"), str(HERE)]

from client import Client                                          # noqa: E402
from stack.backends import Memcached                               # noqa: E402
from stack.curt import Host, Installation                          # noqa: E402
from stack.database import Database                                # noqa: E402
from stack.place import Place                                      # noqa: E402
from stack.web import SERVERS, free_port                           # noqa: E402

# Whoever stops the tests stops the servers, too: a time limit sends SIGTERM.
signal.signal(signal.SIGTERM, signal.default_int_handler)

WEB_SERVERS = sorted(os.environ.get("CURT_WEB", " ".join(SERVERS)).split())


CLAIMS = os.environ.get("CURT_E2E_CLAIMS")       # a folder that processes side by side share; see tests/e2e/side-by-side
# The files that run `make` in the build: one process has all of them.
MAKERS = {"test_hosting", "test_installed"}
is_claimed = {}


def pytest_configure(config):
    config.addinivalue_line("markers", "alone: measures how long something takes; no other test runs beside it")


def pytest_collection_modifyitems(items):
    """The second process begins with the last file."""
    if os.environ.get("CURT_E2E_BACKWARDS"):
        files = list(dict.fromkeys(item.path for item in items))[::-1]
        items.sort(key=lambda item: files.index(item.path))


def claim(name):
    """Whether this process is the first that wants the tests of that name."""
    try:
        os.close(os.open(os.path.join(CLAIMS, name), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return False
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item):
    """Leaves out, without a word, the files that another process has begun with."""
    if not CLAIMS:
        return None
    name = "makers" if item.path.stem in MAKERS else item.path.stem
    if name not in is_claimed:
        is_claimed[name] = claim(name)
    return None if is_claimed[name] else True


class Stack:
    """A database server (CURT_DATABASE says which), a memcached, and as many hosts on them as a test wants."""

    def __init__(self, installation, logs, template, *, durable=False, server=()):
        self.installation = installation
        self.logs = logs
        self.place = Place()
        self.stop_all = contextlib.ExitStack()
        self.stop_all.callback(self.place.remove)
        mysql = logs / "mysql"
        mysql.mkdir()
        shutil.copytree(template, mysql / "data")
        self.database = Database(mysql, self.place.path / "mysql", durable=durable, options=server)
        self.memcached = Memcached(self.place, logs / "memcached.log")
        self.key = None
        self.names = 0

    def start(self):
        for server in (self.database, self.memcached):
            self.stop_all.callback(server.stop)
            server.start()
        return self

    def host(self, web="lighttpd", **options):
        """Starts a host. The first one makes the tables and an admin key."""
        self.names += 1
        options = {"memcached": self.memcached, "port": free_port(), "workers": 4, **options}
        # All tests come from one address and ask for more unknown codes than a visitor may.
        options["settings"] = {"limits.misses_per_address": "0", **(options.get("settings") or {})}
        host = Host(self.installation, self.place, self.logs, web=web, database=self.database,
                    name=f"{web}{self.names}", **options)
        self.stop_all.callback(host.stop)
        if self.key is None:
            host.migrate()
            self.key = host.make_key()
        host.start()
        return host

    def client(self, host, **options):
        return Client(host.port, host.mount, key=self.key, **options)

    def prepared(self, host):
        """Waits until the host can make links without its database: it has seen the key, and its
        maintenance has ids at hand."""
        from stack.process import wait_until
        client = self.client(host)
        client.create("https://example.com/prepared")

        def reserved():
            found = re.search(r"^ids_reserved (\S+)", client.get("metrics").body.decode(), re.M)
            return found and float(found[1]) >= 10_000
        wait_until(reserved, 20, "ids in reserve")
        return client

    def sql(self, statement, *arguments):
        """The rows of a statement, run beside Curt."""
        import pymysql
        with contextlib.closing(pymysql.connect(
                unix_socket=str(self.database.socket), user=self.database.user,
                password=self.database.password, database=self.database.database,
                autocommit=True)) as connection, connection.cursor() as cursor:
            cursor.execute(statement, arguments or None)
            return cursor.fetchall()

    @property
    def processlist(self):
        """The table of the server's connections. information_schema's fails on MySQL while another connection
        runs a statement whose bytes are not text (3854); MariaDB's other one is empty without its
        performance schema."""
        return "performance_schema.processlist" if self.database.is_mysql else "information_schema.processlist"

    def sequence(self, last, first=1):
        """The name of a table with the column `seq`, from `first` to `last`: MariaDB has it, MySQL is given one."""
        name = f"seq_{first}_to_{last}"
        if self.database.is_mysql:
            self.sql(f"CREATE TABLE IF NOT EXISTS {name} (seq BIGINT UNSIGNED PRIMARY KEY) WITH RECURSIVE "
                     f"digit (d) AS (SELECT 0 UNION ALL SELECT d + 1 FROM digit WHERE d < 9) "
                     f"SELECT {first} + n AS seq FROM (SELECT a.d + 10 * b.d + 100 * c.d + 1000 * d.d + "
                     f"10000 * e.d + 100000 * f.d AS n FROM digit a, digit b, digit c, digit d, digit e, "
                     f"digit f) AS numbers WHERE n <= {last - first}")
        return name

    def log(self, host):
        """What the host's workers and web server have logged."""
        return "".join(path.read_text(errors="replace")
                       for path in self.logs.glob(f"{host.web.site.name}-*.log"))

    def stop(self):
        self.stop_all.close()


def build_directory():
    here = os.environ.get("CURT_BUILDDIR")
    return pathlib.Path(here) if here else SOURCES / "build" / "server"


@pytest.fixture(scope="session")
def installation():
    return Installation(build_directory())


@pytest.fixture(scope="session")
def scratch():
    """A directory for data and logs; kept when CURT_KEEP is set."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="curt-e2e-"))
    yield path
    if os.environ.get("CURT_KEEP"):
        print(f"\nkept: {path}")
    else:
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def template(scratch):
    """A fresh data directory of the database server, to be copied."""
    database = Database(scratch / "template", scratch / "unused")
    return database.install()


@pytest.fixture(scope="session")
def new_stack(installation, scratch, template):
    """Starts a stack of one's own, for tests that break things."""
    made = []

    @contextlib.contextmanager
    def start(**options):
        logs = scratch / f"stack{len(made)}"
        logs.mkdir()
        made.append(logs)
        stack = Stack(installation, logs, template, **options)
        try:
            yield stack.start()
        finally:
            stack.stop()
    return start


@pytest.fixture(scope="session")
def stack(new_stack):
    """The stack of all tests that break nothing."""
    with new_stack() as started:
        yield started


def hosts_of(stack, **options):
    """The host of each web server on a stack, started when it is first asked for."""
    started = {}

    def host(web):
        if web not in started:
            started[web] = stack.host(web, **options)
        return started[web]
    return host


@pytest.fixture(scope="session")
def hosts(stack):
    """The hosts of the common stack."""
    return hosts_of(stack)


@pytest.fixture(params=WEB_SERVERS)
def host(request, hosts):
    return hosts(request.param)


@pytest.fixture
def client(stack, host):
    return stack.client(host)


@pytest.fixture
def other_client(stack, hosts, host):
    """Of another host than `client`: what it does is in no cache of that one."""
    return stack.client(hosts("nginx" if host is hosts("lighttpd") else "lighttpd"))


@pytest.fixture
def any_client(stack, hosts):
    """For what does not depend on the web server."""
    return stack.client(hosts("lighttpd"))


@pytest.fixture(scope="module")
def own_stack(new_stack):
    """A stack for one module alone, which it may break."""
    with new_stack() as started:
        yield started


@pytest.fixture(scope="module")
def own_hosts(own_stack):
    # A busy machine must not look like a failure of memcached.
    return hosts_of(own_stack, settings={"memcached.timeout": "250ms"})


@pytest.fixture(params=WEB_SERVERS)
def own_host(request, own_hosts):
    return own_hosts(request.param)


@pytest.fixture
def own_client(own_stack, own_host):
    return own_stack.client(own_host)


@pytest.fixture
def links(own_client):
    """Links that memcached holds: they were followed."""
    made = [own_client.create(f"https://example.com/cached/{number}") for number in range(20)]
    assert all(own_client.get(link["code"]).status == 302 for link in made)
    return made


@pytest.fixture(scope="session")
def statements(installation):
    """Every statement of the program, from the build's own list."""
    import subprocess
    program = installation.build / "tests" / "component" / "list_statements"
    if not program.exists():
        pytest.skip(f"{program} is not built (make check builds it)")
    lines = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in lines.splitlines()]
