# SPDX-License-Identifier: MIT
"""script/bench's command line, and what it reads; what it measures is for reading, not for passing."""

import json
import subprocess

import pytest

from benchmarks import __main__ as bench
from benchmarks import bodies, load, report, versus, yourls
from benchmarks.result import Result
from stack.process import Failed


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as end:
        bench.parse(arguments)
    assert end.value.code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("arguments, said", [
    (["--only", "nothing"], "nothing"),
    (["--rounds", "0"], "0"),
    (["run", "100"], "scale"),
    (["scale", "100"], "two sizes"),
    (["scale", "100", "100"], "two sizes"),
    (["--only", "instructions"], "with --before"),
    (["--only", "zipf", "--before", "build"], "without --before"),
    (["scale", "--before", "build"], "one build"),
    (["--yourls", "/nowhere"], "/nowhere"),
    (["--only", "yourls", "--yourls", "/nowhere"], "/nowhere"),
])
def test_what_is_wrong_is_named(capsys, monkeypatch, arguments, said):
    monkeypatch.setattr(yourls, "PACKAGES", {})
    assert said in refused(capsys, *arguments)


def test_yourls_is_measured_only_when_it_is_there(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(yourls, "PACKAGES", {"php-one": lambda: False, "php-two": lambda: True})
    assert "install php-one\n" in refused(capsys, "--only", "yourls", "--yourls", str(tmp_path))
    monkeypatch.setattr(yourls, "PACKAGES", {})
    assert "--yourls" in refused(capsys, "--only", "yourls")
    version = tmp_path / "includes" / "version.php"
    version.parent.mkdir()
    version.write_text("<?php\ndefine( 'YOURLS_VERSION', '1.9' );\n", encoding="utf-8")
    assert f"is not YOURLS {yourls.VERSION}" in refused(capsys, "--yourls", str(tmp_path))
    version.write_text(f"<?php\ndefine( 'YOURLS_VERSION', '{yourls.VERSION}' );\n", encoding="utf-8")
    assert bench.parse(["--yourls", str(tmp_path)]).yourls == tmp_path
    monkeypatch.setattr(yourls, "PACKAGES", {"php-one": lambda: False})
    assert bench.parse([]).yourls is None           # all the rest can be measured


def test_quick_is_shorter_but_what_is_asked_for_wins():
    quick, whole = bench.parse(["--quick", "--seconds", "9"]), bench.parse([])
    assert quick.rounds < whole.rounds and quick.links < whole.links and quick.seconds == 9
    assert bench.parse(["scale", "100000", "20000000"]).sizes == [100_000, 20_000_000]


RESULT = {"requests": 1000, "duration_us": 500_000, "p50_us": 1, "p99_us": 2, "max_us": 3, "slow": 0,
          "refused": 0, "broken": 0}


def wrk_that_says(monkeypatch, said):
    monkeypatch.setattr(subprocess, "run", lambda argv, **_: subprocess.CompletedProcess(argv, 0, said))


def test_what_wrk_says_is_read(monkeypatch):
    wrk_that_says(monkeypatch, f"Running 1s test\n\nRESULT {json.dumps(RESULT)}\n")
    assert load.wrk("http://127.0.0.1/", 1).rate == 2000


@pytest.mark.parametrize("said", ["unable to connect", f"RESULT {json.dumps({**RESULT, 'requests': 0})}"])
def test_a_load_that_measured_nothing_is_an_error(monkeypatch, said):
    wrk_that_says(monkeypatch, said)
    with pytest.raises(Failed, match="measured nothing"):
        load.wrk("http://127.0.0.1/", 1)


def test_rows_are_ratios_with_what_they_should_be():
    result = Result("edge", "a cache", must=0.6, aim=0.75, measured_unit="/s")
    for measured, baseline in ((60, 100), (80, 100), (2000, 1000)):
        result.add(measured, baseline)
    assert (result.median, min(result.values), max(result.values)) == (0.8, 0.6, 2.0)
    assert report.row(result) == ("a cache", "0.80 ×", "", "0.60 – 2.00", "80.0 to 100 /s", "≥ 0.6", "≥ 0.75")
    lower = Result("tail", "a tail", "ms", 4, lower=True, values=[1234.5])
    assert report.row(lower) == ("a tail", "1,234 ms", "", "", "", "≤ 4", "")


def test_the_median_has_bounds_from_six_values_on():
    # Of 15 tosses of a coin 3 or fewer are heads with a probability of 0.018, 4 or fewer with 0.059; so the bounds are
    # the fourth from either end. Of 6 none is with 0.016, of 5 with 0.031.
    assert Result("a", "a", values=[3, 1, 2, 5, 4]).interval is None
    assert Result("a", "a", values=[3, 1, 2, 5, 4, 6]).interval == (1, 6)
    assert Result("a", "a", values=list(range(15, 0, -1))).interval == (4, 12)


def test_two_builds_take_turns():
    first = [versus.Side(name, None, "", "") for name in ("after", "before")]
    asked = []

    def figure(side):
        asked.append(side.name)
        return {"after": 3, "before": 4}[side.name]
    options = bench.parse(["--before", "build", "--rounds", "2"])
    result = versus.pairs(Result("a", "a"), options, first, figure)
    assert asked == ["before", "after", "after", "before"] and result.values == [0.75, 0.75]
    assert bench.parse(["--before", "build"]).rounds == 15


def test_made_bodies_follow_from_their_seed():
    create = bodies.CALLS[0]
    one, same, other = (list(bodies.bodies(create, 100, seed)) for seed in (1, 1, 2))
    assert one == same != other
    assert {family for family, _ in one} == set(bodies.FAMILIES)
    assert max(len(body) for _, body in one) == create.limit
