# SPDX-License-Identifier: MIT
"""Creates while MariaDB is unavailable: accepted, followed at once, and stored exactly once when it is back,
whichever process is killed meanwhile. CURT_SOAK=1 makes the outage of the long test a minute (ten seconds
otherwise)."""

import concurrent.futures
import itertools
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

import pytest

from load import Load
from stack.process import wait_until
from test_maintenance import leaders, locks

LONG_URL = "https://example.com/while-the-database-is-away"
OUTAGE = 60 if os.environ.get("CURT_SOAK") else 10
BACK_WITHIN = 10    # seconds from the database's return until all is stored


def spool_of(host):
    return pathlib.Path(host.settings["spool.path"])


@pytest.fixture
def place(new_stack):
    """A stack that the test may break, with one host."""
    with new_stack() as stack:
        yield stack, stack.host("lighttpd", workers=4)


@pytest.fixture
def away(place):
    """The same without its MariaDB; the workers have seen a key and have ids at hand."""
    stack, host = place
    client = stack.prepared(host)
    stack.database.kill()
    yield stack, host, client


def keep(client, number, headers=None, **fields):
    """A create that must be accepted for later; its Link."""
    answer = client.post({"long_url": f"{LONG_URL}/{number}", **fields}, headers=headers)
    assert answer.status == 202, f"{answer.status} {answer.body[:300]}"
    link = answer.json
    assert answer.location.endswith("/" + link["code"])
    assert link["long_url"] == f"{LONG_URL}/{number}"
    return link


def redirects(client, link):
    answer = client.get(link["code"])
    return answer.status == link["redirect_status"] and answer.location == link["long_url"]


def rows(stack, long_url):
    """(code, link id) of each code that leads to a long URL that begins so."""
    return stack.sql("SELECT CONVERT(code.code USING ascii), link.id FROM link"
                     " JOIN code ON code.link_id = link.id WHERE link.long_url LIKE %s",
                     long_url.replace("_", r"\_") + "%")


def stored(stack, links):
    """Whether each of these links is in the database once, under its code."""
    wanted = sorted(link["code"] for link in links)
    found = rows(stack, f"{LONG_URL}/")
    assert len({code for code, _ in found}) == len(found)
    codes = sorted(code for code, _ in found)
    return codes == wanted and len({link_id for _, link_id in found}) == len(wanted)


def wait_stored(stack, links, seconds=BACK_WITHIN):
    wait_until(lambda: stored(stack, links), seconds, "all links in the database")


def wait_empty(host, seconds=30):
    """Until nothing waits and no file is left but those of living writers."""
    wait_until(lambda: waiting(host) == 0, seconds, "an empty spool")


def waiting(host):
    report = doctor(host)["spool"]
    return 0 if "nothing waits" in report["text"] else report["text"]


def doctor(host):
    """What curtctl doctor finds, run as the user of the workers would."""
    done = subprocess.run([host.installation.curtctl, "--config", host.config, "--json", "doctor"],
                          capture_output=True, text=True, check=False)
    return {line["check"]: line for line in map(json.loads, done.stdout.splitlines())}


def kill_workers(host):
    for pid in host.web.worker_pids():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def answers_again(client):
    def ready():
        try:
            return client.get("healthz").status == 200
        except OSError:
            return False
    wait_until(ready, 20, "workers that answer")


def test_a_link_is_kept_and_stored_later(away):
    stack, host, client = away
    fields = {"title": "Grüße", "tags": ["b", "ä"], "redirect_status": 308, "forward_query": True, "extra_path": "append",
              "expires_at": "2031-01-01T00:00:00Z", "expired_url": "https://example.com/after",
              "not_started_url": "https://example.com/before"}
    link = keep(client, 1, **fields)
    assert redirects(client, link)
    assert {name: link[name] for name in fields} == {**fields, "tags": ["b", "ä"]}
    stack.database.start()
    wait_stored(stack, [link])
    shown = client.show(link["code"])
    assert shown.status == 200 and shown.json == link
    assert redirects(client, link)
    wait_until(lambda: "spool_replayed" in stack.log(host), 10, "the line in the log")
    assert "spool_waits" in stack.log(host)


