# SPDX-License-Identifier: MIT
"""Two hosts with different web servers, with links that are created, changed, deleted and that expire, while
workers, memcached and MariaDB are killed and stopped at random: each answer is one that the model allows, and
workers neither grow nor leak descriptors. CURT_SOAK=1 runs it for ten minutes."""

import collections
import itertools
import json
import os
import pathlib
import random
import re
import time

from chaos import Chaos
from conftest import build_directory
from load import Load
from model import Faults, History, Model, Version
from stack.process import wait_until
from test_maintenance import leaders

SECONDS = 600 if os.environ.get("CURT_SOAK") else 20
CLIENTS = 16
LOCAL_TTL = 2
WARM = 40           # links that are never changed and often requested
KEPT = 400          # of the others at a time
MEMORY_KIB = 1024   # by which a worker may grow
DESCRIPTORS = 4     # likewise; connections come and go
EXCUSED = 15        # seconds after the last fault: visits go on so long
SETTINGS = {"cache.local_ttl": f"{LOCAL_TTL}s", "cache.negative_ttl": "1s", "memcached.timeout": "250ms"}


def makefile():
    return (build_directory() / "Makefile").read_text()


def when(moment):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def is_curts(answer):
    """Of a worker, and not the web server's own for one that it has just lost."""
    return answer is not None and answer.header("X-Request-Id") is not None


