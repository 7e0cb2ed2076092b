# SPDX-License-Identifier: MIT
"""Changed and deleted links are purged from real caches in front, with the configurations that are shipped and
edge_ttl = 1h: within local_ttl, whatever becomes of the cache and of Curt meanwhile. CURT_SOAK=1 makes a thousand
changes under load with each cache."""

import contextlib
import http.client
import http.server
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import threading
import time

import pytest

from cable import Cable
from edge import DOCUMENT, EDGES, Edge, VarnishEdge
from load import Load
from stack.process import wait_until
from stack.web import TOP, CachingNginx, free_port

LONG_URL = "https://example.com/edge"
SOAK = bool(os.environ.get("CURT_SOAK"))
CHANGES = 1000 if SOAK else 60
LINKS = 100 if SOAK else 20
DOWN_S = 30 if SOAK else 6
LOCAL_TTL = 5 if SOAK else 2
LATE = LOCAL_TTL + 2
AFTER_OUTAGE = 12       # the longest pause between two tries, and the time-out of one
NEW_LEADER = 3          # until another worker has the leader lease
SETTINGS = {"cache.edge_ttl": "1h", "cache.local_ttl": f"{LOCAL_TTL}s", "server.trusted_proxies": "127.0.0.1"}


@contextlib.contextmanager
def purged(stack, front, **settings):
    edge = EDGES[front](stack, purges=True, settings={**SETTINGS, **settings})
    with contextlib.ExitStack() as cleanup:
        cleanup.callback(edge.stop)
        yield edge


@pytest.fixture(scope="module", params=EDGES)
def edge(request, stack):
    with purged(stack, request.param) as edge:
        yield edge


def identity(answer):
    return answer.header("X-Request-Id")


def fill(edge, paths):
    """Until the cache answers for each of the paths."""
    for path in paths:
        wait_until(lambda: identity(edge.client.get(path)) == identity(edge.client.get(path)), 10, f"{path} in the cache")


def patch(edge, code, **fields):
    key = {"Authorization": f"Bearer {edge.origin.key}", "Content-Type": "application/json"}
    return edge.origin.request("PATCH", f"api/v1/urls/{code}", json.dumps(fields).encode(), key)


def change(edge, code, **fields):
    """When the change was acknowledged."""
    answer = patch(edge, code, **fields)
    assert answer.status == 200, answer
    return time.monotonic()


def delete(edge, code):
    key = {"Authorization": f"Bearer {edge.origin.key}"}
    assert edge.origin.request("DELETE", f"api/v1/urls/{code}", headers=key).status == 200


def seen(edge, path, long_url, since):
    """Waits for the destination, and says how long after `since` it was there."""
    wait_until(lambda: edge.client.get(path).location == long_url, LATE, f"{path} changed")
    return time.monotonic() - since


def test_a_change_is_seen_in_every_spelling(edge):
    link = edge.origin.create(LONG_URL, custom_alias=f"Spelled-{edge.client.port}")
    other = edge.origin.create(LONG_URL)["code"]
    change(edge, link["code"], custom_alias=f"second-{edge.client.port}")
    codes = (link["code"], f"second-{edge.client.port}")
    paths = [code + ending for code in codes for ending in ("", "/", "?a=b", "/?a=b&c")]
    fill(edge, [*paths, other])
    odd = f"%{ord(codes[0][0]):02X}{codes[0][1:]}"
    assert edge.client.get(odd).location == LONG_URL
    kept = identity(edge.client.get(other))
    changed = change(edge, codes[0], long_url=f"{LONG_URL}/2")
    for path in [*paths, odd]:
        seen(edge, path, f"{LONG_URL}/2", changed)
    assert time.monotonic() - changed < LATE
    assert identity(edge.client.get(other)) == kept


def test_a_deleted_link_is_gone(edge):
    code = edge.origin.create(LONG_URL)["code"]
    fill(edge, [code])
    delete(edge, code)
    wait_until(lambda: edge.client.get(code).status == 404, LATE, "the deletion")