def test_what_cannot_be_promised_is_refused(away):
    """Without the database it is unknown whether an alias is free, and redirects cannot be counted."""
    _, host, client = away
    for fields in ({"custom_alias": "my-own"}, {"max_clicks": 3}):
        answer = client.post({"long_url": LONG_URL, **fields})
        answer.is_problem(503, "unavailable")
        assert answer.header("Retry-After")
    bulk = client.post({"links": [{"long_url": f"{LONG_URL}/1"}, {"long_url": "nonsense"},
                                  {"long_url": f"{LONG_URL}/2", "custom_alias": "my-own"},
                                  {"long_url": f"{LONG_URL}/3", "reuse": True}]},
                       path="api/v1/urls/bulk")
    assert bulk.status == 207
    results = bulk.json["results"]
    assert [item["status"] for item in results] == [202, 400, 503, 202]
    assert all(redirects(client, item["link"]) for item in results if "link" in item)


def test_a_retry_gets_the_same_link(away):
    stack, host, client = away
    name = {"Idempotency-Key": "once"}
    links = [keep(client, 7, headers=name) for _ in range(8)]
    assert len({link["code"] for link in links}) == 1
    other = client.post({"long_url": f"{LONG_URL}/8"}, headers=name)
    other.is_problem(409, "idempotency_conflict")
    stack.database.start()
    wait_stored(stack, links[:1])
    again = client.post({"long_url": f"{LONG_URL}/7"}, headers=name)
    assert again.status in (201, 202) and again.json["code"] == links[0]["code"]
    assert stored(stack, links[:1])


def traffic(client):
    """A task for Load: half the clients make links and follow each at once, half follow those that others
    have made. What was asked for is "make" or "follow", and the link."""
    made = []
    counter = itertools.count()

    def task(number, turn):
        if number % 2 == 0 or not made:
            answer = client.post({"long_url": f"{LONG_URL}/{next(counter)}"})
            if answer.status not in (201, 202):
                return ("make", None), answer
            link = answer.json
            if not redirects(client, link):
                return ("follow", link), client.get(link["code"])
            made.append(link)
            return ("make", link), answer
        link = made[(number * 7919 + turn) % len(made)]
        return ("follow", link), client.get(link["code"])
    return task, made


def is_wrong(shot):
    """Whether Curt has answered, and not as it must. When a worker is killed the connection breaks, or the
    web server answers."""
    if not shot.answer or not shot.answer.header("X-Request-Id"):
        return False
    return shot.status not in ((201, 202) if shot.asked[0] == "make" else (302,))


def test_an_outage_under_load(place):
    """Everything is accepted, followed at once, and in MySQL exactly once within ten seconds of its return."""
    stack, host = place
    client = stack.prepared(host)
    task, made = traffic(client)
    with Load(task, clients=6, least=5) as load:
        stack.database.kill()
        down = time.monotonic()
        kill_at = itertools.count(1)
        while time.monotonic() < down + OUTAGE:
            load.wait_for(50)
            pids = host.web.worker_pids()
            if next(kill_at) % 4 == 0:      # all of them: those that start now know no database
                kill_workers(host)
            elif pids:
                os.kill(pids[0], signal.SIGKILL)
            answers_again(client)
        stack.database.start()
        back = time.monotonic()
        accepted = {shot.answer.json["code"] for shot in load.shots[:] if shot.status == 202}
        assert len(accepted) > 50
        wait_until(lambda: accepted <= {code for code, _ in rows(stack, f"{LONG_URL}/")},
                   BACK_WITHIN, "what was accepted, in the database")
        took = time.monotonic() - back
        load.wait_for(100)
    assert [shot for shot in load.shots if is_wrong(shot)] == []
    print(f"{len(accepted)} accepted in {OUTAGE} s, stored {took:.1f} s after the return")
    wait_empty(host)
    codes, ids = zip(*rows(stack, f"{LONG_URL}/"))
    promised = {shot.answer.json["code"] for shot in load.shots if shot.status in (201, 202)}
    assert promised <= set(codes)
    assert len(codes) == len(set(codes)) == len(set(ids))


