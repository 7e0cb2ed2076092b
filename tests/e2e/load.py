# SPDX-License-Identifier: MIT
"""Clients that send requests while a test breaks something."""

import dataclasses
import http.client
import threading
import time

from client import Answer


@dataclasses.dataclass(frozen=True)
class Shot:
    """One request: when it began and ended (monotonic), and what came of it."""
    began: float
    ended: float
    answer: Answer     # None when the connection broke
    asked: object      # what the task says it asked for

    @property
    def status(self):
        return self.answer.status if self.answer else None


class Load:
    """Runs `task(number, turn)`, which gives (what was asked, the answer), over and over in `clients`
    threads until the block ends. `shots` then holds every request."""

    def __init__(self, task, clients=8, least=1):
        self.task = task
        self.least = least
        self.shots = []
        self.stop = threading.Event()
        self.errors = []
        self.threads = [threading.Thread(target=self._run, args=(number,))
                        for number in range(clients)]

    def _run(self, number):
        turn = 0
        try:
            while not self.stop.is_set():
                began = time.monotonic()
                try:
                    asked, answer = self.task(number, turn)
                except (OSError, http.client.HTTPException) as error:
                    asked, answer = error, None
                self.shots.append(Shot(began, time.monotonic(), answer, asked))
                turn += 1
        except BaseException as error:      # a mistake of the test: raised by __exit__
            self.errors.append(error)
            raise

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        self.wait_for(self.least * len(self.threads))
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()
        assert not self.errors, self.errors

    def wait_for(self, count, seconds=30):
        """Until `count` more requests have ended."""
        from stack.process import wait_until
        goal = len(self.shots) + count
        wait_until(lambda: len(self.shots) >= goal or self.errors, seconds, f"{count} requests")

    def statuses(self, since=0, until=float("inf")):
        """How many requests that began and ended within the time had which status."""
        counts = {}
        for shot in self.shots:
            if shot.began >= since and shot.ended <= until:
                counts[shot.status] = counts.get(shot.status, 0) + 1
        return counts


def follow(client, links):
    """A task that follows one link after the other; what it asks for is the long URL to come."""
    def task(number, turn):
        link = links[(number + turn) % len(links)]
        return link["long_url"], client.get(link["code"])
    return task
