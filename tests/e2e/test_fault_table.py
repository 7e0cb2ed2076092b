# SPDX-License-Identifier: MIT
"""docs/faults.md names the test of each of its rows: they are there."""

import pathlib
import re

import pytest

from conftest import SOURCES

ROWS = [line for line in (SOURCES / "docs" / "faults.md").read_text(encoding="utf-8").splitlines()
        if re.match(r"\| (?!what fails|-)", line)]


@pytest.mark.parametrize("row", ROWS, ids=[row.split(" | ")[0][2:] for row in ROWS])
def test_a_row_is_shown_by_tests(row):
    what, *_, shown_by = row.strip("| ").split(" | ")
    tests = re.findall(r"`(tests/[^`]+)`", shown_by)
    assert tests, what
    for test in tests:
        path, _, name = test.partition("::")
        text = pathlib.Path(SOURCES / path).read_text(encoding="utf-8")
        begins = "def " if path.endswith(".py") else "static void "
        assert not name or f"\n{begins}{name}(" in text, test


def test_there_are_rows():
    assert len(ROWS) > 30
