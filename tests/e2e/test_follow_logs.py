# SPDX-License-Identifier: MIT
"""Clicks that a cache in front answers are counted from its access log: by real caches, with the configurations that are
shipped, each exactly once, whatever becomes of the log and of the follower. CURT_SOAK=1 clicks five million times."""

import collections
import contextlib
import gzip
import json
import os
import random
import re
import signal
import subprocess
import threading
import time

import pytest

from clicking import CUT_OFF, GOOGLEBOT, HUMAN, click, counted, restart_twice, rolled_up
from client import Client
from edge import EDGES, VarnishEdge
from stack.process import Failed, Process, Threads, wait_until
from stack.web import TOP, free_port

LONG_URL = "https://example.com/edge"
SETTINGS = {"cache.edge_ttl": "300s", "server.trusted_proxies": "127.0.0.1", "clicks.flush_interval": "100ms",
            "edge.logs_interval": "100ms"}
SOAK = bool(os.environ.get("CURT_SOAK"))
CLICKS = 5_000_000 if SOAK else 60_000
CLIENTS = 64 if SOAK else 16
CAUGHT_UP_S = 60            # after the last click


class LighttpdEdge(VarnishEdge):
    """lighttpd in front of Varnish, which says in X-Cache whether it has answered."""

    TELLS = '''
sub vcl_deliver {
    set resp.http.X-Cache = "MISS";
    if (obj.hits > 0) {
        set resp.http.X-Cache = "HIT";
    }
}
'''

    def __init__(self, stack, log, **options):
        self.lighttpd = None
        super().__init__(stack, vcl=self.TELLS, **options)
        port = free_port()
        user = stack.place.user
        identity = f'server.username = "{user.name}"\nserver.groupname = "{user.group}"\n' if user else ""
        main = stack.place.write(f"lighttpd-front-{port}.conf", f'''
server.bind = "127.0.0.1"
server.port = {port}
server.document-root = "{stack.place.path}"
{identity}
server.modules = ( "mod_proxy", "mod_accesslog" )
proxy.server = ( "" => (( "host" => "127.0.0.1", "port" => {self.varnish.port} )) )
var.curt_log = "{log}"
include "{TOP}/lighttpd-conf/curt-log.conf"
''')
        with contextlib.ExitStack() as cleanup:
            cleanup.callback(self.stop)
            self.lighttpd = Process(["lighttpd", "-D", "-f", main], stack.logs / f"lighttpd-front-{port}.log",
                                    stop_signal=signal.SIGINT)
            self.client = Client(port, key=stack.key)
            self.lighttpd.wait_ready(self.is_ready, 20, "lighttpd")
            cleanup.pop_all()

    def is_ready(self):
        with contextlib.suppress(OSError):
            return self.client.get("healthz").status == 200

    def reopen_log(self):
        self.lighttpd.child.send_signal(signal.SIGHUP)

    def stop(self):
        if self.lighttpd:
            self.lighttpd.stop()
        super().stop()


# As the edges, lighttpd before one of them, and Apache that logs to a pipe.
KINDS = {**EDGES, "lighttpd": LighttpdEdge}
FRONTS = [*KINDS, "apache-pipe"]


