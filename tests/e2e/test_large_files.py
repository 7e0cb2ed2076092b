# SPDX-License-Identifier: MIT
"""A file of links that is ten times as long needs no more memory, in either direction, and an import that was
killed continues where it was. With CURT_SOAK=1 (`make soak`) the longer file has 1,000,000 links."""

import json
import os
import pathlib
import re
import signal
import subprocess
import time

import pytest

from stack.process import environment, wait_until

LINKS = 1_000_000 if os.environ.get("CURT_SOAK") else 30_000
MORE_KB = 4096      # what a longer run may take for whatever reason


def write_jsonl(path, name, n):
    with path.open("w", encoding="ascii") as file:
        for number in range(n):
            link = {"code": f"{name}-{number}", "long_url": f"https://example.com/{name}/{number}?a=b",
                    "created_at": "2026-01-01T00:00:00Z"}
            if number % 3 == 0:
                link["tags"] = [f"t{number % 10}", "all"]
            file.write(json.dumps(link) + "\n")


def write_csv(path, name, n):
    with path.open("w", encoding="ascii") as file:
        file.write("code,long_url,created_at,tags\n")
        for number in range(n):
            file.write(f"{name}-{number},https://example.com/{name}/{number}?a=b,2026-01-01T00:00:00Z,"
                       f"{'t1' if number % 3 == 0 else ''}\n")


def write_yourls(path, name, n):
    with path.open("w", encoding="ascii") as file:
        file.write("keyword;url;title;timestamp;ip;clicks\n")
        for number in range(n):
            file.write(f"{name}-{number};https://example.com/{name}/{number}?a=b;NULL;2026-01-01 00:00:00;192.0.2.1;7\n")


def high_water(pid):
    """The most memory that the process has had since it is curtctl, in KB."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"^Name:\s+curtctl\n(?:.*\n)*?VmHWM:\s+(\d+) kB", status)
    return int(found[1]) if found else 0


class Curtctl:
    def __init__(self, stack, host):
        self.command = [stack.installation.curtctl, "--config", host.config, "--json"]

    def start(self, *arguments):
        # AddressSanitizer keeps 256 MB of what was freed, unless it is configured.
        asan = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "quarantine_size_mb=0",
                                      "thread_local_quarantine_size_kb=0"]))
        return subprocess.Popen([*self.command, *map(str, arguments)], stdout=subprocess.PIPE,
                                text=True, env={**environment(), "ASAN_OPTIONS": asan})

    def measure(self, *arguments):
        """(what it prints, its peak of memory in KB). The kernel's own account of a child that has ended
        would begin with what the test itself takes."""
        began = time.monotonic()
        process = self.start(*arguments)
        peak = 0
        while process.poll() is None:
            peak = max(peak, high_water(process.pid))
            time.sleep(0.01)
        output = process.stdout.read()
        process.stdout.close()
        print(f"\n{' '.join(map(str, arguments[:3]))}: {peak} KB, {time.monotonic() - began:.1f} s")
        assert process.returncode == 0, output
        return output, peak


@pytest.fixture(scope="module")
def own(new_stack):
    with new_stack() as stack:
        host = stack.host(workers=1)
        yield stack, Curtctl(stack, host)


@pytest.mark.parametrize("format,write", [("jsonl", write_jsonl), ("csv", write_csv), ("csv", write_yourls)])
def test_memory_is_constant(own, tmp_path, format, write):
    stack, ctl = own
    peaks = []
    for n in (LINKS // 10, LINKS):
        file = tmp_path / f"links.{format}"
        write(file, f"{write.__name__}{n}", n)
        output, peak = ctl.measure("import", "--format", format, file)
        assert json.loads(output)["imported"] == n
        peaks.append(peak)
        file.unlink()
    assert 1000 < peaks[1] <= peaks[0] + MORE_KB
    (stored,), = stack.sql("SELECT COUNT(*) FROM link")
    file = tmp_path / f"all.{format}"
    _, peak = ctl.measure("export", "--format", format, file)
    assert peak <= peaks[0] + MORE_KB
    if format == "jsonl":
        with file.open(encoding="ascii") as lines:
            assert sum(1 for _ in lines) == stored


def test_a_killed_import_goes_on(own, tmp_path):
    stack, ctl = own
    file = tmp_path / "links.jsonl"
    write_jsonl(file, "killed", LINKS)

    def stored():
        return stack.sql("SELECT COUNT(*) FROM alias WHERE code LIKE 'killed-%%'")[0][0]
    kills = 0
    for part in (4, 2):
        process = ctl.start("import", file)
        wait_until(lambda: process.poll() is not None or stored() >= LINKS // part, 600, "some links")
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        process.communicate()
    before = stored()
    assert kills and 0 < before < LINKS
    output, _ = ctl.measure("import", file)
    counts = json.loads(output)
    assert (counts["imported"], counts["present"]) == (LINKS - before, before)
    assert counts["conflicts"] == counts["refused"] == 0
    assert stored() == LINKS
    rows = stack.sql("SELECT COUNT(*), COUNT(DISTINCT link.id) FROM code JOIN link ON link.id = link_id "
                     "WHERE code.code LIKE 'killed-%%' AND link.code = code.code")
    assert rows == ((LINKS, LINKS),)
    assert stack.sql("SELECT SUM(links) FROM owner_total") == stack.sql("SELECT COUNT(*) FROM link")


def test_a_killed_import_without_codes_goes_on(own, tmp_path):
    """Links without codes of their own are found by their long URL; two rows of one URL are one link."""
    stack, ctl = own
    rows, twice = LINKS // 5, 50
    file = tmp_path / "links.csv"
    with file.open("w", encoding="ascii") as out:
        out.write("long_url,title\n")
        for number in range(rows):
            out.write(f"https://uncoded.example/{number % (rows - twice)},{number}\n")

    def stored():
        return stack.sql("SELECT COUNT(*) FROM link WHERE long_url LIKE 'https://uncoded.example/%%'")[0][0]
    kills = 0
    for part in (4, 2):
        process = ctl.start("import", file)
        wait_until(lambda: process.poll() is not None or stored() >= rows // part, 600, "some links")
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        process.communicate()
    before = stored()
    assert kills and 0 < before < rows - twice
    output, _ = ctl.measure("import", "--dry-run", file)
    foretold = json.loads(output)
    output, _ = ctl.measure("import", file)
    counts = json.loads(output)
    assert (counts["imported"], counts["present"]) == (rows - twice - before, before + twice)
    assert (foretold["imported"], foretold["present"]) == (counts["imported"], counts["present"])
    assert stored() == rows - twice
    assert stack.sql("SELECT COUNT(DISTINCT long_url), COUNT(DISTINCT code) FROM link "
                     "WHERE long_url LIKE 'https://uncoded.example/%%'") == ((rows - twice, rows - twice),)