class Authors:
    """Makes, changes and deletes links, each through a host at random, and keeps their histories."""

    def __init__(self, clients, seed):
        self.clients = clients
        self.choice = random.Random(seed)
        self.counter = itertools.count()
        self.links = []
        self.tally = collections.Counter()

    def _send(self, host, version, method, path, body=None):
        """Sends a change; the version records its answer."""
        headers = {"Authorization": f"Bearer {self.clients[host].key}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        try:
            answer = self.clients[host].request(method, path, data, headers)
        except Exception:       # the connection broke: the change may have been made or not
            answer = None
        version.ended = time.time()
        version.acked = answer is not None and answer.status in (200, 201, 202)
        version.spooled = answer is not None and answer.status == 202
        self.tally[f"{method} {answer.status if is_curts(answer) else 'lost'}"] += 1
        return answer

    def _wish(self):
        """A new state: a URL that no other link has, and perhaps an end soon."""
        url = f"https://example.com/model/{next(self.counter)}"
        expires = int(time.time()) + self.choice.randint(2, 12) if self.choice.random() < 0.3 else None
        return url, expires, {"long_url": url, "expires_at": when(expires) if expires else None}

    def make(self):
        host = self.choice.randrange(len(self.clients))
        url, expires, body = self._wish()
        version = Version(host, time.time(), url, expires)
        answer = self._send(host, version, "POST", "api/v1/urls", body)
        if version.acked:
            history = History(answer.json["code"])
            history.versions.append(version)
            self.links.append(history)
            if len(self.links) > KEPT:
                self.links.pop(self.choice.randrange(WARM, len(self.links)))

    def change(self):
        history = self._any()
        if not history or not history.lock.acquire(blocking=False):
            return
        try:
            last = history.versions[-1]
            host = self.choice.randrange(len(self.clients))
            path = f"api/v1/urls/{history.code}"
            if last.url is None or not last.acked:
                return
            if self.choice.random() < 0.2:
                version = Version(host, time.time())
                history.versions.append(version)
                answer = self._send(host, version, "DELETE", path)
            else:
                url, expires, body = self._wish()
                version = Version(host, time.time(), url, expires)
                history.versions.append(version)
                answer = self._send(host, version, "PATCH", path, body)
            if is_curts(answer) and 400 <= answer.status < 500:
                # Refused: nothing has happened. A link that waits in the spool is unknown here.
                history.versions.remove(version)
        finally:
            history.lock.release()

    def _any(self):
        return self.choice.choice(self.links[WARM:]) if len(self.links) > WARM else None


class Visitors:
    """Follows links and holds each answer against the model."""

    def __init__(self, clients, authors, model, seed):
        self.clients = clients
        self.authors = authors
        self.model = model
        self.choice = random.Random(seed)
        self.violations = []
        self.tally = collections.Counter()

    def visit(self, is_warm):
        links = self.authors.links
        history = links[self.choice.randrange(WARM if is_warm else len(links))]
        host = self.choice.randrange(len(self.clients))
        began = time.time()
        try:
            answer = self.clients[host].get(history.code)
        except Exception:       # as above
            answer = None
        ended = time.time()
        if not is_curts(answer):
            self.tally["lost"] += 1
            return
        self.tally[answer.status] += 1
        told = (answer.status, answer.location)
        if told in self.model.allowed(history, host, began, ended):
            return
        if answer.status == 503 and not is_warm and self.model.may_be_unavailable(began, ended):
            return
        self.violations.append((history.code, host, began, ended, told, list(history.versions)))


class Witness:
    """The memory and descriptors of a worker that is not killed."""

    def __init__(self, pid):
        self.pid = pid
        self.samples = []

    def look(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        memory = int(re.search(r"RssAnon:\s+(\d+)", status)[1])
        self.samples.append((memory, len(os.listdir(f"/proc/{self.pid}/fd"))))


def tell(model, violation):
    code, host, began, ended, told, versions = violation
    lines = [f"{code} at host {host}, {began:.3f} to {ended:.3f}: {told}"]
    lines += [f"    {version}" for version in versions]
    lines += [f"    {kind} broken {a:.3f} to {b or 0:.3f}" for kind, a, b in model.faults.list
              if a < ended and (b is None or b > began - 30)]
    return "\n".join(lines)


def test_no_answer_is_wrong(new_stack, capsys):
    with new_stack(durable=True) as stack:
        hosts = [stack.host("lighttpd", workers=4, settings=SETTINGS),
                 stack.host("apache", workers=16, settings=SETTINGS)]
        clients = [stack.client(host, timeout=20) for host in hosts]
        faults = Faults()
        model = Model(faults, LOCAL_TTL)
        authors = Authors(clients, 3)
        visitors = Visitors(clients, authors, model, 4)
        for number in range(WARM):
            version = Version(0, time.time(), f"https://example.com/warm/{number}")
            code = clients[0].create(version.url)["code"]
            version.ended, version.acked = time.time(), True
            authors.links.append(History(code))
            authors.links[-1].versions.append(version)
            for client in clients:
                assert client.get(code).location == version.url

        def task(number, turn):
            if number == 0:
                (authors.make if turn % 3 == 0 else authors.change)()
            else:
                visitors.visit(is_warm=number % 4 == 1)
            return None, None

        # Of the first host, whose leader is spared; the leaders of the other are killed like all workers.
        wait_until(lambda: leaders(hosts[0]), 20, "a leader")
        (keeper,) = leaders(hosts[0])
        (other, *_) = set(hosts[0].web.worker_pids()) - {keeper}
        witnesses = [Witness(keeper), Witness(other)]
        with Load(task, clients=CLIENTS, least=20):
            with Chaos(stack, hosts, faults, spared=[witness.pid for witness in witnesses]) as chaos:
                for share in range(10):
                    chaos.over.wait(SECONDS / 10)
                    for witness in witnesses:
                        witness.look()
                    assert not visitors.violations, tell(model, visitors.violations[0])

            def all_seen():
                return time.time() > faults.list[-1][2] + EXCUSED if faults.list else True
            wait_until(all_seen, EXCUSED + 10, "the end of what a fault excuses")
        for violation in visitors.violations[:5]:
            print(tell(model, violation))
        assert not visitors.violations
        # The sanitizers keep freed memory.
        for witness in witnesses if "-fsanitize" not in makefile() else []:
            warm = witness.samples[2:]      # after the first fifth
            for column, bound in ((0, MEMORY_KIB), (1, DESCRIPTORS)):
                values = [sample[column] for sample in warm]
                assert max(values) - min(values) <= bound, witness.samples
        with capsys.disabled():
            print(f"\n{SECONDS} s: visits {dict(visitors.tally)}, changes {dict(authors.tally)}, "
                  f"faults {chaos.done}, workers {[witness.samples[-1] for witness in witnesses]}")