class Followed:
    """A cache in front with a log that Curt reads."""

    def __init__(self, stack, front, **settings):
        kind, _, pipe = front.partition("-")
        self.stack = stack
        stack.names += 1
        self.folder = stack.place.directory(f"log{stack.names}")
        self.log = self.folder / "curt.log"
        self.program = stack.place.program(stack.installation.curtctl, f"log{stack.names}-ctl")
        self.rotated = 0
        where = f"|{self.program} clicks append {self.log}" if pipe else self.log
        self.edge = KINDS[kind](stack, log=where, settings={
            **SETTINGS, "edge.logs": f"{kind}:{self.log}", **settings})
        self.config = self.edge.host.config
        self.port = self.edge.client.port
        self.mount = "/"

    def start_following(self, *arguments):
        user = self.stack.place.user
        return subprocess.Popen(
            [self.program, "--config", self.config, "--json", "clicks", "follow", *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/",
            **({"user": user.uid, "group": user.gid, "extra_groups": []} if user else {}))

    def follow_once(self):
        process = self.start_following("--once")
        output, complaint = process.communicate(timeout=60)
        assert process.returncode == 0, complaint
        return json.loads(output)

    def rotate(self, compress=False):
        """As logrotate does, with delaycompress."""
        self.rotated += 1
        before = self.folder / f"curt.log.{self.rotated - 1}"
        if compress and before.exists():
            packed = self.folder / f"{before.name}.gz"
            packed.write_bytes(gzip.compress(before.read_bytes()))
            packed.chmod(0o644)
            before.unlink()
        if self.log.exists():
            self.log.rename(self.folder / f"curt.log.{self.rotated}")
        self.edge.reopen_log()
        wait_until(self.log.exists, 10, "the new log")

    def logged(self):
        """The number of answers of the cache in all files of the log."""
        number = 0
        for path in self.folder.iterdir():
            content = path.read_bytes()
            content = gzip.decompress(content) if path.suffix == ".gz" else content
            number += len(re.findall(rb' 302 "?(?:cache )?hit', content, re.IGNORECASE))
        return number


@contextlib.contextmanager
def followed(stack, front, **settings):
    edge = Followed(stack, front, **settings)
    with contextlib.ExitStack() as cleanup:
        cleanup.callback(edge.edge.stop)
        yield edge


def make_links(edge, number=5):
    return [edge.edge.origin.create(f"{LONG_URL}/{n}")["code"] for n in range(number)]


def until_counted(stack, clicks, bots=0, seconds=30):
    """Waits for so many; more than that are too many."""
    with contextlib.suppress(Failed):
        wait_until(lambda: counted(stack) >= (clicks, bots), seconds, "the clicks")
    assert counted(stack) == rolled_up(stack) == (clicks, bots)


@pytest.mark.parametrize("front", FRONTS)
def test_every_answer_counts_once(new_stack, front):
    """By the workers' own maintenance, while the log is rotated and compressed."""
    with new_stack() as stack, followed(stack, front) as edge:
        codes = make_links(edge)
        total = 0
        for turn in range(4):
            answers = click(edge, codes, 600, clients=4)
            assert set(answers) <= {302, CUT_OFF}      # Apache's restart cuts connections off
            total += answers[302]
            edge.rotate(compress=turn % 2 == 1)
            # Apache's mod_fcgid starts a worker, which reads the log, only when there is a request for one.
            assert edge.edge.origin.get("healthz").status == 200
        until_counted(stack, total)
        assert edge.logged() >= total - 200            # the cache has answered them, not the workers
        answers = click(edge, codes, 100, clients=4)   # to the file that is there after a rotation
        until_counted(stack, total + answers[302])
        text = edge.edge.origin.get("metrics").body.decode()
        kind = front.partition("-")[0]
        assert f'log_lines_total{{log="{kind}",result="counted"}} {edge.logged()}\n' in text
        assert f'log_bytes_behind{{log="{kind}"}} 0\n' in text
        assert f'log_files_unreadable{{log="{kind}"}} 0\n' in text
        report = edge.follow_once()                    # reads the same, and finds nothing
        assert (report["clicks"], report["bytes"], report["bytes_behind"]) == (0, 0, 0)
        until_counted(stack, total + answers[302])


@pytest.mark.parametrize("front", FRONTS)
def test_what_is_no_click_is_none(new_stack, front):
    """The rules of a worker's click."""
    with new_stack() as stack, followed(stack, front) as edge:
        code, = make_links(edge, 1)
        client = Client(edge.port)
        statuses = [client.get(code, headers).status for headers in (
            HUMAN, HUMAN, {"User-Agent": GOOGLEBOT}, {**HUMAN, "Sec-Purpose": "prefetch"}, {**HUMAN, "Purpose": "prefetch"},
            {**HUMAN, "DNT": "1"}, {"User-Agent": "curl/8"})]
        assert statuses == [302] * 7
        assert client.request("HEAD", code, headers=HUMAN).status == 302
        assert client.get("nobody", HUMAN).status == 404
        until_counted(stack, 3, 2)
        edge.rotate()
        # The first ones were answered by a worker, and 404 is not kept.
        assert edge.logged() == 8 - edge.edge.enters_at


def kill_once(edge, after, killed):
    """Starts a follower, and kills it after a while."""
    process = edge.start_following()
    try:
        process.communicate(timeout=after)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        killed.append(process.pid)


def kill_at_random(edge, stop, choice, killed):
    while not stop.is_set():
        kill_once(edge, choice.uniform(0.02, 0.4), killed)


@pytest.mark.parametrize("front", FRONTS)
def test_a_killed_follower_counts_once(new_stack, front):
    choice = random.Random(f"kills of {front}")
    with new_stack() as stack, followed(stack, front, **{"edge.logs_reader": "command"}) as edge:
        codes = make_links(edge)
        stop, killed, total = threading.Event(), [], 0
        killer = threading.Thread(target=kill_at_random, args=(edge, stop, choice, killed))
        killer.start()
        try:
            while edge.rotated < 4 or len(killed) < 8:
                total += click(edge, codes, 2500, clients=8)[302]
                edge.rotate(compress=edge.rotated % 2 == 0)
        finally:
            stop.set()
            killer.join()
        last = edge.start_following()
        try:
            until_counted(stack, total)
            total += click(edge, codes, 100, clients=4)[302]      # it runs, and heeds signals
            until_counted(stack, total)
        finally:
            last.send_signal(signal.SIGTERM)
            output, complaint = last.communicate(timeout=30)
        assert (last.returncode, complaint) == (0, "")
        assert json.loads(output)["unreadable"] == 0
        assert edge.follow_once()["clicks"] == 0
        until_counted(stack, total)


class Trouble(Threads):
    """Until the block ends: logs are rotated and compressed, nginx is reloaded, followers are killed."""

    def __init__(self, edges, pause):
        super().__init__(self._rotate, self._kill)
        self.edges = edges
        self.pause = pause
        self.done = collections.Counter()

    def _rotate(self):
        choice = random.Random(11)
        while not self.stop.wait(1):       # longer than a server needs to leave the old log: delaycompress
            for edge in self.edges:
                edge.rotate(compress=choice.random() < 0.7)
                self.done["rotated"] += 1
            if self.done["rotated"] % 3 == 0:
                self.edges[0].edge.host.web.process.child.send_signal(signal.SIGHUP)
                self.done["reloaded"] += 1

    def _kill(self):
        choice = random.Random(12)
        killed = []
        while not self.stop.is_set():
            kill_once(choice.choice(self.edges), choice.expovariate(1 / self.pause), killed)
            self.done["killed"] = len(killed)


def test_exactly_once_whatever_becomes_of_the_logs(new_stack):
    """The totals are the answers that the visitors saw, to the last one."""
    by_command = {"edge.logs_reader": "command"}
    with new_stack() as stack, contextlib.ExitStack() as fronts:
        edges = [fronts.enter_context(followed(stack, front, **by_command)) for front in ("nginx", "apache-pipe")]
        codes = make_links(edges[0], 20)
        answers = [collections.Counter() for _ in edges]

        def visit(number):
            answers[number] = click(edges[number], codes, CLICKS // 2, CLIENTS // 2)

        with Trouble(edges, 2 if SOAK else 0.2) as trouble:
            threads = [threading.Thread(target=visit, args=(number,)) for number in range(2)]
            threads.append(threading.Thread(target=restart_twice, args=(stack.database, trouble.stop, CLICKS / 20_000)))
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        followers = [edge.start_following() for edge in edges]
        total = sum(front[302] for front in answers)
        began = time.monotonic()
        try:
            until_counted(stack, total, seconds=CAUGHT_UP_S)
        finally:
            for process in followers:
                process.kill()
                process.communicate()
        print(f"\n{list(map(dict, answers))}, {dict(trouble.done)}: {counted(stack)[0]} clicks, "
              f"the last {time.monotonic() - began:.1f} s after the last answer")
        assert total == CLICKS and set(trouble.done) == {"rotated", "reloaded", "killed"}
        for edge in edges:
            report = edge.follow_once()
            assert (report["clicks"], report["unreadable"], report["bytes_behind"]) == (0, 0, 0)
        until_counted(stack, total)


def doctor_on_logs(edge):
    """What the doctor finds of the logs."""
    done = subprocess.run([edge.stack.installation.curtctl, "--config", edge.config, "--json", "doctor"], check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    findings = map(json.loads, done.stdout.splitlines())
    return [(found["state"], found["text"]) for found in findings if found["check"] == "access logs"]


def test_a_log_that_may_not_be_read_is_told(new_stack):
    """In the log, in the metrics, and by the doctor; the clicks wait."""
    with new_stack() as stack, followed(stack, "nginx") as edge:
        if os.geteuid() != 0:
            pytest.skip("only root can take the right to read away")
        code, = make_links(edge, 1)
        wait_until(edge.log.exists, 10, "the log")
        assert doctor_on_logs(edge) == [("ok", f"{edge.log}: 1 file")]
        edge.log.chmod(0o600)
        os.chown(edge.log, 0, 0)
        total = click(edge, [code], 50, clients=1)[302]
        wait_until(lambda: 'log_files_unreadable{log="nginx"} 1' in edge.edge.origin.get("metrics").body.decode(), 10,
                   "the metric")
        assert stack.log(edge.edge.host).count("event=access_log_unreadable") == 1
        assert doctor_on_logs(edge) == [("wrong", f"{edge.log}: Permission denied")]
        process = edge.start_following("--once")
        output, complaint = process.communicate(timeout=30)
        assert process.returncode == 1 and "Permission denied" in complaint
        assert json.loads(output)["clicks"] == 0
        edge.log.chmod(0o644)
        until_counted(stack, total)
