# SPDX-License-Identifier: MIT
"""script/test --release leaves nothing behind, however it ends. The root is one that debootstrap never finishes."""

import os
import pathlib
import re
import shutil
import signal
import subprocess

import pytest

from conftest import SOURCES
from stack.process import start_time, wait_until


def can_mount():
    return os.geteuid() == 0 and subprocess.run(
        ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"], check=False).returncode == 0


pytestmark = pytest.mark.skipif(not can_mount(), reason="namespaces and roots are made by root, where mounts are allowed")

DEBOOTSTRAP = """#!/bin/sh
[ "$1" != --help ] || exit 0
[ -z "$FAILS" ] || { echo "no such suite"; exit 1; }
for root; do [ ! -d "${root%/root}" ] || [ "${root##*/}" != root ] || break; done
mkdir -p "$root/proc"
mount -t tmpfs tmpfs "$root/proc"
sleep 1000 &
exec sleep 1000
"""


def heed_signals():
    """What starts the tests may ignore some, as nohup does, and a shell cannot catch what it was started to ignore."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


class Release:
    """script/test in a checkout of its own, with a debootstrap of its own, below a folder of its own."""

    def __init__(self, path):
        self.checkout = path / "checkout"
        self.below = path / "below"
        self.below.mkdir()
        shutil.copytree(SOURCES / "script", self.checkout / "script", ignore=shutil.ignore_patterns("__pycache__"))
        tools = path / "tools"
        tools.mkdir()
        for program, text in ((tools / "debootstrap", DEBOOTSTRAP),
                              (self.checkout / "script" / "bootstrap", "#!/bin/sh\n")):
            program.unlink(missing_ok=True)
            program.write_text(text, encoding="ascii")
            program.chmod(0o755)
        subprocess.run(["git", "init", "-q", self.checkout], check=True)
        self.environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "TMPDIR": str(self.below)}

    def start(self, **variables):
        return subprocess.Popen([self.checkout / "script" / "test", "--release", "trixie", "--fast"],
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True, env={**self.environment, **variables}, preexec_fn=heed_signals)

    def processes(self):
        """The pids of what runs with our TMPDIR in its environment, with the time of its start."""
        found = {}
        for directory in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if f"TMPDIR={self.below}".encode() in (directory / "environ").read_bytes().split(b"\0"):
                    found[int(directory.name)] = start_time(directory.name)
            except OSError:
                continue
        return {pid: started for pid, started in found.items() if started is not None}

    def is_in_root(self):
        """Whether both processes of the root sleep."""
        def is_sleep(pid):
            try:
                return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"sleep\0")
            except OSError:
                return False
        return sum(map(is_sleep, self.processes())) == 2


@pytest.fixture
def release(tmp_path):
    release = Release(tmp_path)
    yield release
    for pid, started in release.processes().items():
        if start_time(pid) == started:
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("end", ["SIGTERM", "SIGINT", "SIGHUP", "SIGKILL", "limit"])
def test_nothing_stays(release, end):
    process = release.start(**({"CURT_RELEASE_LIMIT": "2"} if end == "limit" else {}))
    if end != "limit":
        wait_until(release.is_in_root, 30, "the second process in the root")
        process.send_signal(getattr(signal, end))
    output, _ = process.communicate(timeout=60)
    wait_until(lambda: not release.processes(), 10, "the end of all processes")
    assert process.returncode == {"SIGTERM": 143, "SIGINT": 130, "SIGHUP": 129, "SIGKILL": -9, "limit": 137}[end]
    assert ("CURT_RELEASE_LIMIT" in output) == (end == "limit"), output
    if end == "SIGKILL":    # it could not be removed; the next run does it
        assert list(release.below.iterdir())
        release.start(FAILS="yes").communicate(timeout=60)
    assert not list(release.below.iterdir())


def test_a_root_that_cannot_be_made(release):
    process = release.start(FAILS="yes")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1 and "no such suite" in output
    assert re.search(r"^0 passed, 1 failed, 0 skipped\n\Z", output, re.M), output
    assert not list(release.below.iterdir())
