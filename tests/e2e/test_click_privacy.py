# SPDX-License-Identifier: MIT
"""A visitor's address is stored nowhere: neither its text nor its bytes are in the database, the ring, the spool,
the segment or the logs."""

import ipaddress
import os
import pathlib
import re

from clicking import Flusher, click, wait_for_own_flush
from stack.process import wait_until

# Distinctive ones; 127.0.0.1 is everywhere, so loopback has another one.
FORWARDED = ["203.0.113.147", "198.51.100.213", "2001:db8:feed:beef:1a2b:3c4d:5e6f:7a8b"]
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0 Distinctive/8.15.47"
REFERER = "https://news.example/secret-path-4711?token=4812"
SECRETS = ["Distinctive/8.15.47", "secret-path-4711", "token=4812"]


def traces(address):
    """What an address might look like."""
    ip = ipaddress.ip_address(address)
    packed = ip.packed
    spellings = [str(ip).encode(), ip.exploded.encode(), packed.hex().encode(), packed]
    if ip.version == 4:
        spellings += [packed[::-1], b"::ffff:" + str(ip).encode(), str(int(ip)).encode()]
    else:
        spellings += [packed[:8], str(ip.exploded)[:19].encode(), packed[:8].hex().encode()]
    return spellings


def contents(path):
    """The bytes of a file, without its holes."""
    parts, at = [], 0
    with open(path, "rb") as file:
        while True:
            try:
                begin = os.lseek(file.fileno(), at, os.SEEK_DATA)
            except OSError:     # only a hole is left
                return b"".join(parts)
            at = os.lseek(file.fileno(), begin, os.SEEK_HOLE)
            parts.append(os.pread(file.fileno(), at - begin, begin))


def assert_clean(where, data, wanted):
    low = data.lower()
    for trace in wanted:
        at = data.find(trace)
        at = low.find(trace.lower()) if at < 0 and trace.isascii() else at
        assert at < 0, f"{trace!r} is in {where}: {data[max(0, at - 60):at + 60]!r}"


def dump(stack):
    """Everything in the database, blobs in hexadecimal digits and as they are."""
    tables = [row[0] for row in stack.sql("SHOW TABLES")]
    assert "click_rollup" in tables
    parts = []
    for table in tables:
        for row in stack.sql(f"SELECT * FROM `{table}`"):
            for value in row:
                parts.append(value if isinstance(value, bytes) else str(value).encode())
    return b"\n".join(parts)


def test_no_address_is_kept(new_stack):
    with new_stack() as stack:
        spool = stack.place.directory("spool")
        host = stack.host(workers=1, settings={
            "server.trusted_proxies": "127.0.0.1", "spool.path": spool, "log.level": "debug",
            "log.redirects": "yes", "clicks.flush_interval": "1h"})
        client = stack.client(host)
        code = client.create("https://example.com/")["code"]
        flusher = Flusher(stack, host, "flush")
        wait_for_own_flush(client)
        flusher.flush()     # publishes the key of the visitor hashes
        sent = {"User-Agent": AGENT, "Referer": REFERER}
        for address in FORWARDED:
            assert client.get(code, {**sent, "X-Forwarded-For": address}).status == 302
            assert client.get(code, {**sent, "X-Forwarded-For": address, "DNT": "1"}).status == 302
            assert client.get("unknown-code", {**sent, "X-Forwarded-For": address}).status == 404
            assert client.post({"long_url": "no url"}, headers={"X-Forwarded-For": address}).status == 400
        wanted = [trace for address in FORWARDED for trace in traces(address)]
        wanted += [secret.encode() for secret in SECRETS]
        segment = pathlib.Path(host.settings["segment.path"])
        files = [segment, pathlib.Path(f"{segment}.clicks")]
        ring = contents(files[1])
        assert b"news.example" in ring      # the clicks are here, so we look where they are
        for path in files:
            assert_clean(path, contents(path), wanted)
        # Some are spilled: the database is unavailable and the ring is full.
        stack.database.stop()
        click(host, [code], 8192, 4)
        for address in FORWARDED:
            assert client.get(code, {**sent, "X-Forwarded-For": address}).status == 302
        spilled = list(spool.glob("clicks-*"))
        assert spilled and any(b"news.example" in contents(path) for path in spilled)
        for path in [*files, *spilled]:
            assert_clean(path, contents(path), wanted)
        stack.database.start()
        wait_until(lambda: flusher.flush()["pending"] == 0, 30, "the flush")
        assert stack.sql("SELECT visitors FROM click_total")[0][0] >= 3
        stored = dump(stack)
        assert b"news.example" in stored
        assert_clean("the database", stored, wanted)
        assert_clean("the log of the workers", without_access_log(stack, host), wanted)


def without_access_log(stack, host):
    """What the workers have logged. The web server keeps an access log of its own, which is its affair."""
    lines = stack.log(host).splitlines()
    ours = [line for line in lines if re.search(r"\bevent=|\"event\":", line)]
    assert ours
    return "\n".join(ours).encode()
