# SPDX-License-Identifier: MIT
"""A worker that a web server spawns, with a listening socket as its descriptor 0."""

import contextlib
import random
import signal
import socket
import subprocess
import tempfile

import pytest

from fastcgi import Connection
from stack.curt import render
from stack.process import environment


@pytest.fixture
def spawn(installation, tmp_path):
    """Starts workers of one socket; (process, the path of the socket)."""
    config = tmp_path / "curt.ini"
    config.write_text(render({"segment.path": "", "server.max_requests": 1, "mysql.socket": "/nowhere"}))
    with contextlib.ExitStack() as cleanup:
        def start():
            directory = cleanup.enter_context(tempfile.TemporaryDirectory())
            listener = cleanup.enter_context(socket.socket(socket.AF_UNIX))
            listener.bind(f"{directory}/curt")
            listener.listen(16)
            worker = subprocess.Popen([installation.fcgi, "--config", config], stdin=listener,
                                      stderr=subprocess.PIPE, env=environment())
            cleanup.callback(worker.communicate)
            cleanup.callback(worker.kill)
            return worker, f"{directory}/curt"
        yield start


def healthz(path):
    connection = Connection(path, "/healthz")
    connection.finish()
    answer = connection.answer()
    assert answer.startswith(b"Status: 200")
    return answer


def test_fresh_workers_keep_the_socket_and_the_pid(spawn):
    worker, path = spawn()
    names = {answer.lower().split(b"x-request-id: ")[1][:9]
             for answer in (healthz(path) for _ in range(10))}
    assert len(names) == 10 and worker.poll() is None


@pytest.mark.parametrize("name", ["SIGTERM", "SIGUSR1"])
def test_a_stop_is_heard_between_two_lives(spawn, name):
    choice = random.Random(7)
    for _ in range(15):
        worker, path = spawn()
        for _ in range(3):
            healthz(path)
        # From here on the worker is somewhere between its last answer and its next accept.
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.wait(choice.random() / 100)
        worker.send_signal(getattr(signal, name))
        worker.wait(10)
