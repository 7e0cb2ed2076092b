# SPDX-License-Identifier: MIT
"""Each test that docs/faults.md and docs/hardening.md name exists."""

import pathlib
import re

import pytest

from conftest import SOURCES


def rows_of(name, begins=""):
    """The rows of the tables that come after these words in a document, without headings."""
    text = (SOURCES / "docs" / name).read_text(encoding="utf-8")
    return [line for line in text[text.index(begins):].splitlines() if re.match(r"\| (?!what fails|fault |-)", line)]


FAULTS = rows_of("faults.md")
MENDED = rows_of("hardening.md", "## Faults that there were")
ROWS = FAULTS + MENDED


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
    assert len(FAULTS) > 30 and len(MENDED) == 18