class Changing:
    """Links that are changed, one after the other, while visitors follow them. `acknowledged` has for each version of a
    link when its author knew of it; the version is in the destination."""

    def __init__(self, edges):
        self.edges = edges
        self.codes = [edges[0].origin.create(f"{LONG_URL}/0")["code"] for _ in range(LINKS)]
        self.acknowledged = {code: [0.0] for code in self.codes}

    def visit(self, number, turn):
        code = self.codes[(number * 7 + turn) % LINKS]
        return code, self.edges[number % len(self.edges)].client.get(code)

    def change(self, number):
        code = self.codes[number % LINKS]
        times = self.acknowledged[code]
        long_url = f"{LONG_URL}/{len(times)}"
        times.append(change(self.edges[0], code, long_url=long_url))

    def lateness(self, shot):
        """How long before the request an author knew of a change that the answer does not have."""
        assert shot.status == 302, shot
        version = int(shot.answer.location.rpartition("/")[2])
        times = self.acknowledged[shot.asked]
        return shot.began - times[version + 1] if version + 1 < len(times) else 0.0

    def newest(self):
        """Whether every cache has the newest version of every link."""
        return all(edge.client.get(code).location == f"{LONG_URL}/{len(times) - 1}"
                   for edge in self.edges for code, times in self.acknowledged.items())


def report(name, changing, load):
    late = [changing.lateness(shot) for shot in load.shots]
    reached = len({identity(shot.answer) for shot in load.shots})
    old = sorted(seconds for seconds in late if seconds > 0)
    print(f"\n{name}: {CHANGES} changes, {len(late)} answers, {len(late) - reached} of them from the caches, {len(old)} old ones: "
          f"{old[len(old) // 2] if old else 0:.2f} s late in the median, {max(late):.2f} s at most")
    assert len(late) > reached * 2      # it was the caches that answered
    return late


@pytest.mark.alone
@pytest.mark.parametrize("front", EDGES)
def test_no_old_answer_is_late_under_load(new_stack, front):
    """Two hosts, each with a cache; the second has old answers in its local cache, and fills its cache with them."""
    choice = random.Random(f"changes before {front}")
    with new_stack() as stack, purged(stack, front) as first, purged(stack, front) as second:
        changing = Changing([first, second])
        with Load(changing.visit, clients=6) as load:
            for number in range(CHANGES):
                changing.change(number if number < LINKS else choice.randrange(LINKS))
                load.wait_for(20)
            last = time.monotonic()
            wait_until(lambda: time.monotonic() > last + LATE, LATE + 5, "the time in which changes are seen")
            load.wait_for(20)
        assert max(report(front, changing, load)) < LATE
        assert changing.newest()


def pending(edge):
    found = re.search(r'^edge_purges_pending\{[^}]*\} (\d+)$', edge.origin.get("metrics").body.decode(), re.M)
    return int(found[1]) if found else 0


