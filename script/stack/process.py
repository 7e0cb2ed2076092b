# SPDX-License-Identifier: MIT
"""Child processes, which are stopped by pid and start time, so that no other process is."""

import os
import signal
import socket
import subprocess
import threading
import time

from .ours import Failed, open_log


def wait_until(condition, seconds, what):
    """Calls `condition` until it is true, and returns its value."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise Failed(f"time-out after {seconds} s waiting for {what}")
        time.sleep(0.01)


class Threads:
    """Runs each task in a thread of its own while a block runs. The tasks look at `stop`, which is set at its end."""

    def __init__(self, *tasks):
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=task) for task in tasks]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def start_time(pid):
    """When `pid` started, in clock ticks since boot; None when there is no such process. A pid and a start
    time identify one process for ever."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def pids_of(program):
    """The pids of all processes that run the file `program`, oldest first."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            target = os.readlink(f"/proc/{entry}/exe").removesuffix(" (deleted)")
        except OSError:
            continue
        started = start_time(entry) if target == str(program) else None
        if started is not None:
            found.append((started, int(entry)))
    return [pid for _, pid in sorted(found)]


def send(pid, started, signal_number):
    """Signals the process that has had `pid` since `started`, if it still runs."""
    if started is not None and start_time(pid) == started:
        try:
            os.kill(pid, signal_number)
        except ProcessLookupError:
            pass


def stop_pid(pid, started, seconds=10):
    """Ends a process that need not be a child: by SIGTERM, then by SIGKILL."""
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        send(pid, started, signal_number)
        try:
            wait_until(lambda: start_time(pid) != started, seconds, f"the end of {pid}")
            return
        except Failed:
            continue


def tail(path, lines=20):
    """The last lines of a log, for error messages."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-lines:])
    except OSError:
        return ""


def environment():
    """The environment of children, without variables that could change their behaviour."""
    kept = ("TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")
    return {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LC_ALL": "C.UTF-8", **{name: os.environ[name] for name in kept if name in os.environ}}


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


class Process:
    """A program started in the foreground, in a separate session (so that Ctrl-C does not reach it), with its
    output appended to a log."""

    def __init__(self, argv, log, *, user=None, stop_signal=signal.SIGTERM):
        self.argv = [str(argument) for argument in argv]
        self.log = log
        self.stop_signal = stop_signal
        identity = {"user": user.name, "group": user.group, "extra_groups": []} if user else {}
        with open_log(log) as output:
            self.child = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env=environment(), start_new_session=True, **identity)
        self.pid = self.child.pid
        self.started = start_time(self.pid)

    def is_alive(self):
        return self.child.poll() is None

    def wait_ready(self, condition, seconds, what):
        """Waits for `condition`; raises Failed with the log when the program ends meanwhile."""
        def ready_or_dead():
            return condition() or not self.is_alive()
        try:
            wait_until(ready_or_dead, seconds, what)
        except Failed as failure:
            raise Failed(f"{failure}\n{tail(self.log)}") from None
        if not self.is_alive():
            raise Failed(f"{self.argv[0]} ended with status {self.child.returncode}:\n{tail(self.log)}")

    def kill(self):
        """Sends SIGKILL and waits for the end."""
        if self.is_alive():
            self.child.kill()
        self.child.wait()

    def stop(self, seconds=30):
        if self.is_alive():
            self.child.send_signal(self.stop_signal)
        try:
            self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
