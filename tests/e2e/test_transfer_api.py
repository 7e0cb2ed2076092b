# SPDX-License-Identifier: MIT
"""Files of links by the API, in chunks: the same links as `curtctl import` makes, each once whatever is killed, and the
file that `curtctl export` writes."""

import concurrent.futures
import contextlib
import csv
import http.client
import io
import json
import os
import random
import re
import signal
import threading
import urllib.parse

import pytest

from client import Client
from stack.process import wait_until
from test_curtctl import Curtctl
from test_import_files import PEERS, links, name, odd, saved_by_a_spreadsheet

CHUNK = 100 * 1024
ROWS = 3000
PATH = "api/v1/import"


@pytest.fixture
def host(hosts):
    return hosts("lighttpd")


@pytest.fixture
def client(stack, host):
    return stack.client(host)


@pytest.fixture
def ctl(stack, host):
    return Curtctl(stack.installation.curtctl, host.config)


@pytest.fixture
def user(client, host):
    who = name()
    made = client.post({"user": who}, path="api/v1/keys")
    assert made.status == 201, made.body
    own = Client(host.port, host.mount, key=made.json["secret"])
    own.name = who
    return own


class Upload:
    """An import as a program does it that knows nothing of the format. `post` sends one request."""

    def __init__(self, client, file, *, size=CHUNK, once=None, **parameters):
        self.client = client
        self.file = file
        self.size = size if callable(size) else lambda: size
        self.headers = {"Content-Type": "application/octet-stream", **({"Idempotency-Key": once} if once else {})}
        self.parameters = parameters
        self.counts = dict.fromkeys(("imported", "changed", "present", "conflicts", "refused", "empty_rows"), 0)
        self.problems = []
        self.changes = {}
        self.calls = 0

    def post(self, query, body):
        answer = self.client.post(body, path=f"{PATH}?{urllib.parse.urlencode(query)}", headers=self.headers)
        assert answer.status == 200, f"{answer.status} {answer.body[:300]}"
        return answer.json

    def run(self):
        at, head, position, wanted = 0, 0, None, self.size()
        while True:
            room = min(wanted, CHUNK - head)
            chunk = self.file[at:at + room]
            query = {**self.parameters, "more": "yes" if at + room < len(self.file) else "no"}
            if position:
                query["next"] = position
            said = self.post(query, self.file[:head] + chunk)
            self.calls += 1
            self.add(said)
            if said["done"]:
                return self
            wanted = self.size() if said["consumed"] else wanted + self.size()
            at, head, position = at + said["consumed"], said["head"], said["next"]

    def add(self, said):
        for count in self.counts:
            self.counts[count] += said[count]
        for change in said["changes"]:
            self.changes[change["kind"]] = self.changes.get(change["kind"], 0) + change["rows"]
        self.problems += said["problems"]
        self.of = said["file"]


def peer_file(peer, prefix):
    """A file with a fault in some rows, as test_import_files.py makes them."""
    header, delimiter, row, fault = PEERS[peer]
    strange = random.Random(peer).sample(range(ROWS), 60)
    kinds = {i: ("cells", "more", "bytes", "code", "blanks")[n % 5] for n, i in enumerate(strange)}
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(header.split(delimiter))
    for i in range(ROWS):
        cells = row(i, f"{prefix}-{i}")
        writer.writerow(odd(kinds[i], cells, f"{prefix}-{i}", fault) if i in kinds else cells)
    return out.getvalue().encode(errors="surrogateescape")


def by_line(problem):
    return problem["line"]


@pytest.mark.parametrize("peer", PEERS)
def test_files_of_other_shorteners(ctl, client, tmp_path, peer):
    """In chunks of any size a dry run and the import say what `curtctl import --dry-run` says of the file."""
    file = peer_file(peer, name())
    (tmp_path / "file").write_bytes(file)
    *lines, report = ctl.json("import", "--dry-run", tmp_path / "file", status=None)
    choice = random.Random(peer)
    dry = Upload(client, file, dry_run="yes").run()
    real = Upload(client, file, size=lambda: choice.randint(1, CHUNK)).run()
    for upload in (dry, real):
        assert upload.counts == {count: report[count] for count in upload.counts}
        assert upload.changes == {change["kind"]: change["rows"] for change in report["changes"]}
        assert sorted(upload.problems, key=by_line) == sorted(({**line, "code": line["code"] or None} for line in lines), key=by_line)
        assert upload.of == peer
    assert dry.calls >= ROWS // 1000
    again = Upload(client, file).run()
    assert (again.counts["imported"], again.counts["present"]) == (0, real.counts["imported"])


@pytest.mark.parametrize("delimiter, encoding", [(",", "utf-8-sig"), (";", "utf-8"), ("\t", "utf-16")])
def test_a_table_saved_by_a_spreadsheet(ctl, client, delimiter, encoding):
    """Quoted line breaks, a byte order mark and UTF-16 are cut anywhere."""
    owner = name()
    given = "".join(json.dumps(link) + "\n" for link in links(owner)).encode()
    made = Upload(client, given, size=97, keep_owners="yes", make_users="yes").run()
    assert made.counts["imported"] == 10 and not made.problems
    before = ctl("export", "--owner", owner, "--format", "csv")
    saved = saved_by_a_spreadsheet(before, delimiter, encoding, csv.QUOTE_ALL)
    for link in csv.DictReader(io.StringIO(before, newline="")):
        ctl("link", "rm", link["code"])
    for size in (98, 1000):
        made = Upload(client, saved, size=size, keep_owners="yes").run()
        assert not made.problems
    assert made.counts["present"] == 10
    assert ctl("export", "--owner", owner, "--format", "csv") == before


