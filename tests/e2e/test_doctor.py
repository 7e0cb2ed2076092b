# SPDX-License-Identifier: MIT
"""curtctl doctor with broken databases: each test breaks one thing, which the doctor reports, and repairs it."""

import contextlib
import getpass
import os
import pathlib
import signal
import subprocess

import pytest

from client import Client
from stack.process import wait_until
from test_curtctl import FAILED, OK, TOP, Curtctl
from test_maintenance import leaders


@pytest.fixture(scope="module")
def sick(new_stack):
    """(stack, host, curtctl)"""
    with new_stack() as stack:
        # No more ids are fetched while tests change the sequence.
        host = stack.host(workers=1, settings={"links.id_reserve": "0"})
        stack.client(host).create("https://example.com/first")
        yield stack, host, Curtctl(stack.installation.curtctl, host.config)


def as_root(stack, *statements):
    import pymysql
    with contextlib.closing(pymysql.connect(
            unix_socket=str(stack.database.socket), user=getpass.getuser())) as connection, \
            connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def examine(ctl, expected, **variables):
    """Asserts that exactly these checks are not ok, and that there is a cure for each; their cures."""
    status = FAILED if "wrong" in expected.values() else OK
    found = ctl.json("doctor", "--schema", TOP / "schema", status=status, **variables)
    sick = {line["check"]: line["state"] for line in found if line["state"] != "ok"}
    # What depends on where the tests run: /run may be memory, which no spool should be in.
    assert {check: state for check, state in sick.items()
            if check not in ("base_url", "segment", "system", "config", "spool") or check in expected} == expected
    assert all(line["cure"] and line["text"] for line in found if line["check"] in expected and line["state"] != "ok")
    return {line["check"]: line["cure"] for line in sorted(found, key=lambda line: line["state"] != "ok")}


def by_check(found, check):
    return [line for line in found if line["check"] == check]


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can look as somebody else")


@needs_root
def test_root_looks_as_the_workers(sick, tmp_path):
    """What root may read, and the workers may not, is wrong; and it is said as whom it looked."""
    stack, host, ctl = sick
    found = ctl.json("doctor", "--schema", TOP / "schema")
    [user] = by_check(found, "user")
    assert "looks as www-data, the owner of" in user["text"] and str(host.settings["spool.path"]) in user["text"]
    closed = stack.place.path / "closed.ini"
    closed.write_text(pathlib.Path(host.config).read_text())
    closed.chmod(0o600)
    try:
        found = Curtctl(ctl.program, closed).json("doctor", "--schema", TOP / "schema", status=FAILED)
    finally:
        closed.unlink()
    [config] = by_check(found, "config")
    assert config["state"] == "wrong" and "(www-data) cannot read" in config["text"]
    assert f"chgrp www-data {closed} && chmod 640" in config["cure"]
    # A folder and files that are root's alone.
    blocked = tmp_path / "blocked"
    blocked.write_text("example.com\n")
    examine(Curtctl(ctl.program, ctl.config, "--as", "www-data"),
            {"spool": "wrong", "blocked": "wrong", "segment": "wrong", "clicks": "warning"},
            CURT_SPOOL_PATH=str(tmp_path / "spool"), CURT_LINKS_BLOCKED_FILE=str(blocked),
            CURT_SEGMENT_PATH=str(tmp_path / "segment"))


@needs_root
def test_root_knows_no_workers_yet(sick):
    _, _, ctl = sick
    nowhere = {"CURT_SPOOL_PATH": "", "CURT_SEGMENT_PATH": "auto",
               "CURT_SERVER_BASE_URL": "http://127.0.0.1:1/nobody"}
    [user] = by_check(ctl.json("doctor", "--schema", TOP / "schema", **nowhere), "user")
    assert user["state"] == "warning" and "runuser -u www-data -- curtctl doctor" in user["cure"]
    found = ctl.json("--as=nobody", "doctor", "--schema", TOP / "schema", status=FAILED, **nowhere)
    [user] = by_check(found, "user")
    assert (user["state"], user["text"]) == ("ok", "looks as nobody")
    [config] = by_check(found, "config")
    assert "(nobody) cannot read" in config["text"]


