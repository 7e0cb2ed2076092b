# SPDX-License-Identifier: MIT
"""Runs a Galera cluster of private MariaDB servers on loopback ports: from equal copies of one data folder, so that no
node has to be sent the whole state when it joins."""

import contextlib
import pathlib
import re
import secrets
import shutil
import socket
import subprocess
import uuid

from .database import Database, find
from .ours import write_private
from .process import Failed, Process, environment, wait_until

PATIENCE_S = 10     # for a statement
LIBRARY = pathlib.Path("/usr/lib/galera/libgalera_smm.so")

# A dead node is left out after about a second, not five.
SOON = {"evs.suspect_timeout": "PT1S", "evs.inactive_timeout": "PT2S", "evs.keepalive_period": "PT0.2S",
        "evs.inactive_check_period": "PT0.2S", "evs.install_timeout": "PT2S"}


def quiet_port():
    """A free port below those that the kernel gives to clients, one of which may have it before the server starts."""
    while True:
        port = secrets.choice(range(20000, 32000))
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def missing():
    """Why no cluster can be started here; None if one can."""
    if not find("mariadbd"):
        return "MariaDB's server (mariadbd) is not installed"
    return None if LIBRARY.exists() else "Galera (Debian's galera-4) is not installed"


class Node(Database):
    """One server of a cluster."""

    def __init__(self, cluster, number, socket_path, data):
        self.cluster = cluster
        self.number = number
        self.port, self.group_port, self.transfer_port, self.state_port = (quiet_port() for _ in range(4))
        directory = cluster.directory / f"node{number}"
        directory.mkdir(mode=0o711)
        shutil.copytree(data, directory / "data", ignore=shutil.ignore_patterns("galera.cache", "gvwstate.dat"))
        (directory / "data").chmod(0o777)       # root's rsync, by which a joining node is told where to go on, writes as nobody
        write_private(directory / "password", cluster.password)
        super().__init__(directory, socket_path, durable=False, wanted="mariadb")

    def _position(self):
        """Where this node stands, which a killed one has in its tables alone."""
        path = self.directory / "data" / "grastate.dat"
        state = path.read_text(encoding="ascii") if path.exists() else f"uuid: {uuid.uuid4()}\nseqno: 0\n"
        group, place = (re.search(rf"^{name}: +(\S+)$", state, re.M)[1] for name in ("uuid", "seqno"))
        if place != "-1":
            return f"{group}:{place}"
        log = self.directory / "recover.log"
        log.unlink(missing_ok=True)
        server = Process([self.programs.server, "--no-defaults", *self._as_root(), f"--datadir={self.directory}/data",
                          self._tmpdir(), f"--socket={self.socket}-recover", "--skip-networking", *self._provider(),
                          "--wsrep-cluster-address=gcomm://", "--wsrep-recover"], log)
        try:        # it may hang at its end
            return wait_until(lambda: re.search(r"Recovered position: *(\S+)\n", log.read_text(errors="replace")), 60,
                              "the node's position")[1]
        finally:
            server.kill()

    def _provider(self):
        options = {"gmcast.listen_addr": f"tcp://127.0.0.1:{self.group_port}", "gcache.size": "16M",
                   "ist.recv_addr": f"127.0.0.1:{self.transfer_port}", **self.cluster.provider}
        return ["--wsrep-on=ON", f"--wsrep-provider={LIBRARY}", "--binlog-format=ROW", "--innodb-autoinc-lock-mode=2",
                "--wsrep-provider-options=" + ";".join(f"{key}={value}" for key, value in options.items())]

    def start(self):
        others = ",".join(f"127.0.0.1:{node.group_port}" for node in self.cluster.nodes if node.is_alive())
        self.options = (
            "--skip-networking=0", "--bind-address=127.0.0.1", f"--port={self.port}", *self._provider(),
            f"--wsrep-start-position={self._position()}", f"--wsrep-cluster-address=gcomm://{others}",
            *([] if others else ["--wsrep-new-cluster"]),
            f"--wsrep-sst-receive-address=127.0.0.1:{self.state_port}",
            f"--wsrep-node-address=127.0.0.1:{self.group_port}", f"--wsrep-node-name=node{self.number}")
        super().start()
        wait_until(self.is_ready, 30, f"node {self.number} to be synced")

    def is_alive(self):
        return self.process is not None and self.process.is_alive()

    def sql(self, statement):
        """The output of the statement, run as the server's administrator."""
        argv = ["mariadb", "--no-defaults", "--user=root", f"--socket={self.socket}", "--batch", "--skip-column-names",
                f"--execute={statement}"]
        try:
            done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment(),
                                  check=False, timeout=PATIENCE_S)
        except subprocess.TimeoutExpired as late:
            raise Failed(f"node {self.number} does not answer {statement}") from late
        if done.returncode != 0:
            raise Failed(done.stderr)
        return done.stdout

    def status(self, name):
        return self.sql(f"SHOW GLOBAL STATUS LIKE 'wsrep_{name}'").split("\t")[1].strip()

    def is_ready(self):
        try:
            return self.status("ready") == "ON" and self.status("local_state_comment") == "Synced"
        except (Failed, IndexError):
            return False


class Cluster:
    """Some nodes, the first of which are at `sockets`-0. `data` is a data folder of Database. `provider` has more of
    Galera's options."""

    def __init__(self, directory, sockets, data, nodes=3, provider=None):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(mode=0o711)
        self.password = secrets.token_hex(16)
        self.provider = SOON if provider is None else provider
        self.nodes = []
        self.size = nodes
        self.sockets = sockets
        self.data = data

    def _add(self, data):
        number = len(self.nodes)
        self.nodes.append(Node(self, number, f"{self.sockets}-{number}", data))

    def start(self):
        """The first node gives the data its place in the cluster's history; the others begin with a copy."""
        self._add(self.data)
        first = self.nodes[0]
        first.start()
        first.stop()
        for _ in range(1, self.size):
            self._add(first.directory / "data")
        for node in self.nodes:
            node.start()
        wait_until(lambda: first.status("cluster_size") == str(self.size), 30, "all nodes")

    def stop(self):
        for node in reversed(self.nodes):
            node.stop()
