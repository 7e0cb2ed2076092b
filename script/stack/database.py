# SPDX-License-Identifier: MIT
"""Runs a private database server on a unix socket: MariaDB or MySQL, as requested and installed."""

import getpass
import os
import pathlib
import secrets
import shutil
import subprocess

from .ours import make_directory, read_text, write_private
from .process import Failed, Process, answers, environment

VARIABLE = "CURT_DATABASE"      # mariadb, mysql, or the path of a server program


def find(name, beside=None):
    """The path of a program: in the folders of the server `beside`, else in the usual ones."""
    folders = [environment()["PATH"]]
    if beside:
        home = pathlib.Path(beside).resolve().parent
        folders = [str(folder) for folder in (home, home.parent / "bin", home.parent / "scripts")]
    return shutil.which(name, path=os.pathsep.join(folders))


def says_mariadb(server):
    """Which server a program is, by its --version: MariaDB is also installed under the name mysqld."""
    done = subprocess.run([server, "--no-defaults", "--version"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          env=environment(), check=False)
    return "MariaDB" in done.stdout


class MariaDBPrograms:
    """How MariaDB is installed and started."""

    name = "MariaDB"
    start_options = ("--performance-schema=OFF", "--innodb-log-file-size=64M")
    without_tls = ("--skip-ssl",)

    def __init__(self, server, base=()):
        self.server = server
        self.base = list(base)
        self.installer = find("mariadb-install-db", server)
        if not self.installer:
            raise Failed(f"mariadb-install-db is missing beside {server}")

    def install(self, data):
        return [self.installer, "--no-defaults", *self.base, f"--datadir={data}", "--skip-test-db",
                "--auth-root-authentication-method=socket"]

    def administrator(self):
        """Statements that make the user of the server an administrator: none, mariadb-install-db did so."""
        return ""


class MySQLPrograms:
    """How MySQL is installed and started. The user that runs the server is its administrator, as with MariaDB."""

    name = "MySQL"
    start_options = ("--mysqlx=OFF", "--plugin-load-add=auth_socket.so", "--innodb-redo-log-capacity=128M")
    without_tls = ("--tls-version=",)

    def __init__(self, server, base=()):
        self.server = server
        self.base = list(base)

    def install(self, data):
        return [self.server, "--no-defaults", *self.base, "--initialize-insecure", f"--datadir={data}"]

    def administrator(self):
        user = f"'{getpass.getuser()}'@'localhost'"
        return ("ALTER USER 'root'@'localhost' IDENTIFIED WITH auth_socket;\n"
                f"CREATE USER IF NOT EXISTS {user} IDENTIFIED WITH auth_socket;\n"
                f"GRANT ALL ON *.* TO {user} WITH GRANT OPTION;\n")


def programs(wanted=None):
    """The server `wanted`, else that of CURT_DATABASE; without either MariaDB, if it is installed, else
    MySQL."""
    wanted = wanted or os.environ.get(VARIABLE) or "auto"
    if "/" in wanted:
        server = shutil.which(wanted)
        if not server:
            raise Failed(f"{wanted} is not a program")
        base = [f"--basedir={pathlib.Path(server).resolve().parent.parent}"]
        return (MariaDBPrograms if says_mariadb(server) else MySQLPrograms)(server, base)
    if wanted not in ("auto", "mariadb", "mysql"):
        raise Failed(f"{VARIABLE}: {wanted} is not mariadb, mysql or the path of a server program")
    mariadb, mysql = find("mariadbd"), find("mysqld")
    if wanted != "mysql" and mariadb:
        return MariaDBPrograms(mariadb)
    if wanted != "mariadb" and mysql and not says_mariadb(mysql):
        return MySQLPrograms(mysql)
    raise Failed({"auto": "neither MariaDB's server nor MySQL's is installed",
                  "mariadb": "MariaDB's server (mariadbd) is not installed",
                  "mysql": "MySQL's server (mysqld) is not installed"}[wanted])


class Database:
    """A private server. `directory` is kept: it has the data, the password and the log. `options` are further
    options of the server, which override the default ones. `wanted` is as for programs()."""

    user = "curt"
    database = "curt"

    def __init__(self, directory, socket_path, *, durable=True, options=(), wanted=None):
        self.programs = programs(wanted)
        self.directory = pathlib.Path(directory).absolute()
        self.socket = pathlib.Path(socket_path)
        self.durable = durable
        self.options = options
        self.process = None
        self.directory.parent.mkdir(parents=True, exist_ok=True)
        make_directory(self.directory)
        self.password = self._password()

    @property
    def is_mysql(self):
        return isinstance(self.programs, MySQLPrograms)

    def _password(self):
        path = self.directory / "password"
        if not path.exists():
            write_private(path, secrets.token_hex(16))
        return read_text(path)

    def _check_data(self, data):
        """Raises Failed when the data was made by the other server, which this one cannot use."""
        is_mysql = (data / "mysql.ibd").exists()
        if is_mysql != self.is_mysql:
            made_by = "MySQL" if is_mysql else "MariaDB"
            raise Failed(f"{data} was made by {made_by}; {self.programs.name} cannot use it: "
                         "take another folder, or the other server")

    def install(self):
        """Creates the data directory. It gets its final name when it is complete."""
        data = self.directory / "data"
        if data.is_dir():
            self._check_data(data)
            return data
        unfinished = self.directory / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        done = subprocess.run(
            [*self.programs.install(unfinished), self._tmpdir(), *self._as_root()],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=environment(), check=False)
        if done.returncode != 0:
            raise Failed(f"{self.programs.name} cannot be set up:\n{done.stdout}")
        (unfinished / "auto.cnf").unlink(missing_ok=True)   # copies must have different ids
        unfinished.rename(data)
        return data

    def _tmpdir(self):
        """The folder for temporary tables, one for each server, since a server that starts removes what it
        finds there."""
        path = self.directory / "tmp"
        path.mkdir(mode=0o700, exist_ok=True)
        return f"--tmpdir={path}"

    @staticmethod
    def _as_root():
        return ["--user=root"] if os.geteuid() == 0 else []

    def _init_file(self):
        """Statements, one per line, that the server runs at each start, before it accepts connections."""
        path = self.directory / "init.sql"
        name = f"'{self.user}'@'localhost'"
        write_private(
            path,
            f"{self.programs.administrator()}"
            f"CREATE DATABASE IF NOT EXISTS {self.database} CHARACTER SET utf8mb4;\n"
            f"CREATE USER IF NOT EXISTS {name};\n"
            f"ALTER USER {name} IDENTIFIED BY '{self.password}';\n"
            f"GRANT ALL ON `{self.database}%`.* TO {name};\n")
        return path

    def start(self):
        data = self.install()
        self.process = Process(
            [self.programs.server, "--no-defaults", *self.programs.base, *self._as_root(),
             f"--datadir={data}", self._tmpdir(), f"--socket={self.socket}",
             f"--pid-file={self.directory}/server.pid", f"--init-file={self._init_file()}",
             "--skip-networking", "--skip-log-bin", "--innodb-buffer-pool-size=64M",
             *self.programs.start_options, "--max-connections=300",
             f"--innodb-flush-log-at-trx-commit={1 if self.durable else 2}",
             "--default-time-zone=+00:00", "--character-set-server=utf8mb4", *self.options],
            self.directory / "server.log")
        # The greeting begins with the protocol version, 10.
        self.process.wait_ready(
            lambda: answers(self.socket, b"", lambda got: got[4:5] == b"\n"), 60, self.programs.name)

    def stop(self):
        """Stops the server cleanly: all data is on disk afterwards."""
        if self.process:
            self.process.stop(60)

    def kill(self):
        self.process.kill()
