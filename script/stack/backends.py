# SPDX-License-Identifier: MIT
"""MariaDB and memcached, each on a unix socket alone."""

import os
import pathlib
import secrets
import shutil
import socket
import subprocess

from .process import Failed, Process, environment


def answers(path, question, expected):
    """Whether a server on the unix socket `path` answers `question` with `expected` bytes."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        peer.settimeout(1)
        try:
            peer.connect(str(path))
            peer.sendall(question)
            return expected(peer.recv(128))
        except OSError:
            return False


class MariaDB:
    """A MariaDB of our own. `directory` is kept: it holds the data, the password and the log. `options`
    are more of mariadbd's, and win."""

    user = "curt"
    database = "curt"

    def __init__(self, directory, socket_path, *, durable=True, options=()):
        self.directory = pathlib.Path(directory).absolute()
        self.socket = pathlib.Path(socket_path)
        self.durable = durable
        self.options = options
        self.process = None
        self.directory.mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o700)
        self.password = self._password()

    def _password(self):
        path = self.directory / "password"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(16), encoding="ascii")
        return path.read_text(encoding="ascii")

    def install(self):
        """Makes the data directory. It gets its name when it is complete."""
        data = self.directory / "data"
        if data.is_dir():
            return data
        unfinished = self.directory / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        done = subprocess.run(
            ["mariadb-install-db", "--no-defaults", f"--datadir={unfinished}", "--skip-test-db",
             "--auth-root-authentication-method=socket", self._tmpdir(), *self._as_root()],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=environment(), check=False)
        if done.returncode != 0:
            raise Failed(f"mariadb-install-db failed:\n{done.stdout}")
        unfinished.rename(data)
        return data

    def _tmpdir(self):
        """A server that starts removes what it takes for its own leftovers from its folder for temporary
        tables: two may not share one."""
        path = self.directory / "tmp"
        path.mkdir(mode=0o700, exist_ok=True)
        return f"--tmpdir={path}"

    @staticmethod
    def _as_root():
        return ["--user=root"] if os.geteuid() == 0 else []

    def _init_file(self):
        """Run by the server at each start, before it accepts connections. One statement a line."""
        path = self.directory / "init.sql"
        path.touch(mode=0o600)
        name = f"'{self.user}'@'localhost'"
        path.write_text(
            f"CREATE DATABASE IF NOT EXISTS {self.database} CHARACTER SET utf8mb4;\n"
            f"CREATE USER IF NOT EXISTS {name};\n"
            f"ALTER USER {name} IDENTIFIED BY '{self.password}';\n"
            f"GRANT ALL ON `{self.database}%`.* TO {name};\n", encoding="ascii")
        return path

    def start(self):
        data = self.install()
        self.process = Process(
            ["mariadbd", "--no-defaults", *self._as_root(), f"--datadir={data}", self._tmpdir(),
             f"--socket={self.socket}", f"--pid-file={self.directory}/mariadbd.pid",
             f"--init-file={self._init_file()}", "--skip-networking", "--skip-log-bin",
             "--performance-schema=OFF", "--innodb-buffer-pool-size=64M",
             "--innodb-log-file-size=64M", "--max-connections=300",
             f"--innodb-flush-log-at-trx-commit={1 if self.durable else 2}",
             "--default-time-zone=+00:00", "--character-set-server=utf8mb4", *self.options],
            self.directory / "mariadbd.log")
        # Protocol 10 is what the greeting begins with.
        self.process.wait_ready(
            lambda: answers(self.socket, b"", lambda got: got[4:5] == b"\n"), 60, "MariaDB")

    def stop(self):
        """Cleanly: everything is on disk afterwards."""
        if self.process:
            self.process.stop(60)

    def kill(self):
        self.process.kill()


class Memcached:
    """A memcached on a unix socket that the server user may use. It listens in a directory of that
    user's, who it runs as too."""

    def __init__(self, place, log, *, megabytes=64, name="memcached"):
        self.place = place
        self.socket = place.directory(name) / "socket"
        self.log = log
        self.megabytes = megabytes
        self.process = None

    def start(self):
        self.process = Process(
            ["memcached", "-s", self.socket, "-a", "0600", "-m", self.megabytes, "-t", 2],
            self.log, user=self.place.user)
        self.process.wait_ready(
            lambda: answers(self.socket, b"version\r\n", lambda got: got.startswith(b"VERSION")),
            10, "memcached")

    def flush(self):
        """Forgets everything."""
        if not answers(self.socket, b"flush_all\r\n", lambda got: got == b"OK\r\n"):
            raise Failed("memcached does not flush")

    def stop(self):
        if self.process:
            self.process.stop(10)

    def kill(self):
        self.process.kill()
