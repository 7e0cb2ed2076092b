#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a build leaves behind when its database stops and its workers are killed: a dump, a click ring, a
spool and a segment. tests/e2e/old_build.py FILE packs that of the build in CURT_BUILDDIR; old-build.tar.xz was made
by the last one before the sources were given rooms, and test_taken_over.py gives it to this one."""

import io
import json
import os
import pathlib
import signal
import sys
import tarfile
import tempfile

from clicking import HUMAN
from conftest import Installation, Stack, build_directory
from stack.database import Database
from test_restore import dump as full_dump

PACKED = pathlib.Path(__file__).with_name("old-build.tar.xz")
SETTINGS = {"clicks.flush_interval": "1h", "links.id_reserve": "20000"}
TABLES_LEFT_OUT = ("migration",)     # each build makes its tables by itself
FIELDS = [
    {}, {"custom_alias": "old-alias"}, {"title": "Käse und Brot", "tags": ["alt", "größer"]},
    {"redirect_status": 308, "forward_query": True}, {"expires_at": "2099-01-01T00:00:00Z"},
    {"max_clicks": 5}, {"custom_alias": "two", "title": "two names"}, {},
]


def dump(stack):
    left_out = [f"--ignore-table={stack.database.database}.{table}" for table in TABLES_LEFT_OUT]
    return full_dump(stack, "--no-create-info", "--replace", "--skip-triggers", *left_out)


def leave(stack):
    """Makes links and clicks, some of them while the database is unavailable; what is known, and what is left."""
    host = stack.host("lighttpd", workers=1, settings=SETTINGS)
    client = stack.prepared(host)
    links = [client.create(f"https://example.com/old/{number}?a=ü#x", **fields) for number, fields in enumerate(FIELDS)]
    for number, link in enumerate(links):
        for _ in range(number % 4):
            assert client.get(link["code"], headers=HUMAN).status in (302, 308)
    stack.installation.ctl(host.config, "flush")
    flushed = {link["code"]: client.show(link["code"]).json["clicks"] for link in links}
    rolled_up = dump(stack)
    for link in links[:5]:
        assert client.get(link["code"], headers=HUMAN).status in (302, 308)
    stack.database.kill()
    spooled = []
    for number in range(3):
        answer = client.post({"long_url": f"https://example.com/old/spooled/{number}", "title": "während"})
        assert answer.status == 202, answer.body
        spooled.append(answer.json)
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        if program_of(process) == "curt.fcgi" and names(process, host.config):
            os.kill(int(process.name), signal.SIGKILL)
    host.stop()
    expected = {
        "links": [{"code": link["code"], "long_url": link["long_url"], "status": link["redirect_status"],
                   "clicks": flushed[link["code"]] + (number < 5)} for number, link in enumerate(links)],
        "spooled": [{"code": link["code"], "long_url": link["long_url"]} for link in spooled],
    }
    return host, rolled_up, expected


def program_of(process):
    try:
        return os.path.basename(os.readlink(process / "exe"))
    except OSError:
        return ""


def names(process, config):
    try:
        return str(config).encode() in (process / "environ").read_bytes()
    except OSError:
        return False


def pack(path, host, rolled_up, expected):
    segment = pathlib.Path(host.settings["segment.path"])
    with tarfile.open(path, "w:xz", preset=9) as archive:
        def add(name, content):
            about = tarfile.TarInfo(name)
            about.size = len(content)
            archive.addfile(about, io.BytesIO(content))
        add("expected.json", json.dumps(expected, indent=1, ensure_ascii=False).encode())
        add("dump.sql", rolled_up.encode())
        add("segment", segment.read_bytes())
        add("segment.clicks", segment.with_name(segment.name + ".clicks").read_bytes())
        for entry in sorted(pathlib.Path(host.settings["spool.path"]).iterdir()):
            add(f"spool/{entry.name}", entry.read_bytes())


def main(path):
    with tempfile.TemporaryDirectory(prefix="curt-old-") as folder:
        folder = pathlib.Path(folder)
        template = Database(folder / "template", folder / "unused").install()
        stack = Stack(Installation(build_directory()), folder, template)
        try:
            host, rolled_up, expected = leave(stack.start())
            pack(path, host, rolled_up, expected)
        finally:
            stack.stop()


if __name__ == "__main__":
    main(sys.argv[1])