def fill(client, n, size=500):
    """Makes n links in bulk requests during an outage."""
    links = []
    for first in range(0, n, size):
        answer = client.post({"links": [{"long_url": f"{LONG_URL}/{first + i}"} for i in range(size)]},
                             path="api/v1/urls/bulk")
        assert answer.status == 207
        assert {item["status"] for item in answer.json["results"]} == {202}
        links += [item["link"] for item in answer.json["results"]]
    return links


def test_a_database_that_hangs(place):
    """It takes connections and statements, and answers nothing; its statements may have been executed."""
    stack, host = place
    client = stack.prepared(host)
    links = [client.create(f"{LONG_URL}/{number}") for number in range(5)]
    os.kill(stack.database.process.pid, signal.SIGSTOP)
    try:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            links += pool.map(lambda number: keep(client, number), range(5, 60))
        assert all(redirects(client, link) for link in links)
    finally:
        os.kill(stack.database.process.pid, signal.SIGCONT)
    wait_stored(stack, links)


def test_workers_killed_while_they_replay(away):
    """Again and again all of them: nothing is lost, and nothing is there twice."""
    stack, host, client = away
    links = fill(client, 6000)
    stack.database.start()
    kills = 0
    deadline = time.monotonic() + 60
    while not stored(stack, links):
        assert time.monotonic() < deadline
        n = len(rows(stack, f"{LONG_URL}/"))
        if n and kills < 8:
            kill_workers(host)
            kills += 1
            answers_again(client)
        else:
            time.sleep(0.02)
    assert kills > 0
    wait_empty(host)
    kill_workers(host)
    answers_again(client)
    assert stored(stack, links)
    totals = stack.sql("SELECT SUM(links) FROM owner_total")[0][0]
    assert totals == stack.sql("SELECT COUNT(*) FROM link")[0][0]


def test_a_replay_is_stopped(away):
    """Another replays the rest; when the first one continues, no link is stored twice."""
    stack, host, client = away
    links = fill(client, 6000)
    (keeper,) = wait_until(lambda: leaders(host), 20, "a leader")
    stack.database.start()
    wait_until(lambda: rows(stack, f"{LONG_URL}/"), 20, "the first ones")
    os.kill(keeper, signal.SIGSTOP)
    try:
        left = len(links) - len(rows(stack, f"{LONG_URL}/"))
        assert left > 0
        # Those whose rows it has not committed are locked until its connection is closed for it.
        wait_stored(stack, links, 90)
    finally:
        os.kill(keeper, signal.SIGCONT)
    wait_until(lambda: set(locks(host)) == leaders(host) - {keeper}, 20, "the end of its turn")
    wait_empty(host)
    assert stored(stack, links) and not (spool_of(host) / "rejected.tsv").exists()
    totals = stack.sql("SELECT SUM(links) FROM owner_total")[0][0]
    assert totals == stack.sql("SELECT COUNT(*) FROM link")[0][0]


def test_a_link_deleted_between_two_replays_stays_deleted(away):
    """The replay is cut off after the database has it, and before the spool says so."""
    stack, host, client = away
    link = keep(client, 1)
    copies = {path: path.read_bytes() for path in spool_of(host).glob("*.spool")}
    stack.database.start()
    wait_stored(stack, [link])
    wait_empty(host)
    deleted = client.request("DELETE", f"api/v1/urls/{link['code']}",
                             headers={"Authorization": f"Bearer {client.key}"})
    assert deleted.status == 200
    for path, data in copies.items():       # as if it had not been marked
        again = path.with_name("0" + path.name[1:-8] + "ff.spool")
        again.write_bytes(data)
        shutil.chown(again, user=spool_of(host).owner())
        again.chmod(0o600)
    wait_empty(host)
    assert rows(stack, f"{LONG_URL}/") == ()
    assert client.get(link["code"]).status == 404