def test_a_users_import_is_the_users_own(client, user):
    code = name()
    Upload(user, f"code,long_url,owner\n{code},https://example.com/,admin\n".encode()).run()
    assert user.show(code).json["owner"] == user.name
    said = user.post(b"", path=f"{PATH}?keep_owners=yes", headers={"Content-Type": "text/csv"})
    assert said.is_problem(403, "forbidden")["field"] == "keep_owners"


# --- exports ---


def exported(client, **parameters):
    """The bodies of all chunks, and how many there were."""
    target, bodies = f"?{urllib.parse.urlencode(parameters)}", []
    while target is not None:
        answer = client.get(f"api/v1/export{target}", {"Authorization": f"Bearer {client.key}"})
        assert answer.status == 200 and len(answer.body) <= CHUNK, answer.body[:300]
        bodies.append(answer.body)
        following = re.fullmatch(r'<(\?[^>]+)>; rel="next"', answer.header("Link") or "<?>; rel=\"none\"")
        target = following and following[1]
    return b"".join(bodies), len(bodies)


def test_an_export_is_the_file_of_curtctl(ctl, client, user, tmp_path):
    prefix = name()
    Upload(user, "".join(json.dumps({"code": f"{prefix}-{i}", "long_url": f"https://example.com/{i}?{'ä,' * 10}",
                                     "title": "=1+1, \"two\"", "tags": ["a", "b; c"]}) + "\n"
                         for i in range(1200)).encode()).run()
    for arguments, parameters in (([], {}), (["--format", "csv"], {"format": "csv"}),
                                  (["--format", "csv", "--spreadsheet"], {"format": "csv", "spreadsheet": "yes"})):
        ctl("export", "--owner", user.name, *arguments, tmp_path / "whole")
        for asks, more in ((user, {}), (client, {"owner": user.name})):
            got, calls = exported(asks, **parameters, **more)
            assert got == (tmp_path / "whole").read_bytes()
            assert 2 <= calls <= len(got) // CHUNK + 2
    back = Upload(user, exported(user)[0]).run()
    assert (back.counts["present"], back.counts["imported"]) == (1200, 0)


# --- once ---


def without_codes(n):
    """A file whose links get generated codes: nothing but the import can know that they are there."""
    prefix = name()
    return b"code,long_url,title\n" + b"".join(
        f"{f'{prefix}-{i}' if i % 3 == 0 else ''},https://example.com/{prefix}/{i},\"of line\n{i}\"\n".encode() for i in range(n))


def counted(client):
    """How often there is each long URL among the user's links."""
    counts = {}
    for line in exported(client)[0].splitlines():
        url = json.loads(line)["long_url"]
        counts[url] = counts.get(url, 0) + 1
    return counts


class Stubborn(Upload):
    """Sends a chunk until it is answered. `disturb` is called before each try, with its number."""

    lost = 0
    disturb = staticmethod(lambda tries: None)

    def serves(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.client.get("healthz").status == 200
        return False

    def post(self, query, body):
        for tries in range(60):
            self.disturb(tries)
            try:
                answer = self.client.post(body, path=f"{PATH}?{urllib.parse.urlencode(query)}", headers=self.headers)
            except (OSError, http.client.HTTPException):
                answer = None
            if answer and answer.status == 200:
                return answer.json
            assert answer is None or answer.status >= 500, answer.body
            self.lost += 1
            wait_until(self.serves, 30, "a worker")
        raise AssertionError("the chunk is never answered")


def test_workers_are_killed_while_a_file_is_imported(user, stack):
    """However often a chunk is sent again, each row is one link."""
    host = stack.host("lighttpd")
    choice = random.Random(7)
    timers = []

    def kill_all():
        for victim in host.web.worker_pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)

    def disturb(tries):
        if tries < 2:       # the third try is let alone
            timers.append(threading.Timer(choice.random() * 0.3, kill_all))
            timers[-1].start()

    try:
        other = Client(host.port, host.mount, key=user.key)
        upload = Stubborn(other, without_codes(9000), size=30_000, once=name())
        upload.disturb = disturb
        upload.run()
        for timer in timers:
            timer.join()
        assert upload.counts["imported"] + upload.counts["present"] == 9000 and not upload.problems
        counts = counted(user)
        assert len(counts) == 9000 and set(counts.values()) == {1}
        print(f"{len(timers)} times all workers killed, {upload.lost} requests lost, {upload.counts['present']} rows were there")
        assert upload.lost > 0
    finally:
        for timer in timers:
            timer.cancel()
        host.stop()


def test_a_chunk_that_is_sent_by_several_at_once_is_stored_once(user):
    """As after a time-out, when the first request still runs."""
    file, once = without_codes(900), name()

    def send(_):
        return Stubborn(user, file, once=once).run().counts
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        all_counts = list(pool.map(send, range(6)))
    for counts in all_counts:
        assert counts["imported"] + counts["present"] == 900, all_counts
    assert sum(counts["imported"] for counts in all_counts) <= 900
    found = counted(user)
    assert len(found) == 900 and set(found.values()) == {1}
