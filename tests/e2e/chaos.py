# SPDX-License-Identifier: MIT
"""Breaks one part of an installation after the other, at random, and repairs it."""

import contextlib
import os
import random
import signal
import threading


class Chaos:
    """Runs until the block ends; everything is whole again then. `spared` are workers that nobody
    touches."""

    def __init__(self, stack, hosts, faults, *, spared=(), seed=1):
        self.stack = stack
        self.hosts = hosts
        self.faults = faults
        self.spared = set(spared)
        self.choice = random.Random(seed)
        self.done = {}
        self.over = threading.Event()
        self.errors = []
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        kinds = [self.kill_worker] * 6 + [self.pause_worker] * 2 + [
            self.kill_memcached, self.pause_memcached, self.kill_mysql, self.pause_mysql]
        try:
            while not self.over.wait(self.choice.uniform(0.2, 2.0)):
                kind = self.choice.choice(kinds)
                kind()
                self.done[kind.__name__] = self.done.get(kind.__name__, 0) + 1
        except BaseException as error:      # a mistake of the test: raised by __exit__
            self.errors.append(error)
            raise

    def _worker(self):
        workers = set(self.choice.choice(self.hosts).web.worker_pids()) - self.spared
        return self.choice.choice(sorted(workers)) if workers else None

    def _signal(self, pid, number):
        with contextlib.suppress(ProcessLookupError, TypeError):
            os.kill(pid, number)

    def _rest(self, least, most):
        self.over.wait(self.choice.uniform(least, most))

    def kill_worker(self):
        self._signal(self._worker(), signal.SIGKILL)

    def pause_worker(self):
        pid = self._worker()
        self._signal(pid, signal.SIGSTOP)
        self._rest(0.5, 3)
        self._signal(pid, signal.SIGCONT)

    @contextlib.contextmanager
    def _broken(self, kind):
        fault = self.faults.begin(kind)
        try:
            yield
        finally:
            self.faults.end(fault)

    def kill_memcached(self):
        with self._broken("memcached"):
            self.stack.memcached.kill()
            self._rest(0.5, 4)
            self.stack.memcached.start()

    def pause_memcached(self):
        with self._broken("memcached"):
            self.stack.memcached.process.child.send_signal(signal.SIGSTOP)
            self._rest(0.5, 5)
            self.stack.memcached.process.child.send_signal(signal.SIGCONT)

    def kill_mysql(self):
        with self._broken("mysql"):
            self.stack.database.kill()
            self._rest(0.5, 8)
            self.stack.database.start()

    def pause_mysql(self):
        with self._broken("mysql"):
            self.stack.database.process.child.send_signal(signal.SIGSTOP)
            self._rest(0.5, 6)
            self.stack.database.process.child.send_signal(signal.SIGCONT)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        assert not self.errors, self.errors
