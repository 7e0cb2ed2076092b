# SPDX-License-Identifier: MIT
"""What `curtctl import` says of a file, before it is imported and afterwards."""

import json
import os

import pytest

from test_curtctl import FAILED, OK, Curtctl

NUMBER = iter(range(10**6))
LINES_OF_A_KIND = 20        # IMPORT_PRINT_ROWS
LONG = "long " * 60 + "ä"


@pytest.fixture
def ctl(stack, hosts):
    return Curtctl(stack.installation.curtctl, hosts("lighttpd").config)


def name():
    """A new one each time: the stack is shared."""
    return f"report{os.getpid()}n{next(NUMBER)}"


def lines_of(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def kinds(counts, of):
    return {kind["kind"]: (kind["rows"], kind["line"], kind["code"]) for kind in counts[of]}


def mixed_file():
    """(The text, its codes, the expected kinds of changes and of refusals)"""
    codes = [name() for _ in range(8)]
    word = f"{name()}-shit"
    rows = [
        {"code": codes[0], "long_url": "https://example.com/0"},
        {"code": codes[1], "long_url": "https://example.com/1", "title": "two\r\nlines"},
        {"code": codes[2], "long_url": "https://example.com/2", "title": LONG, "tags": ["x" * 51, "y"]},
        {"code": codes[3], "long_url": "https://example.com/3", "title": LONG},
        {"code": word, "long_url": "https://example.com/4"},
        {"long_url": f"https://example.com/{codes[4]}"},
        {"long_url": f"https://example.com/{codes[4]}"},
        {"code": codes[0], "long_url": "https://example.com/0"},
        {"code": codes[0], "long_url": "https://example.com/other"},
        {"code": codes[5], "long_url": "https://example.com/5", "aliases": [codes[1]]},
        {"code": "metrics", "long_url": "https://example.com/6"},
        {"code": codes[6], "long_url": "ftp2://example.com/7"},
        {"code": codes[7], "long_url": "https://example.com/8", "owner": "nobody-of-that-name"}]
    changes = {"title_line": (1, 2, codes[1]), "title_cut": (2, 3, codes[2]), "tag_cut": (1, 3, codes[2]),
               "code_offensive": (1, 5, word), "code_generated": (1, 6)}
    refusals = {"code_twice": (1, 9, codes[0]), "alias_taken": (1, 10, codes[5]), "code_path": (1, 11, "metrics"),
                "url_invalid": (1, 12, codes[6]), "owner_unknown": (1, 13, codes[7])}
    return lines_of(rows), [*codes[:4], word], changes, refusals


def test_a_dry_run_says_what_the_import_does(ctl, stack, any_client):
    text, codes, changes, refusals = mixed_file()
    ids = stack.sql("SELECT next_id FROM sequence")
    reports = []
    for option in (["--dry-run"], []):
        links = stack.sql("SELECT COUNT(*) FROM link")
        *lines, counts = ctl.json("import", *option, "-", stdin=text, status=FAILED)
        assert counts["dry_run"] is bool(option)
        assert (counts["imported"], counts["changed"], counts["present"], counts["conflicts"],
                counts["refused"]) == (6, 5, 2, 2, 3)
        found = kinds(counts, "changes")
        found["code_generated"] = found["code_generated"][:2]      # a dry run generates none
        assert found == changes and kinds(counts, "refusals") == refusals
        assert {(line["line"], line["kind"]) for line in lines} == {(row[1], kind) for kind, row in refusals.items()}
        reports.append(lines)
        if option:
            assert stack.sql("SELECT COUNT(*) FROM link") == links and stack.sql("SELECT next_id FROM sequence") == ids
            assert any_client.get(codes[0]).status == 404
    assert sorted(map(str, reports[0])) == sorted(map(str, reports[1]))
    for code in codes:
        ctl("link", "show", code)
    [cut] = ctl.json("link", "show", codes[2])
    assert cut["title"] == LONG.encode()[:255].decode().strip() and cut["tags"] == ["x" * 50, "y"]
    [line] = ctl.json("link", "show", codes[1])
    assert line["title"] == "two lines"
    for option in (["--dry-run"], []):
        *_, counts = ctl.json("import", *option, "-", stdin=text, status=FAILED)
        assert (counts["imported"], counts["changed"], counts["present"]) == (0, 0, 8)


def test_exit_codes_of_a_dry_run(ctl):
    good = lines_of([{"code": name(), "long_url": "https://example.com/"}])
    ctl("import", "--dry-run", "-", stdin=good, status=OK)
    assert "nothing was written" in ctl.complaints
    ctl("import", "--dry-run", "-", stdin=good + "{}\n", status=FAILED)
    ctl("import", "-", stdin=good, status=OK)


def test_a_dry_run_makes_no_users(ctl, stack):
    user = name()
    text = lines_of({"code": name(), "long_url": "https://example.com/", "owner": user} for _ in range(3))
    [counts] = ctl.json("import", "--dry-run", "--make-users", "-", stdin=text)
    assert (counts["imported"], counts["users_made"]) == (3, 1)
    assert not stack.sql("SELECT id FROM user WHERE name = %s", user)


def test_the_report_for_people(ctl):
    text, codes, _, _ = mixed_file()
    output = ctl("import", "-", stdin=text, status=FAILED)
    assert output.startswith("imported\t6\nchanged\t5\npresent\t2\nconflicts\t2\nrefused\t3\n\n")
    assert f"changed\t2\t3\t{codes[2]}\tthe title cut to 255 bytes\n" in output
    assert "refused\t1\t11\tmetrics\ta code is a path of Curt itself\n" in output
    assert f"conflict\t1\t9\t{codes[0]}\tan earlier row" in output
    assert f'line 11: metrics: the alias "metrics" is a path of Curt itself\n' in ctl.complaints
    assert f"line 9: {codes[0]}: line 1 of this file has this code, and leads elsewhere\n" in ctl.complaints


def test_many_refused_rows_do_not_flood_the_terminal(ctl):
    text = lines_of([*({"code": "a/b", "long_url": "https://example.com/"} for _ in range(300)),
                     {"code": name(), "long_url": "nonsense"}])
    output = ctl("import", "-", stdin=text, status=FAILED)
    lines = ctl.complaints.splitlines()
    assert len(lines) == LINES_OF_A_KIND + 2
    assert lines[LINES_OF_A_KIND].startswith("further rows are only counted (--json prints all): ")
    assert lines[-1].startswith("line 301: ")
    assert "refused\t300\t1\ta/b\t" in output
    ctl("import", "--quiet", "-", stdin=text, status=FAILED)
    assert ctl.complaints == ""
    assert len(ctl.json("import", "-", stdin=text, status=FAILED)) == 302
    assert len(ctl.json("import", "--quiet", "-", stdin=text, status=FAILED)) == 1


def test_a_terminal_sees_no_control_characters(ctl):
    row = {"code": "a\x1b[31mb", "long_url": "https://example.com/"}
    other = {"code": name(), "long_url": "https://example.com/", "owner": "\x1b]0;title\x07"}
    output = ctl("import", "-", stdin=lines_of([row, other]), status=FAILED)
    assert "\x1b" not in output + ctl.complaints and "\x07" not in ctl.complaints


def test_blocked_destinations_are_forced(stack, hosts):
    blocked = stack.place.write("import-blocked.txt", "blocked.example\n")
    ctl = Curtctl(stack.installation.curtctl, hosts("lighttpd").config)
    code = name()
    text = lines_of([{"code": code, "long_url": "https://www.blocked.example/"}])
    variables = {"CURT_LINKS_BLOCKED_FILE": blocked}
    *_, counts = ctl.json("import", "-", stdin=text, status=FAILED, **variables)
    assert kinds(counts, "refusals") == {"url_blocked": (1, 1, code)}
    [counts] = ctl.json("import", "--force", "-", stdin=text, **variables)
    assert kinds(counts, "changes") == {"url_blocked": (1, 1, code)}
    alias = name()
    ctl("link", "add", "--alias", alias, "https://blocked.example/", status=FAILED, **variables)
    ctl("link", "add", "--force", "--alias", alias, "https://blocked.example/", **variables)


def test_link_add_names_the_rule_and_forces_it(ctl):
    for alias, why in (("api", "a path of Curt itself"), ("blog", "a site is likely to need it"),
                       ("my-shit", "an offensive word")):
        ctl("link", "add", "--alias", alias, "https://example.com/", status=FAILED)
        assert why in ctl.complaints
    ctl("link", "add", "--force", "--alias", "api", "https://example.com/", status=FAILED)
    ctl("link", "add", "--force", "--alias", "my-shit", "https://example.com/")
    ctl("link", "rm", "my-shit")