def test_only_root_looks_as_somebody_else(sick):
    _, _, ctl = sick
    if os.geteuid() == 0:
        done = subprocess.run(["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups",
                               "env", "HOME=/", ctl.program, "--as", "www-data", "doctor"],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 2 or "ermission" in done.stderr
        if done.returncode == 2:
            assert "only root" in done.stderr
    else:
        ctl("--as", "root", "doctor", status=2)
        assert "only root" in ctl.complaints


@needs_root
def test_root_counts_what_the_workers_hold(new_stack):
    with new_stack() as stack:
        host = stack.host(workers=1, settings={"clicks.flush_interval": "1h"})
        ctl = Curtctl(stack.installation.curtctl, host.config)
        client = stack.client(host)
        code = client.create("https://example.com/counted")["code"]
        for _ in range(3):
            assert client.get(code, {"User-Agent": FIREFOX}).status == 302
        [told] = ctl.json("stats", code)
        assert told["clicks"] == 3
        [flushed] = ctl.json("flush")
        assert flushed["clicks"] == 3 and flushed["pending"] == 0
        assert not ctl.complaints
        assert ctl.json("stats")[0]["clicks"] == 3


ROWS = [
    ({"ids": "wrong"}, "UPDATE sequence SET next_id = limit_id",
     "UPDATE sequence SET next_id = 100000"),
    ({"ids": "wrong"}, "UPDATE sequence SET next_id = 1",    # as an older dump has it
     "UPDATE sequence SET next_id = 100000"),
    ({"ids": "warning"}, "UPDATE sequence SET next_id = limit_id - 1000",
     "UPDATE sequence SET next_id = 200000"),
    ({"code key": "wrong"}, "UPDATE setting SET name = 'lost' WHERE name = 'code_key'",
     "UPDATE setting SET name = 'code_key' WHERE name = 'lost'"),
    ({"schema": "wrong"}, "INSERT INTO migration VALUES (9999, 'of-the-future', 'x', 1)",
     "DELETE FROM migration WHERE number = 9999"),
    ({"schema": "wrong"}, "UPDATE migration SET number = 9002 WHERE number = 2",
     "UPDATE migration SET number = 2 WHERE number = 9002"),
    ({"schema": "wrong"}, "UPDATE migration SET checksum = REVERSE(checksum) WHERE number = 1",
     "UPDATE migration SET checksum = REVERSE(checksum) WHERE number = 1"),
    ({"ids": "wrong"}, "RENAME TABLE sequence TO mislaid", "RENAME TABLE mislaid TO sequence"),
]


@pytest.mark.parametrize("expected,harm,mend", ROWS)
def test_tables(sick, expected, harm, mend):
    stack, _, ctl = sick
    examine(ctl, {})
    stack.sql(harm)
    try:
        examine(ctl, expected)
    finally:
        stack.sql(mend)
    examine(ctl, {})


def test_a_database_without_tables(sick):
    stack, _, ctl = sick
    as_root(stack, "CREATE DATABASE curt_empty")
    cures = examine(ctl, {"schema": "wrong", "ids": "wrong"}, CURT_MYSQL_DATABASE="curt_empty")
    assert "curtctl db migrate" in cures["schema"]
    assert not stack.sql("SHOW TABLES FROM curt_empty")     # looking changes nothing


@pytest.mark.parametrize("granted", ["SELECT", "SELECT, INSERT, UPDATE", "SELECT, DELETE"])
def test_permissions(sick, granted):
    stack, _, ctl = sick
    as_root(stack, "CREATE USER IF NOT EXISTS clerk@localhost IDENTIFIED BY 'clerk'",
            "REVOKE ALL, GRANT OPTION FROM clerk@localhost", f"GRANT {granted} ON curt.* TO clerk@localhost")
    cures = examine(ctl, {"grants": "wrong"}, CURT_MYSQL_USER="clerk", CURT_MYSQL_PASSWORD="clerk")
    assert "GRANT" in cures["grants"]


def test_small_packets(sick):
    stack, _, ctl = sick
    as_root(stack, "SET GLOBAL max_allowed_packet = 1024 * 1024")
    try:
        assert "max_allowed_packet" in examine(ctl, {"mysql": "warning"})["mysql"]
    finally:
        as_root(stack, "SET GLOBAL max_allowed_packet = DEFAULT")


def test_an_open_segment(sick, tmp_path):
    _, host, ctl = sick
    path = pathlib.Path(host.settings["segment.path"])
    mode = path.stat().st_mode & 0o777
    path.chmod(0o666)
    try:
        assert "chmod" in examine(ctl, {"segment": "wrong"})["segment"]
    finally:
        os.chmod(path, mode)


def test_nobody_there(sick):
    """Each of these is reported by itself, together with what is in order."""
    stack, _, ctl = sick
    stack.memcached.stop()
    try:
        examine(ctl, {"memcached": "wrong"})
        stack.database.stop()
        examine(ctl, {"memcached": "wrong", "mysql": "wrong"})
    finally:
        stack.database.start()
        stack.memcached.start()
    examine(ctl, {})


def test_the_spool_is_told_whole(sick):
    """What was rejected does not hide what could not be read, nor what waits."""
    _, host, ctl = sick
    spool = pathlib.Path(host.settings["spool.path"])
    kept = [spool / "rejected.tsv", spool / "0-0.torn"]
    try:
        for path in kept:
            path.write_text("one\n")
        found = ctl.json("doctor", "--schema", TOP / "schema", status=FAILED)
        states = [(line["state"], line["text"]) for line in found if line["check"] == "spool"][1:]
        assert [state for state, _ in states] == ["ok", "warning", "wrong"], states
        assert "nothing waits" in states[0][1] and ".torn" in states[1][1] and "1 links" in states[2][1]
        client = Client(host.port, host.mount)
        told = wait_until(lambda: (ready := client.get("readyz").json)["status"] == "degraded" and ready, 10,
                          "what was rejected, in /readyz")
        assert told["backends"]["spool"] == {"entries": 0, "bytes": 0, "rejected": 1}
    finally:
        for path in kept:
            path.unlink(missing_ok=True)
    wait_until(lambda: client.get("readyz").json["status"] == "ready", 10, "readiness")
    examine(ctl, {})


def test_clicks_that_wait(sick):
    stack, host, ctl = sick
    client = stack.client(host)
    code = client.create("https://example.com/clicked")["code"]

    def clicks():
        found = ctl.json("doctor", "--schema", TOP / "schema", status=OK)
        return [line["text"] for line in found if line["check"] == "clicks"]
    wait_until(lambda: clicks() == ["0 wait in the ring for the next flush"], 20, "an empty ring")
    (keeper,) = wait_until(lambda: leaders(host), 20, "a leader")
    assert client.get(code).status == 302
    os.kill(keeper, signal.SIGSTOP)
    try:
        assert clicks()[0].endswith(" wait in the ring for the next flush")
    finally:
        os.kill(keeper, signal.SIGCONT)
    assert ctl.json("doctor", "--schema", TOP / "schema", status=OK, CURT_CLICKS_ENABLED="false")
    host_ring = pathlib.Path(f"{host.settings['segment.path']}.clicks")
    mode = host_ring.stat().st_mode & 0o777
    host_ring.chmod(0o666)
    try:
        examine(ctl, {"clicks": "warning"})
    finally:
        host_ring.chmod(mode)


@pytest.mark.parametrize("content,why", [(None, "No such file"), (b"<svg xmlns='x'/>", "Not a PNG file"), (b"x" * 65537, "more than 65536 bytes")])
def test_a_logo_that_cannot_be_drawn(sick, content, why):
    stack, _, ctl = sick
    logo = stack.place.path / "doubtful.png"
    if content is not None:
        logo.write_bytes(content)
        logo.chmod(0o644)
    cures = examine(ctl, {"qr codes": "wrong"}, CURT_PAGES_LOGO=str(logo))
    assert "a PNG file of at most 64 KiB and 512 pixels" in cures["qr codes"]
    found = ctl.json("doctor", "--schema", TOP / "schema", status=FAILED, CURT_PAGES_LOGO=str(logo))
    assert why in by_check(found, "qr codes")[0]["text"]
    logo.unlink(missing_ok=True)


@pytest.mark.parametrize("key", ["HEADER_LOGO", "ICON"])
@pytest.mark.parametrize("content,why", [(None, "No such file"), (b"<html/>", "is no picture"), (b"x" * 65537, "more than 65536 bytes")])
def test_a_picture_that_cannot_be_shown(sick, key, content, why):
    stack, _, ctl = sick
    picture = stack.place.path / "doubtful.svg"
    if content is not None:
        picture.write_bytes(content)
        picture.chmod(0o644)
    setting = {f"CURT_PAGES_{key}": str(picture)}
    examine(ctl, {"pictures": "wrong"}, **setting)
    found = ctl.json("doctor", "--schema", TOP / "schema", status=FAILED, **setting)
    text = by_check(found, "pictures")[0]["text"]
    assert why in text and text.startswith(key.lower())
    picture.unlink(missing_ok=True)


def test_an_accent_that_light_pages_show_darker(sick):
    _, _, ctl = sick
    assert "darker colour" in examine(ctl, {"config": "warning"}, CURT_PAGES_ACCENT="ffd400")["config"]
    examine(ctl, {}, CURT_PAGES_ACCENT="0b57d0")


def test_the_files_of_the_pages_are_not_sent(sick):
    """As after an upgrade whose new configuration of the web server was left out."""
    stack, host, ctl = sick
    client = stack.client(host)
    files = host.web.site.files
    if not any(files.iterdir()):
        pytest.skip("this build has no pages (script/bootstrap --build fetches their libraries)")
    icon = f"admin/files/{next(files.glob('icon.*.svg')).name}"
    away = files.rename(files.with_name(f"{files.name}-away"))
    try:
        # lighttpd remembers for a moment what it has seen.
        wait_until(lambda: client.get(icon).status == 404, 10, "the end of the files")
        assert "curt-pages.conf" in examine(ctl, {"pages": "warning"})["pages"]
    finally:
        away.rename(files)
    wait_until(lambda: client.get(icon).status == 200, 10, "the files")
    examine(ctl, {})
