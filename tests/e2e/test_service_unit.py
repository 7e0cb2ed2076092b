# SPDX-License-Identifier: MIT
"""The systemd unit of Curt's own workers allows them little, by the rating of systemd-analyze."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

SOURCE = pathlib.Path(os.environ["CURT_SRCDIR"])
UNIT = SOURCE / "nginx-conf" / "curt.service"
MOST_EXPOSED = 2.5      # of 10


def exposure(unit):
    """What `systemd-analyze security` says of the unit, 0.0 (all is forbidden) to 10.0; or the test is skipped."""
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        pytest.skip("systemd-analyze is missing (Debian package systemd)")
    done = subprocess.run([analyze, "security", "--offline=yes", "--no-pager", unit], check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if "unrecognized option '--offline" in done.stdout:
        pytest.skip("systemd-analyze is older than 250: it has no security --offline")
    said = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert said, done.stdout
    return float(said.group(1)), done.stdout


def settings(unit):
    lines = unit.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


@pytest.mark.parametrize("unit", [UNIT, UNIT.with_name("curt-follow.service"), UNIT.with_name("curt-purge.service")], ids=lambda unit: unit.stem)
def test_the_units_of_curt_allow_little(unit):
    level, report = exposure(unit)
    assert level <= MOST_EXPOSED, report


def test_the_judgement_can_tell_a_unit_that_allows_all(tmp_path):
    bare = tmp_path / "curt.service"
    bare.write_text("[Service]\nExecStart=/bin/true\n", encoding="utf-8")
    level, report = exposure(bare)
    assert level > MOST_EXPOSED, report


def test_the_unit_leaves_what_waits_in_memory():
    """RemoveIPC would delete the clicks of the workers' user in /dev/shm whenever the unit stops, and without
    /proc/sys there is no boot id."""
    assert "RemoveIPC" not in settings(UNIT)
    assert "ProcSubset" not in settings(UNIT)


def megabytes(text):
    return int(text[:-1]) * {"m": 1, "M": 1, "G": 1024}[text[-1]]


def test_the_unit_has_room_for_its_workers():
    """And no more than that twice over: what one request may take is bounded anyway."""
    default = dict(re.findall(r"^#(max_memory|local_cache) = (\S+)$",
                              (SOURCE / "docs" / "curt.conf.example").read_text(encoding="utf-8"), re.MULTILINE))
    unit = settings(UNIT)
    workers = int(re.search(r"--workers (\d+)", unit["ExecStart"])[1])
    needed = workers * (megabytes(default["max_memory"]) + 16) + megabytes(default["local_cache"])
    assert 2 * needed <= megabytes(unit["MemoryMax"]) <= 3 * needed
    assert unit["OOMPolicy"] == "continue"     # the parent replaces a worker; the unit goes on
