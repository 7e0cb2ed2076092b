# SPDX-License-Identifier: MIT
"""Files that people import: tables that a spreadsheet saved, and what other shorteners export."""

import csv
import gzip
import io
import json
import os
import random
import shutil
import subprocess
import zipfile

import pytest

from stack.process import environment
from test_curtctl import FAILED, Curtctl

NUMBER = iter(range(10**6))
ROWS = 10_000


@pytest.fixture
def ctl(stack, hosts):
    return Curtctl(stack.installation.curtctl, hosts("lighttpd").config)


def name():
    """A new one each time: the stack is shared."""
    return f"file{os.getpid()}n{next(NUMBER)}"


def links(owner):
    """Links with what a spreadsheet may damage, with times of whole minutes."""
    odd = ["", "a, b; c d|e", 'He said "hi"', "Käse € 💩", " blanks at the ends ", "=1+1", "-x", "'quoted",
           "TRUE", "1e5"]
    for i, title in enumerate(odd):
        code = name()
        yield {"code": code, "aliases": [code, name()] if i % 2 else [code],
               "long_url": f"https://example.com/{i}?a,b;c|d&q=%2B'%22", "title": title or None,
               "tags": sorted({"one", "two; three, four", f"t{i}"}) if i % 3 else [],
               "redirect_status": 307 if i % 2 else 302, "forward_query": i % 2 == 0,
               "created_at": f"2020-0{i % 9 + 1}-11T10:2{i}:00Z",
               "updated_at": f"2021-0{i % 9 + 1}-11T10:2{i}:00Z",
               "starts_at": "2020-01-01T00:00:00Z" if i % 4 == 0 else None,
               "expires_at": f"2031-12-31T23:5{i}:00Z" if i % 2 else None,
               "max_clicks": 10 + i if i % 5 == 0 else None, "used": i if i % 5 == 0 else None,
               "clicks": i * 7, "owner": owner}