def test_a_torn_end_is_put_aside(away):
    stack, host, client = away
    links = [keep(client, number) for number in range(5)]
    kill_workers(host)
    for path in spool_of(host).glob("*.spool"):
        with path.open("ab") as file:
            file.write(path.read_bytes()[64:100])
    answers_again(client)
    assert all(redirects(client, link) for link in links)
    stack.database.start()
    wait_stored(stack, links)
    wait_until(lambda: list(spool_of(host).glob("*.torn")), 10, "the torn file")
    assert doctor(host)["spool"]["state"] == "warning"


def test_after_the_machine_came_back_without_its_database(away):
    """The segment is gone with the memory of the machine; what was promised is not."""
    stack, host, client = away
    links = [keep(client, number) for number in range(20)]
    stack.memcached.stop()
    for path in pathlib.Path(host.settings["segment.path"]).parent.glob("curt.segment*"):
        path.unlink()
    kill_workers(host)
    answers_again(client)
    assert all(redirects(client, link) for link in links)
    client.post({"long_url": LONG_URL}).is_problem(503, "unavailable")  # the key is not known
    stack.database.start()
    wait_stored(stack, links)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a disk")
def test_a_full_disk_refuses_and_loses_nothing(away):
    stack, host, client = away
    spool = spool_of(host)
    owner = spool.stat()
    subprocess.run(["mount", "-t", "tmpfs", "-o",
                    f"size=64k,mode=0700,uid={owner.st_uid},gid={owner.st_gid}", "curt-test", spool],
                   check=True)
    try:
        kill_workers(host)      # those that start now see the small disk
        answers_again(client)
        links, refused = [], []
        for number in range(2000):
            answer = client.post({"long_url": f"{LONG_URL}/{number}"})
            if answer.status == 202:
                links.append(answer.json)
            else:
                answer.is_problem(503, "unavailable")
                refused.append(number)
            if len(refused) > 20:
                break
        assert len(links) > 20 and len(refused) > 20
        assert all(redirects(client, link) for link in links)
        stack.database.start()
        wait_stored(stack, links)
        wait_until(lambda: not list(spool.glob("*.spool")), 20, "an empty disk")
    finally:
        host.stop()
        subprocess.run(["umount", spool], check=True)


def test_a_full_spool_refuses(place):
    stack, _ = place
    host = stack.host("lighttpd", workers=2, settings={"spool.max_bytes": "64k"})
    client = stack.prepared(host)
    stack.database.kill()
    statuses = [client.post({"long_url": f"{LONG_URL}/{number}"}).status for number in range(500)]
    assert set(statuses) == {202, 503}
    assert 503 not in statuses[:100] and 202 not in statuses[-50:]
    assert "max_bytes" in stack.log(host)


def test_a_code_that_is_somebodys_alias_is_rejected(away):
    """It cannot happen but by an alias that spells a code to come; then it is reported, not hidden."""
    stack, host, client = away
    link = keep(client, 1)
    other = keep(client, 2)
    for pid in host.web.worker_pids():
        os.kill(pid, signal.SIGSTOP)
    try:
        stack.database.start()
        stack.sql("INSERT INTO code (domain_id, code, link_id) SELECT 1, %s, MIN(id) FROM link",
                  link["code"])
    finally:
        for pid in host.web.worker_pids():
            os.kill(pid, signal.SIGCONT)
    wait_until(lambda: (spool_of(host) / "rejected.tsv").exists(), 20, "the rejected link")
    wait_stored(stack, [other])
    line = (spool_of(host) / "rejected.tsv").read_text().rstrip("\n").split("\t")
    assert line[1] == link["code"] and line[-1] == link["long_url"]
    assert client.get(link["code"]).location == "https://example.com/prepared"
    assert doctor(host)["spool"]["state"] == "wrong"
    assert "cannot be stored" in stack.log(host)
