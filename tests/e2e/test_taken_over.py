# SPDX-License-Identifier: MIT
"""A newer build uses what an older one has left behind, without loss: its database, clicks in its ring, links in
its spool. old_build.py has packed them."""

import json
import pathlib
import shutil
import tarfile

import pytest

from clicking import HUMAN
from old_build import PACKED
from stack.process import wait_until
from test_curtctl import TOP
from test_restore import restore, run_sql
from test_spool import rows


BLOCK = 4096
OLD_MIGRATION = 6       # the newest of the build that old_build.py packed


def unpack(member, stream, path):
    """Segment and ring are nearly all holes, and stay so."""
    with path.open("wb") as out:
        while block := stream.read(BLOCK):
            if block.count(0) == len(block):
                out.seek(len(block), 1)
            else:
                out.write(block)
        out.truncate(member.size)


def put(folder):
    """The files in a folder of the workers' user, as they lay there; and the settings that name them."""
    (folder / "spool").mkdir()
    with tarfile.open(PACKED) as archive:
        for member in archive:
            unpack(member, archive.extractfile(member), folder / member.name)
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
        shutil.chown(path, user=folder.owner(), group=folder.group())
    return {"segment.path": folder / "segment", "spool.path": folder / "spool", "clicks.flush_interval": "100ms"}


def make_old_tables(stack, host, folder):
    """The tables as the old build had them, in place of those of this one."""
    name = stack.database.database
    for statement in (f"DROP DATABASE `{name}`", f"CREATE DATABASE `{name}`"):
        run_sql(stack, shutil.which("mariadb") or "mysql", input=statement)
    folder.mkdir()
    for file in (TOP / "schema").glob("*.sql"):
        if int(file.name[:4]) <= OLD_MIGRATION:
            shutil.copy(file, folder)
    stack.installation.ctl(host.config, "db", "migrate", "--schema", folder)


def test_an_old_build_is_taken_over(new_stack):
    with new_stack() as stack:
        if stack.database.is_mysql:
            pytest.skip("the dump is MariaDB's: it gives generated columns values, which MySQL refuses")
        first = stack.host()
        first.stop()
        folder = pathlib.Path(stack.place.directory("old-host"))
        settings = put(folder)
        make_old_tables(stack, first, folder / "schema")
        expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        restore(stack, (folder / "dump.sql").read_text(encoding="utf-8"))
        first.migrate()
        host = stack.host(workers=2, settings=settings)
        stack.key = host.make_key()     # the text of the old ones is not known
        client = stack.client(host)
        spooled = {link["code"]: link["long_url"] for link in expected["spooled"]}
        wait_until(lambda: spooled.keys() <= {code for code, _ in rows(stack, "https://example.com/old/spooled/")},
                   30, "the links of the spool")
        for link in expected["links"]:
            wait_until(lambda link=link: client.show(link["code"]).json["clicks"] == link["clicks"], 30,
                       f"{link['clicks']} clicks of {link['code']}")
            answer = client.get(link["code"], HUMAN)
            assert (answer.status, answer.location) == (link["status"], link["long_url"])
        for code, long_url in spooled.items():
            assert client.get(code).location == long_url
        known = spooled.keys() | {link["code"] for link in expected["links"]}
        made = {client.create("https://example.com/new")["code"] for _ in range(5)}
        assert len(made) == 5 and not made & known
