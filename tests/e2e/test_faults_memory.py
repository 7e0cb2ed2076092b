# SPDX-License-Identifier: MIT
"""Shared memory that is missing or too small: each worker uses memory of its own."""

import contextlib
import os
import pathlib
import subprocess

import pytest

from clicking import HUMAN, Flusher, counted
from load import Load, follow
from stack.process import wait_until
from test_spool import answers_again, kill_workers

LONG_URL = "https://example.com/without-shared-memory"


def make_full(directory):
    """Room for the segment's header, and not for the rest."""
    owner = directory.stat()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size=64k,mode=0700,uid={owner.st_uid},gid={owner.st_gid}",
                    "curt-test", directory], check=True)


def make_unwritable(directory):
    directory.chmod(0o500)


def make_somebody_elses(directory):
    (directory / "curt.segment").write_bytes(b"")
    (directory / "curt.segment").chmod(0o600)
    if os.geteuid() == 0:
        os.chown(directory / "curt.segment", 0, 0)


@contextlib.contextmanager
def host_with(stack, spoil, **settings):
    """A host whose directory for the segment was spoiled before it started."""
    directory = stack.place.directory(f"memory{stack.names}")
    spool = stack.place.directory(f"spool{stack.names}")
    with contextlib.ExitStack() as mend:
        mend.callback(subprocess.run, ["umount", "-q", directory], check=False)
        spoil(directory)
        host = stack.host("lighttpd", settings={
            "segment.path": directory / "curt.segment", "spool.path": spool, **settings})
        mend.callback(host.stop)
        yield host


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a disk, or make files of others")
@pytest.mark.parametrize("spoil, away", [(make_full, "database"), (make_unwritable, "memcached"),
                                         (make_somebody_elses, "database")])
def test_without_a_segment(own_stack, spoil, away):
    """There is no spool then: no process would replay it."""
    # That the machine is busy with other things is no fault of memcached.
    with host_with(own_stack, spoil, **{"memcached.timeout": "2s"}) as host:
        client = own_stack.client(host)
        assert "segment_unavailable" in own_stack.log(host)
        links = [client.create(f"{LONG_URL}/{number}") for number in range(10)]
        with Load(follow(client, links), clients=4, least=50) as load:
            server = getattr(own_stack, away)
            server.stop()
            try:
                load.wait_for(200)
                answer = client.post({"long_url": f"{LONG_URL}/meanwhile"})
            finally:
                server.start()
            load.wait_for(50)
        assert answer.status == (503 if away == "database" else 201)
        assert load.statuses() == {302: len(load.shots)}
        assert all(shot.answer.location == shot.asked for shot in load.shots)
        wait_until(lambda: client.post({"long_url": f"{LONG_URL}/again"}).status == 201, 10, "creates")
        assert client.get("readyz").json["status"] == "degraded"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of others")
def test_without_a_segment_every_worker_can_read_memcached(own_stack):
    """Also one that has not served anything before the database went away: it has read the key of the seals."""
    with host_with(own_stack, make_somebody_elses, **{"memcached.timeout": "2s"}) as host:
        client = own_stack.client(host)
        links = [client.create(f"{LONG_URL}/early/{number}") for number in range(3)]
        wait_until(lambda: own_stack.log(host).count("segment_unavailable") >= 4, 10, "four workers")
        wait_until(lambda: len(own_stack.sql(f"SELECT 1 FROM {own_stack.processlist} WHERE user = %s",
                                             own_stack.database.user)) >= 5, 10, "their connections")
        own_stack.database.stop()
        try:
            with Load(follow(client, links), clients=8, least=20) as load:
                load.wait_for(200)
        finally:
            own_stack.database.start()
        assert load.statuses() == {302: len(load.shots)}


def spoil_ring(directory):
    (directory / "curt.segment.clicks").mkdir()


def test_without_a_click_ring(own_stack):
    """Clicks go to the spool's disk at once, and are counted from there, whoever is killed."""
    with host_with(own_stack, spoil_ring, **{"clicks.flush_interval": "1h"}) as host:
        client = own_stack.client(host)
        links = [client.create(f"{LONG_URL}/ring/{number}") for number in range(10)]
        before = counted(own_stack)[0]

        def task(number, turn):
            return None, client.get(links[(number + turn) % len(links)]["code"], HUMAN)
        with Load(task, clients=4, least=50) as load:
            kill_workers(host)
            answers_again(client)
            load.wait_for(200)
        assert "click_ring_unavailable" in own_stack.log(host)
        seen = load.statuses()[302]
        pathlib.Path(f"{host.settings['segment.path']}.clicks").rmdir()     # as the log asks for
        flusher = Flusher(own_stack, host, "no-ring")
        wait_until(lambda: flusher.flush()["pending"] == 0, 20, "flushed clicks")
        # One of each worker that was killed may have been counted and not answered.
        assert seen <= counted(own_stack)[0] - before <= seen + 4