@pytest.mark.alone
def test_a_cache_that_cannot_be_reached_is_told_later(new_stack):
    """Late by that time, and told: in the metrics and in the log."""
    port = free_port()
    with new_stack() as stack, Cable(port) as cable:
        with contextlib.ExitStack() as cleanup:
            edge = VarnishEdge(stack, purges=cable.port, port=port, settings=SETTINGS)
            cleanup.callback(edge.stop)
            changing = Changing([edge])
            with Load(changing.visit, clients=6) as load:
                for number in range(CHANGES // 4):
                    changing.change(number)
                    load.wait_for(20)
                with cable.is_cut():
                    cut = time.monotonic()
                    for number in range(CHANGES // 2):
                        changing.change(number)
                        load.wait_for(20)
                    wait_until(lambda: time.monotonic() > cut + DOWN_S, DOWN_S + 5, "the end of the outage")
                    assert pending(edge) > 0
                    down = time.monotonic() - cut
                for number in range(CHANGES // 4):
                    changing.change(number)
                    load.wait_for(20)
                wait_until(changing.newest, LATE + AFTER_OUTAGE, "the newest version of every link")
                load.wait_for(20)
            assert max(report(f"varnish, away for {down:.1f} s", changing, load)) < down + LATE + AFTER_OUTAGE
            wait_until(lambda: pending(edge) == 0, 10, "no purge that waits")
            log = "".join(path.read_text(errors="replace") for path in stack.logs.glob("lighttpd*.log"))
            assert "edge_purge_failed" in log and "edge_purged_again" in log


def is_changed(changing, number):
    """The same change again, if a worker was killed before its answer."""
    with contextlib.suppress(OSError, http.client.HTTPException, AssertionError):
        changing.change(number)
        return True
    return False


@pytest.mark.parametrize("front", ["nginx", "varnish"])
def test_killed_workers_purge_all_the_same(new_stack, front):
    """All workers of the host, the purge thread with them, again and again."""
    choice = random.Random(f"kills behind {front}")
    with new_stack() as stack, purged(stack, front) as edge:
        changing = Changing([edge])
        with Load(changing.visit, clients=4) as load:
            for number in range(CHANGES):
                wait_until(lambda: is_changed(changing, number), 20, "a worker that answers")
                load.wait_for(10)
                if number % 10 == 5:
                    for pid in edge.host.web.worker_pids():
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(pid, signal.SIGKILL)
            wait_until(changing.newest, LATE + NEW_LEADER, "the newest version of every link")


def doctor_on_caches(stack, edge):
    done = subprocess.run([stack.installation.curtctl, "--config", edge.host.config, "--json", "doctor"], check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    findings = map(json.loads, done.stdout.splitlines())
    return [(found["state"], found["text"]) for found in findings if found["check"] == "caches in front"]


@pytest.mark.parametrize("front", EDGES)
def test_the_doctor_tries_a_purge(new_stack, front):
    with new_stack() as stack:
        port = free_port()
        base = {"server.base_url": f"http://127.0.0.1:{port}"} if front == "varnish" else {}
        options = {"port": port} if front == "varnish" else {}
        with contextlib.ExitStack() as cleanup:
            edge = EDGES[front](stack, purges=True, settings={**SETTINGS, **base}, **options)
            cleanup.callback(edge.stop)
            folder = [] if front == "varnish" else [("ok", f"{edge.host.web.cache} can be purged")]
            assert doctor_on_caches(stack, edge) == folder      # there is no link that could be tried
            code = edge.origin.create(LONG_URL)["code"]
            assert doctor_on_caches(stack, edge) == [*folder, ("ok", "forget a link that they are told of")]
            if front == "nginx":
                text = edge.host.config.read_text()
                other = stack.place.directory("another-cache")
                edge.host.config.write_text(text.replace(f"nginx:{edge.host.web.cache}", f"nginx:{other}"))
                assert doctor_on_caches(stack, edge) == [
                    ("ok", f"{other} can be purged"), ("wrong", f"{edge.host.base_url}/{code} has the answer from before a purge")]


class Purger(http.server.BaseHTTPRequestHandler):
    """The interface of a CDN, which fails as often as `failures` says."""
    seen = []
    failures = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.seen.append((self.path, self.headers["Authorization"], self.headers["Content-Type"], body))
        self.send_response(self.failures.pop() if self.failures else 204)
        self.end_headers()

    def log_message(self, *_):
        pass


def test_a_cdn_is_called(new_stack):
    """For each URL of a changed link, with a token, and again after failures."""
    Purger.seen, Purger.failures = [], [500, 429]
    with new_stack() as stack, http.server.ThreadingHTTPServer(("127.0.0.1", 0), Purger) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            host = stack.host("lighttpd", settings={
                **SETTINGS, "edge.purge": f"http:http://127.0.0.1:{server.server_port}/zones/7/{{code}}?x=y",
                "edge.purge_method": "POST", "edge.purge_header": "Authorization: Bearer t0ken",
                "edge.purge_body": '{"files":["{url}"]}'})
            edge = Edge.__new__(Edge)
            edge.origin = edge.client = stack.client(host)
            code = edge.origin.create(LONG_URL)["code"]
            change(edge, code, long_url=f"{LONG_URL}/2")
            urls = [f"{host.base_url}/{code}", f"{host.base_url}/{code}/"]

            def calls():
                return sorted(Purger.seen).count((f"/zones/7/{code}?x=y", "Bearer t0ken", "application/json",
                                                  f'{{"files":["{urls[1]}"]}}'))
            wait_until(lambda: calls() >= 1, LATE + AFTER_OUTAGE, "a call that is taken")
            assert {seen[3] for seen in Purger.seen} == {f'{{"files":["{url}"]}}' for url in urls}
            assert "t0ken" not in subprocess.run([stack.installation.curtctl, "--config", host.config, "config", "check"],
                                                 check=True, stdout=subprocess.PIPE, text=True).stdout
            wait_until(lambda: calls() >= 2, LATE + AFTER_OUTAGE, "the second call")
            host.stop()
        finally:
            server.shutdown()
            thread.join()


def test_by_command(new_stack):
    """The workers leave it alone; --once ends when the cache was told twice."""
    with new_stack() as stack, purged(stack, "nginx", **{"edge.purge_by": "command"}) as edge:
        code = edge.origin.create(LONG_URL)["code"]
        fill(edge, [code])
        change(edge, code, long_url=f"{LONG_URL}/2")
        program = stack.place.program(stack.installation.curtctl, "purge-ctl")
        user = stack.place.user
        started = time.monotonic()
        assert edge.client.get(code).location == LONG_URL
        done = subprocess.run([program, "--config", edge.host.config, "edge", "purge", "--once"], timeout=60, cwd="/", check=False,
                              capture_output=True, text=True,
                              **({"user": user.uid, "group": user.gid, "extra_groups": []} if user else {}))
        assert (done.returncode, done.stderr) == (0, "")
        assert time.monotonic() - started > LOCAL_TTL
        assert edge.client.get(code).location == f"{LONG_URL}/2"


MODULE = pathlib.Path("/usr/lib/nginx/modules/ngx_http_cache_purge_module.so")


class PurgeModuleNginx(CachingNginx):
    """nginx with the module cache_purge, as docs/edge.md has it."""

    def configuration(self):
        return f"load_module {MODULE};\n{super().configuration()}"

    def documented(self, contains):
        block, = [block for block in re.findall(r"```nginx\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
                  if contains in block]
        return block

    def in_http(self):
        return super().in_http() + self.documented("curt_is_odd")

    def in_location(self):
        shipped = (TOP / "nginx-conf" / "curt-cache.conf").read_text(encoding="utf-8")
        changed = shipped.replace("$curt_was_slow;", "$curt_was_slow $curt_is_odd;")
        assert changed != shipped
        return changed + self.documented("fastcgi_cache_purge")


def test_nginx_with_its_purge_module(new_stack):
    if not MODULE.exists():
        pytest.skip("nginx's module cache_purge is not installed")
    port = free_port()
    with new_stack() as stack:
        host = stack.host("nginx", server=PurgeModuleNginx, port=port,
                          settings={**SETTINGS, "edge.purge": f"nginx:http://127.0.0.1:{port}{{path}}"})
        edge = Edge.__new__(Edge)
        edge.origin = edge.client = stack.client(host)
        code = edge.origin.create(LONG_URL)["code"]
        fill(edge, [code, f"{code}/"])
        for odd in (f"{code}?a=b", f"{code}%2E"):      # is not in the cache, since no purge would reach it
            assert len({identity(edge.client.get(odd)) for _ in range(5)}) == 5
        changed = change(edge, code, long_url=f"{LONG_URL}/2")
        for path in (code, f"{code}/", f"{code}?a=b"):
            seen(edge, path, f"{LONG_URL}/2", changed)
        fill(edge, [code])
        delete(edge, code)
        wait_until(lambda: edge.client.get(code).status == 404, LATE, "the deletion")
        host.stop()
