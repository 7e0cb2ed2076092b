# SPDX-License-Identifier: MIT
"""Runs one Curt: starts it, writes its processes to server.json, stops all of it."""

import ctypes
import fcntl
import http.client
import json
import os
import pathlib
import shutil
import signal
import sys
import time

from .backends import Memcached
from .curt import Host, Installation
from .database import Database
from .ours import check_home, make_directory, make_home, open_file, read_text, write_private
from .place import Place, check_leftover
from .process import Failed, pids_of, send, start_time, stop_pid, wait_until
from .spool import bring_home, open_spool


class Interrupted(Exception):
    """A signal asked this process to end."""


def interrupt(*_):
    raise Interrupted


def adopt_orphans():
    """Makes orphaned descendants children of this process: workers outlive lighttpd for a moment, and the
    first process of a container often reaps no others."""
    set_child_subreaper = 36    # prctl(2)
    ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0)


def reap_orphans():
    """Reaps all children; call it when no other code waits for one."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


class Supervisor:
    """The supervisor of one DIR. It holds a lock on DIR/lock, which the kernel releases however it ends."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory).absolute()
        self.logs = self.directory / "log"
        self.state = self.directory / "processes.json"   # what to stop and remove after a kill -9
        self.server_json = self.directory / "server.json"
        self.lock = None
        self.place = None
        self.database = None
        self.memcached = None
        self.host = None
        self.written = None

    # Finding and stopping another supervisor

    def try_lock(self):
        make_home(self.directory)
        make_directory(self.logs)
        lock = open(open_file(self.directory / "lock", os.O_RDWR | os.O_CREAT), "rb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self.lock = lock
        return True

    def not_alone(self):
        return Failed(f"one runs on {self.directory} already, or is about to; "
                      "stop it with --stop, or give this one another --var DIR and --port")

    def check_alone(self):
        """Raises Failed when take_over would; creates nothing."""
        if self.directory.is_dir() and not self.try_lock():
            raise self.not_alone()
        if self.lock:
            self.lock.close()

    def take_over(self):
        """Takes the lock of this directory."""
        if not self.try_lock():
            raise self.not_alone()
        self.clean_up()
        self.write_state()

    def read_state(self):
        try:
            return json.loads(read_text(self.state))
        except (FileNotFoundError, ValueError):
            return {}

    def write_state(self):
        processes = [self.database, self.memcached, self.host and self.host.web]
        running = [p.process for p in processes if p and p.process]
        if self.host and getattr(self.host.web, "parent", None):
            running.append(self.host.web.parent)
        write_private(self.state, json.dumps({
            "supervisor": [os.getpid(), start_time(os.getpid())],
            "place": str(self.place.path) if self.place else None,
            "processes": [[process.pid, process.started] for process in running]}))

    def stop_other(self):
        """Stops the running supervisor, or the processes that a killed one has left."""
        if not self.directory.is_dir():
            print(f"nothing runs on {self.directory}", file=sys.stderr)
            return 0
        check_home(self.directory)
        ran = False
        if not self.try_lock():
            ran = True
            pid, started = self.read_state().get("supervisor") or (0, None)
            send(pid, started, signal.SIGTERM)
            wait_until(self.try_lock, 90, f"process {pid} to stop everything")
        if not self.clean_up() and not ran:
            print(f"nothing runs on {self.directory}", file=sys.stderr)
        return 0

    def clean_up(self):
        """Stops processes that a killed supervisor has left running. True when there were any."""
        state = self.read_state()
        place = state.get("place")
        if place:
            check_leftover(place)
        for pid, started in reversed(state.get("processes", [])):
            stop_pid(pid, started, 30)
        if place:
            for program in pathlib.Path(place).glob("*-bin/curt.fcgi"):
                for pid in pids_of(program):
                    stop_pid(pid, start_time(pid))
            bring_home(self.directory, place)
            shutil.rmtree(place, ignore_errors=True)
        self.state.unlink(missing_ok=True)
        self.server_json.unlink(missing_ok=True)
        return bool(state)

    # Serving

    def serve(self, build, ready, **options):
        """Runs Curt until a signal; calls `ready` with the contents of server.json when it serves."""
        for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signal_number, interrupt)
        adopt_orphans()
        try:
            self.start(Installation(build), options)
            ready(self.describe())
            return self.watch()
        except Interrupted:
            return 0
        finally:
            for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(signal_number, signal.SIG_IGN)
            self.stop()

    def start(self, installation, options):
        self.place = Place()
        self.write_state()
        self.database = Database(self.directory / "mysql", self.place.path / "mysql",
                                 wanted=options.pop("database", None))
        self.memcached = Memcached(self.place, self.logs / "memcached.log")
        for backend in (self.database, self.memcached):
            backend.start()
            self.write_state()
        options["settings"] = {"spool.path": open_spool(self.directory, self.place),
                               **(options.get("settings") or {})}
        self.host = Host(installation, self.place, self.logs, database=self.database,
                         memcached=self.memcached, **options)
        self.host.migrate()
        self.host.start(self.write_state)
        self.web_name = options["web"]
        self.api_key = self.find_key()
        self.write_server_json()

    def find_key(self):
        """The admin key of an earlier start, if the database still has it; else a new one."""
        path = self.directory / "admin.key"
        try:
            key = read_text(path).strip()
            if key.isascii() and self.is_known(key):
                return key
        except (FileNotFoundError, UnicodeDecodeError):
            pass
        key = self.host.make_key(name="script/server")
        write_private(path, key + "\n")
        return key

    def is_known(self, key):
        connection = http.client.HTTPConnection("127.0.0.1", self.host.port, timeout=10)
        try:
            connection.request("GET", f"{self.host.mount}api/v1/urls/-",
                               headers={"X-Api-Key": key})
            return connection.getresponse().status != 401
        finally:
            connection.close()

    def describe(self):
        def pid(server):
            return server.process.pid if server.process.is_alive() else None
        pids = {"mariadb": pid(self.database), "memcached": pid(self.memcached),
                "web": pid(self.host.web), "workers": self.host.web.worker_pids()}
        if getattr(self.host.web, "parent", None):
            pids["prefork"] = self.host.web.parent.pid
        return {"base_url": self.host.base_url, "api_key": self.api_key, "web": self.web_name,
                "config": str(self.host.config), "mysql_socket": str(self.database.socket),
                "memcached_socket": str(self.memcached.socket), "pids": pids}

    def write_server_json(self):
        running = self.describe()
        if running != self.written:
            write_private(self.server_json, json.dumps(running, indent=2) + "\n")
            self.written = running
        return running

    def watch(self):
        """Updates server.json. A backend that ends is not started again: Curt runs without it."""
        missing = set()
        while True:
            time.sleep(0.3)
            pids = self.write_server_json()["pids"]
            if pids["web"] is None:
                raise Failed(f"the web server ended; see {self.host.web.error_log}")
            for name in ("mariadb", "memcached"):
                if pids[name] is None and name not in missing:
                    missing.add(name)
                    program = self.database.programs.name if name == "mariadb" else name
                    print(f"script/server: {program} ended; Curt runs without it",
                          file=sys.stderr, flush=True)

    def stop(self):
        for server in (self.host, self.memcached, self.database):
            if server:
                server.stop()
        reap_orphans()
        if self.place:
            bring_home(self.directory, self.place.path)
            self.place.remove()
        self.server_json.unlink(missing_ok=True)
        self.state.unlink(missing_ok=True)
