# SPDX-License-Identifier: MIT
"""Restoring a dump as docs/operations.md describes, and moving away from a host: the need for each step is shown by
leaving it out."""

import pathlib
import shutil
import subprocess

from clicking import FIREFOX
from stack.process import environment, wait_until
from test_curtctl import FAILED, OK, TOP, Curtctl
from test_replicas import as_root

HEADERS = {"User-Agent": FIREFOX}


def run_sql(stack, program, *arguments, **options):
    done = subprocess.run([program, "--no-defaults", f"--socket={stack.database.socket}", *arguments],
                          capture_output=True, text=True, env=environment(), check=False, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def dump(stack, *options):
    program = shutil.which("mariadb-dump") or shutil.which("mysqldump")
    return run_sql(stack, program, "--single-transaction", "--hex-blob", "--no-tablespaces",
                   *options, stack.database.database)


def restore(stack, text):
    run_sql(stack, shutil.which("mariadb") or "mysql", stack.database.database, input=text)


def again(stack, host):
    """The host, started once more: the same port, segment and spool."""
    same = {key: host.settings[key] for key in ("segment.path", "spool.path")}
    return stack.host(workers=2, port=host.port, settings=same)


def id_of(ctl, code):
    return next(line["id"] for line in ctl.json("code", code) if line["code"] == code)


def make_many(client):
    """The codes of more links than the ids that a host has which keeps none in reserve."""
    codes = []
    for part in range(2):
        links = [{"long_url": f"https://example.com/lost/{part}/{n}"} for n in range(1000)]
        answer = client.post({"links": links}, path="api/v1/urls/bulk")
        codes += [result["link"]["code"] for result in answer.json["results"]]
    return codes


def test_no_code_is_given_out_twice(new_stack):
    """A dump, more links, the dump again: the ids and the key of the codes are as they were, so the next
    link would get the code of one that was lost, unless the sequence is moved on."""
    with new_stack() as stack:
        host = stack.host(workers=2, settings={"links.id_reserve": "0"})
        ctl = Curtctl(stack.installation.curtctl, host.config)
        client = stack.client(host)
        kept = client.create("https://example.com/kept", custom_alias="kept")
        ctl("link", "edit", "kept", "--title", "at the dump")
        backup = dump(stack)
        lost = make_many(client)[::50]
        for number in range(3):
            ctl("link", "edit", "kept", "--url", f"https://example.com/later/{number}")
        assert client.get("kept").location == "https://example.com/later/2"
        assert all(client.get(code, HEADERS).status == 302 for code in lost)
        ctl("flush")

        host.stop()
        restore(stack, backup)
        (next_id,), = stack.sql("SELECT next_id FROM sequence")
        highest = max(id_of(ctl, code) for code in lost)
        found = ctl.json("doctor", "--schema", TOP / "schema", status=FAILED)
        [ids] = [line for line in found if line["check"] == "ids"]
        assert next_id <= highest and ids["state"] == "wrong", (next_id, highest, ids)

        [skipped] = ctl.json("sequence", "skip")
        assert skipped["name"] == "default" and skipped["next_id"] >= highest + 1
        removed = ctl("cleanup")
        segment = host.settings["segment.path"]
        assert f"removed\t{segment}\n" in removed and f"removed\t{segment}.clicks\n" in removed
        stack.memcached.stop()
        stack.memcached.start()
        again(stack, host)
        for code in lost:
            assert client.get(code).status == 404
        assert client.get("kept").location == kept["long_url"]
        assert ctl.json("link", "show", "kept")[0]["title"] == "at the dump"
        made = {client.create(f"https://example.com/new/{n}")["code"] for n in range(40)}
        assert not made & set(lost)
        assert min(id_of(ctl, code) for code in made) > highest
        # Changes are seen, whatever versions there were before.
        ctl("link", "edit", "kept", "--url", "https://example.com/after")
        assert client.get("kept").location == "https://example.com/after"
        # Clicks of this host are counted on.
        assert client.get("kept", HEADERS).status == 302
        wait_until(lambda: ctl.json("stats", "kept")[0]["clicks"] >= 1, 20, "a click")
        ctl("flush")
        found = ctl.json("doctor", "--schema", TOP / "schema", status=OK)
        assert not [line for line in found if line["state"] == "wrong"]


BINARY_LOG = ("--log-bin=binlog", "--server-id=1", "--binlog-format=ROW")


def position(stack):
    """(file, position) of the binary log."""
    statement = "SHOW BINARY LOG STATUS" if stack.database.is_mysql else "SHOW MASTER STATUS"
    return as_root(stack.database, statement).split()[:2]


def as_operator(stack, text):
    run_sql(stack, shutil.which("mariadb") or "mysql", "--user=root", input=text)


def test_a_restore_to_a_moment(new_stack):
    """A dump, and the binary log up to a moment, while the workers go on: links from before are there, those from
    after are not, and no link is made with the id of one of those."""
    with new_stack(server=BINARY_LOG) as stack:
        host = stack.host(workers=2, settings={"links.id_reserve": "0"})
        client = stack.client(host)
        ctl = Curtctl(stack.installation.curtctl, host.config)
        dumped = client.create("https://example.com/dumped")["code"]
        begin = position(stack)
        backup = dump(stack)
        logged = client.create("https://example.com/logged")["code"]
        end = position(stack)
        assert begin[0] == end[0] and begin != end
        lost = make_many(client)

        program = shutil.which("mariadb-binlog") or shutil.which("mysqlbinlog")
        log = stack.database.directory / "data" / end[0]
        replay = subprocess.run([program, "--no-defaults", f"--start-position={begin[1]}", f"--stop-position={end[1]}", log],
                                capture_output=True, text=True, env=environment(), check=True).stdout
        restore(stack, backup)
        as_operator(stack, replay)

        def is_refused():
            answer = client.post({"long_url": "https://example.com/too-early"})
            if answer.status == 201:
                lost.append(answer.json["code"])    # a moment before the restore was noticed
                return False
            return answer.is_problem(503, "unavailable")["detail"] == "There are no ids for new links."
        wait_until(is_refused, 30, "that creates are refused")
        assert "sequence_went_back" in stack.log(host) and "curtctl sequence skip" in stack.log(host)
        assert [client.get(code).location for code in (dumped, logged)] == [
            "https://example.com/dumped", "https://example.com/logged"]
        found = ctl.json("doctor", "--schema", TOP / "schema", status=FAILED)
        assert [line["state"] for line in found if line["check"] == "ids"] == ["wrong"]
        [skipped] = ctl.json("sequence", "skip")
        assert skipped["next_id"] > max(id_of(ctl, code) for code in (*lost[::50], *lost[2000:]))
        made = {client.create(f"https://example.com/new/{n}")["code"] for n in range(20)}
        assert min(id_of(ctl, code) for code in made) >= skipped["next_id"]
        assert not made & {dumped, logged, *lost}


def test_a_host_without_a_segment_leaves_out_a_million(new_stack):
    """What other hosts have had, this one cannot know; links that are there, it does."""
    with new_stack() as stack:
        host = stack.host(workers=1, settings={"segment.path": ""})
        ctl = Curtctl(stack.installation.curtctl, host.config)
        code = stack.client(host).create("https://example.com/")["code"]
        stack.sql("UPDATE sequence SET next_id = 1")
        assert ctl.json("sequence", "skip") == [{"name": "default", "next_id": 1_000_001}]
        stack.sql("UPDATE sequence SET next_id = 1")
        assert ctl.json("sequence", "skip", "--by", "1") == [{"name": "default", "next_id": id_of(ctl, code) + 1}]
        stack.sql("UPDATE sequence SET next_id = limit_id - 5")
        (limit,), = stack.sql("SELECT limit_id FROM sequence")
        assert ctl.json("sequence", "skip", "--by", "10") == [{"name": "default", "next_id": limit}]


def test_what_is_left_undone_after_a_restore(new_stack):
    """If only the dump is loaded, memcached and the workers continue to use their old entries."""
    with new_stack() as stack:
        host = stack.host(workers=1, settings={"cache.local_ttl": "1s"})
        ctl = Curtctl(stack.installation.curtctl, host.config)
        client = stack.prepared(host)
        client.create("https://example.com/kept", custom_alias="kept")
        key = ctl("key", "create", "--user", "ended").strip()
        [ended] = [line["id"] for line in ctl.json("key", "list") if line["user"] == "ended"]
        backup = dump(stack)
        lost = client.create("https://example.com/lost")["code"]
        ctl("key", "revoke", ended)
        assert client.get(lost).status == 302
        restore(stack, backup)
        assert client.get(lost).status == 302, "memcached knows it"
        # A key that was revoked after the dump is good again.
        wait_until(lambda: client.get("api/v1/urls", {"X-Api-Key": key}).status == 200, 10, "the revoked key")
        stack.memcached.stop()
        stack.memcached.start()
        wait_until(lambda: client.get(lost).status == 404, 10, "that the lost link is gone")


def test_what_waits_in_the_spool_is_stored_after_a_restore(new_stack):
    with new_stack() as stack:
        host = stack.host(workers=1)
        ctl = Curtctl(stack.installation.curtctl, host.config)
        client = stack.prepared(host)
        backup = dump(stack)
        stack.database.stop()
        answer = client.post({"long_url": "https://example.com/promised"})
        assert answer.status == 202
        code = answer.json["code"]
        host.stop()
        stack.database.start()
        restore(stack, backup)
        ctl("sequence", "skip")
        # What waits is kept, and named.
        ctl("cleanup", status=FAILED)
        assert "links that wait in it: 1, clicks: 0" in ctl.complaints
        assert str(host.settings["spool.path"]) in ctl.complaints
        again(stack, host)
        wait_until(lambda: client.get(f"api/v1/urls/{code}", {"X-Api-Key": stack.key}).status == 200, 20,
                   "the promised link in the database")
        assert client.get(code).location == "https://example.com/promised"


def test_leaving_a_host(new_stack):
    """cleanup leaves nothing behind, but what holds links or clicks, and nothing to workers that run."""
    with new_stack() as stack:
        host = stack.host(workers=1, settings={"clicks.flush_interval": "1h"})
        ctl = Curtctl(stack.installation.curtctl, host.config)
        client = stack.prepared(host)
        code = client.create("https://example.com/")["code"]
        assert client.get(code, HEADERS).status == 302
        ctl("cleanup", status=FAILED)
        assert "workers run here" in ctl.complaints
        stack.database.stop()      # the last worker flushes when it ends, if it can
        host.stop()
        stack.database.start()
        segment = pathlib.Path(host.settings["segment.path"])
        spool = pathlib.Path(host.settings["spool.path"])
        told = ctl.json("cleanup", status=FAILED)
        assert [line["path"] for line in told if line["state"] == "kept"] == [f"{segment}.clicks"]
        assert "clicks that wait in it: 1 (curtctl flush)" in told[0]["why"]
        ctl("flush")
        ctl("cleanup")
        assert not segment.exists() and not spool.exists() and not pathlib.Path(f"{segment}.clicks").exists()
        assert ctl("cleanup") == ""