def saved_by_a_spreadsheet(text, delimiter, encoding, quoting):
    """The rows as a spreadsheet saves them: its words for flags, its form of times, its line ends."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n", quoting=quoting)
    for row in csv.reader(io.StringIO(text, newline="")):
        cells = [{"true": "TRUE", "false": "FALSE"}.get(cell, cell) for cell in row]
        writer.writerow([cell.replace("T", " ").removesuffix(":00Z") if cell.endswith(":00Z") else cell
                         for cell in cells])
    writer.writerow([""] * len(row))
    return out.getvalue().encode(encoding)


@pytest.mark.parametrize("delimiter, encoding, quoting, spreadsheet", [
    (",", "utf-8-sig", csv.QUOTE_MINIMAL, False), (";", "utf-8-sig", csv.QUOTE_ALL, False),
    ("\t", "utf-16", csv.QUOTE_MINIMAL, False), (",", "utf-8", csv.QUOTE_ALL, True)])
def test_a_spreadsheet_saves_an_export(ctl, tmp_path, delimiter, encoding, quoting, spreadsheet):
    owner = name()
    given = list(links(owner))
    text = "".join(json.dumps(link) + "\n" for link in given)
    *_, counts = ctl.json("import", "--make-users", "-", stdin=text)
    assert counts["imported"] == len(given)
    before = ctl("export", "--owner", owner, "--format", "csv")
    exported = tmp_path / "links.csv"
    ctl("export", "--owner", owner, *(["--spreadsheet"] if spreadsheet else []), exported)
    saved = tmp_path / "saved.txt"
    saved.write_bytes(saved_by_a_spreadsheet(exported.read_bytes().decode(), delimiter, encoding, quoting))
    for link in given:
        ctl("link", "rm", link["code"])
    arguments = ["--spreadsheet"] if spreadsheet else []
    *_, counts = ctl.json("import", *arguments, saved, status=None)
    assert counts["imported"] == len(given), ctl.complaints
    assert counts["refused"] == counts["conflicts"] == 0
    assert ctl("export", "--owner", owner, "--format", "csv") == before


# What ssconvert, of Gnumeric, writes: words for flags, and times in the form of the user's language.
GNUMERIC = ["separator=, eol=windows", "separator=; quoting-mode=always eol=windows", "separator='\t' charset=UTF-16LE"]


@pytest.mark.skipif(not shutil.which("ssconvert"), reason="gnumeric is not installed")
@pytest.mark.parametrize("form", GNUMERIC)
def test_gnumeric_saves_an_export(ctl, tmp_path, form):
    """As a workbook, and as a table again."""
    owner = name()
    given = [link for link in links(owner) if link["title"] != "1e5"]    # a number, which it writes out
    ctl("import", "--make-users", "-", stdin="".join(json.dumps(link) + "\n" for link in given))
    before = ctl("export", "--owner", owner, "--format", "csv")
    exported, book, saved = tmp_path / "links.csv", tmp_path / "links.xlsx", tmp_path / "saved.txt"
    ctl("export", "--owner", owner, "--spreadsheet", exported)
    for command in ([exported, book], ["-O", f"format=automatic {form}", book, saved]):
        subprocess.run(["ssconvert", *command], check=True, capture_output=True, timeout=120,
                       env={**environment(), "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"})
    assert b"FALSE" in saved.read_bytes().replace(b"\0", b"")
    for link in given:
        ctl("link", "rm", link["code"])
    *_, counts = ctl.json("import", "--spreadsheet", saved, status=None)
    assert (counts["imported"], counts["refused"]) == (len(given), 0), ctl.complaints
    assert ctl("export", "--owner", owner, "--format", "csv") == before


def seconds(i):
    return f"{i // 3600 % 24:02}:{i // 60 % 60:02}:{i % 60:02}"


# The files of other shorteners by their columns: the header, the delimiter, a row, and the cells that are a fault.
PEERS = {
    "Bitly": ("Bitlink,Long URL,Title,Tags,Created,Total Clicks", ",",
              lambda i, code: [f"bit.ly/{code}", f"https://example.com/{i}", f"Title {i}", "x,y",
                               f"2020-10-26T{seconds(i)}+0000", i],
              {4: "yesterday"}),
    "YOURLS": ("keyword,url,title,timestamp,ip,clicks", ",",
               lambda i, code: [code, f"https://example.com/{i}", f"Title {i}", f"2013-04-06 {seconds(i)}",
                                "192.0.2.1", i],
               {1: "javascript:alert(1)"}),
    "Shlink": ("Long URL;Tags;Domain;Short code;Title", ";",
               lambda i, code: [f"https://example.com/{i}", "x|y", "", code, f"Title; {i}"], {0: "https://"}),
    "Kutt": ("id,address,target,description,password,banned,visit_count,expire_in,created_at,domain_id", ",",
             lambda i, code: [i, code, f"https://example.com/{i}", f"Title {i}", "", "false", i,
                              "2 hours" if i % 2 else "", f"2024-05-01 {seconds(i)}.123+00", ""], {5: "true"}),
    "Rebrandly": ("id,slashtag,destination,title,createdAt,tags,clicks,domainName", ",",
                  lambda i, code: [i, code, f"https://example.com/{i}", f"Title {i}",
                                   f"2021-02-03T{seconds(i)}.000Z", "x,y", i, "rebrand.ly"],
                  {2: ""}),
    "Dub": ("domain,key,url,title,expiresAt,password,ios,geo,archived,clicks,createdAt", ",",
            lambda i, code: ["dub.sh", code, f"https://example.com/{i}", f"Title {i}", "2031-01-01T00:00:00.000Z",
                             "", "", "{}", "false", i, f"2024-01-01T{seconds(i)}.000Z"], {4: "03/04/2031"}),
    "tiny.cc": ("url;short_id;note", ";", lambda i, code: [f"https://example.com/{i}", code, f"Note {i}"], {1: "a/b"}),
}


def odd(kind, cells, code, fault):
    """The row with a fault for which it is refused, or with something that is changed."""
    if kind == "cells":
        return [fault.get(k, cell) for k, cell in enumerate(cells)]
    if kind == "more":
        return [*cells, "", "more"]
    if kind == "bytes":
        return [f"{cell}\udce4" if str(cell).startswith(("Title", "Note")) else cell for cell in cells]
    if kind == "code":
        return [str(cell).replace(code, code.replace("n", "n ")) for cell in cells]
    return [f" {cell} " if code in str(cell) else cell for cell in cells]


@pytest.mark.parametrize("peer", PEERS)
def test_files_of_other_shorteners(ctl, tmp_path, peer):
    """Of 10,000 rows 1 % have a fault: those are refused with their line, the others are imported. Another 1 % are
    changed, and counted."""
    header, delimiter, row, fault = PEERS[peer]
    strange = random.Random(peer).sample(range(ROWS), 200)
    kinds = {i: ("cells", "more", "bytes", "code")[n % 4] if n < 100 else "blanks" for n, i in enumerate(strange)}
    faulty, prefix = set(strange[:100]), name()
    file = tmp_path / "export.txt"
    with file.open("w", newline="", errors="surrogateescape") as out:
        writer = csv.writer(out, delimiter=delimiter)
        writer.writerow(header.split(delimiter))
        for i in range(ROWS):
            cells = row(i, f"{prefix}-{i}")
            writer.writerow(odd(kinds[i], cells, f"{prefix}-{i}", fault) if i in kinds else cells)
    *lines, report = ctl.json("import", file, status=FAILED)
    assert (report["imported"], report["refused"], report["conflicts"]) == (ROWS - 100, 100, 0)
    assert {line["line"] for line in lines} == {i + 2 for i in faulty} and all(line["why"] for line in lines)
    changes = {change["kind"]: change["rows"] for change in report["changes"]}
    assert changes["code_trimmed"] == 100, changes
    assert report["file"] == peer
    good = next(i for i in range(7, ROWS) if i not in faulty)
    [shown] = ctl.json("link", "show", f"{prefix}-{good}")
    assert shown["long_url"] == f"https://example.com/{good}"
    assert shown["title"] in (f"Title {good}", f"Title; {good}", f"Note {good}")
    if "clicks" in header.lower() or "visit_count" in header:
        assert shown["clicks"] == good and shown["created_at"].endswith(f"{seconds(good)}Z")
    *_, again = ctl.json("import", file, status=FAILED)
    assert (again["imported"], again["present"], again["refused"]) == (0, ROWS - 100, 100)


def test_a_map_explains_any_table(ctl):
    code = name()
    text = f"slug|target page|when|note\n{code}|https://example.com/|2026-07-10 10:00|x\n"
    ctl("import", "--map", "slug=code, target page=long_url, when=created_at", "--time-zone", "Europe/Berlin", "-",
        stdin=text)
    [shown] = ctl.json("link", "show", code)
    assert shown["created_at"] == "2026-07-10T08:00:00Z" and shown["long_url"] == "https://example.com/"
    ctl("import", "-", stdin=text, status=FAILED)
    assert "--map" in ctl.complaints


def test_options_that_are_wrong_are_named(ctl):
    for option, value in (("delimiter", "x"), ("delimiter", ""), ("date-order", "ymd"), ("time-zone", "Mars/Sol")):
        ctl("import", f"--{option}={value}", "-", status=2)
        assert option in ctl.complaints


def test_files_that_are_something_else(ctl, tmp_path):
    packed = tmp_path / "links.csv"
    packed.write_bytes(gzip.compress(b"code,long_url\n"))
    ctl("import", packed, status=FAILED)
    assert "zcat" in ctl.complaints
    with zipfile.ZipFile(packed, "w") as book:
        book.writestr("[Content_Types].xml", "<Types/>")
    ctl("import", packed, status=FAILED)
    assert "XLSX" in ctl.complaints
    packed.write_text("<!doctype html><title>Sign in</title>")
    ctl("import", packed, status=FAILED)
    assert "HTML" in ctl.complaints
