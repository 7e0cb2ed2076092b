# SPDX-License-Identifier: MIT
"""Import and export in the pages, in a real Chromium: the same links and files as by curtctl, whatever happens meanwhile."""

import contextlib
import csv
import io
import json
import os
import signal
from collections import Counter

import pytest

from browser import Keys
from stack.process import wait_until
from test_curtctl import Curtctl
from test_import_files import PEERS, name
from test_pages import SIZES, axe, browser, page, with_pages  # noqa: F401 (fixtures)
from test_pages_members import client, rows, sign_in, site, user  # noqa: F401 (fixtures)
from test_transfer_api import Upload, counted, peer_file, without_codes

FAST = 10**9
COUNTS = ["imported", "changed", "present", "conflicts", "refused"]


@pytest.fixture
def ctl(stack, site):
    return Curtctl(stack.installation.curtctl, site.config)


@pytest.fixture
def files(page, tmp_path):
    """The folder in which downloads arrive."""
    into = tmp_path / "downloads"
    into.mkdir()
    page.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(into)})
    return into


@pytest.fixture
def transfer(page, site, user, files):
    """A page with the session of `user`, at the imports and exports."""
    sign_in(page, site, user.key, "transfer")
    page.one("input[name=file]")
    return page


def downloaded(files, wanted):
    wait_until(lambda: (files / wanted).is_file() and not list(files.glob("*.crdownload")), 20, f"the download of {wanted}")
    return (files / wanted).read_bytes()


def choose(page, tmp_path, content, called="links.csv"):
    path = tmp_path / called
    path.write_bytes(content)
    page.one("input[name=file]").send_keys(str(path))
    return path


def press_import(page):
    page.one("form button[type=button]").click()


def reported(page):
    """The counts of the report."""
    shown = page.run("return [...document.querySelectorAll('.report dd')].map((one) => Number(one.textContent.replaceAll(',', '')))")
    return dict(zip(COUNTS, shown))


def throttle(page, bytes_a_second, offline=False):
    """Lets the page send so many bytes a second; none when it is offline."""
    page.driver.set_network_conditions(offline=offline, latency=0, download_throughput=FAST, upload_throughput=bytes_a_second)


@pytest.fixture(autouse=True)
def unthrottled(browser):
    yield
    browser.driver.delete_network_conditions()


# --- imports ---


@pytest.mark.parametrize("peer", PEERS)
def test_files_of_other_shorteners(transfer, ctl, tmp_path, files, peer):
    """A trial and the import say what `curtctl import --dry-run` says; what was left out can be downloaded."""
    path = choose(transfer, tmp_path, peer_file(peer, name()))
    *lines, report = ctl.json("import", "--dry-run", path, status=None)
    transfer.click("Try without importing")
    transfer.says("What importing links.csv would do", ".report h3")
    expected = {count: report[count] for count in COUNTS}
    assert reported(transfer) == expected
    transfer.says(f"Read as a file of {peer}.", ".report")
    assert len(transfer.all(".report .scroll")[-1].find_elements("css selector", "tbody tr")) == 10
    kinds = Counter(line["kind"] for line in lines) + Counter({one["kind"]: one["rows"] for one in report["changes"]})
    assert sorted(int(row.text.split()[0].replace(",", "")) for row in transfer.all(".report tr:has(td[lang])")) == sorted(kinds.values())
    press_import(transfer)
    transfer.says("links.csv was imported", ".report h3")
    assert reported(transfer) == expected
    transfer.one(".report a[download]").click()
    table = list(csv.DictReader(io.StringIO(downloaded(files, "not-imported.csv").decode(), newline="")))
    assert sorted((int(row["line"]), row["code"], row["kind"], row["why"]) for row in table) == sorted(
        (line["line"], line["code"] or "", line["kind"], line["why"]) for line in lines)


def test_each_option_reaches_the_import(page, stack, site, tmp_path, client):
    code, owner = name(), name()
    sign_in(page, site, stack.key, "transfer")
    choose(page, tmp_path, f"Where|Short|When|Whose|More\nhttps://example.com/a|{code}|03/04/2031 10:00|{owner}|x\n".encode())
    page.one("details summary").click()
    for option, text in (("time_zone", "Europe/Berlin"), ("map", "Where=long_url,Short=code,When=expires_at,Whose=owner")):
        page.fill(f"input[name={option}]", text)
    page.one("select[name=date_order] option[value=dmy]").click()
    page.one("select[name=delimiter] option[value='|']").click()
    for option in ("skip_unknown", "keep_owners", "make_users"):
        page.one(f"input[name={option}]").click()
    press_import(page)
    page.says("links.csv was imported", ".report h3")
    page.says("Columns passed over: More.", ".report")
    link = client.show(code).json
    assert (link["long_url"], link["owner"], link["expires_at"]) == ("https://example.com/a", owner, "2031-04-03T08:00:00Z")


@pytest.mark.parametrize("content, said", [
    (b"\x1f\x8b\x08\x00" + bytes(50), "gzip"), (b"<!DOCTYPE html><html></html>", "HTML"), (b"a,b\n1,2\n", "column")])
def test_what_is_no_file_of_links_is_said(transfer, tmp_path, content, said):
    choose(transfer, tmp_path, content)
    press_import(transfer)
    transfer.says(said, "[role=alert].error")
    assert not transfer.all(".report")


def test_without_a_file_nothing_is_sent(transfer):
    transfer.click("Try without importing")
    transfer.says("Choose a file.", ".field .error")


def test_a_file_that_changes_meanwhile_is_not_mixed(transfer, tmp_path):
    path = choose(transfer, tmp_path, without_codes(4000))
    throttle(transfer, 100_000)
    press_import(transfer)
    transfer.until(lambda: reported(transfer).get("imported"), "a chunk")
    path.write_bytes(b"something else")
    transfer.says("changed or moved", "[role=alert].error")


def test_the_connection_is_lost(transfer, user, tmp_path):
    """It says so, and continues where it was; rows without codes are one link each."""
    choose(transfer, tmp_path, without_codes(6000))
    throttle(transfer, 200_000)
    press_import(transfer)
    transfer.until(lambda: reported(transfer).get("imported"), "a chunk")
    throttle(transfer, FAST, offline=True)
    transfer.says("Interrupted; it goes on by itself.", ".progress")
    assert transfer.one("progress").get_attribute("value") not in ("0", "1")
    throttle(transfer, FAST)
    transfer.says("links.csv was imported", ".report h3")
    counts = reported(transfer)
    assert counts["imported"] + counts["present"] == 6000
    found = counted(user)
    assert len(found) == 6000 and set(found.values()) == {1}
    transfer.driver.get_log("browser")


def test_workers_are_killed_meanwhile(transfer, user, site, tmp_path):
    choose(transfer, tmp_path, without_codes(9000))
    press_import(transfer)
    for turn in range(4):
        transfer.until(lambda: reported(transfer).get("imported", 0) > turn * 1000, "a chunk")  # pylint: disable=cell-var-from-loop
        for pid in site.web.worker_pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    wait_until(lambda: "was imported" in transfer.text(".report h3"), 60, "the end of the import")
    counts = reported(transfer)
    assert counts["imported"] + counts["present"] == 9000
    found = counted(user)
    assert len(found) == 9000 and set(found.values()) == {1}
    transfer.driver.get_log("browser")


def test_it_is_stopped_and_continued(transfer, user, tmp_path, files):
    choose(transfer, tmp_path, without_codes(5000) + b"spring/x,https://example.com/,\n")
    throttle(transfer, 200_000)
    press_import(transfer)
    transfer.until(lambda: reported(transfer).get("imported"), "a chunk")
    transfer.click("Stop")
    transfer.says("Stopped.", "[role=alert]")
    transfer.says("links.csv so far", ".report h3")
    assert 0 < reported(transfer)["imported"] < 5000 and not transfer.all("progress")
    throttle(transfer, FAST)
    transfer.click("Continue")
    transfer.says("links.csv was imported", ".report h3")
    counts = reported(transfer)
    assert counts["imported"] + counts["present"] == 5000 and counts["refused"] == 1
    assert set(counted(user).values()) == {1}
    transfer.one(".report a[download]").click()
    assert downloaded(files, "not-imported.csv").decode().splitlines()[1].startswith("10002,spring/x,code_invalid,")


def test_it_goes_on_while_other_pages_are_shown(transfer, user, tmp_path):
    """Also after one has to sign in again."""
    choose(transfer, tmp_path, without_codes(6000))
    throttle(transfer, 50_000)
    press_import(transfer)
    transfer.until(lambda: reported(transfer).get("imported"), "a chunk")
    transfer.click("Tools")
    transfer.until(lambda: not transfer.all("input[name=file]"), "another page")
    throttle(transfer, FAST, offline=True)
    assert user.request("DELETE", "api/v1/sessions", headers={"X-Api-Key": user.key}).status == 200
    throttle(transfer, FAST)
    transfer.click("Sign in")
    transfer.one("input[name=key]").send_keys(user.key, Keys.ENTER)
    transfer.click("Import, export")
    transfer.click("Continue")
    transfer.says("links.csv was imported", ".report h3")
    counts = reported(transfer)
    assert counts["imported"] + counts["present"] == 6000 and set(counted(user).values()) == {1}


def test_an_import_by_keyboard_alone(transfer, user, tmp_path):
    code = name()
    transfer.tab_to("input[name=file]")
    choose(transfer, tmp_path, json.dumps({"code": code, "long_url": "https://example.com/"}).encode(), "links.jsonl")
    transfer.type(Keys.TAB, Keys.TAB, Keys.ENTER)
    transfer.says("What importing links.jsonl would do", ".report h3")
    assert user.show(code).status == 404
    transfer.press(Keys.TAB)
    transfer.press(Keys.ENTER)
    transfer.says("links.jsonl was imported", ".report h3")
    assert user.show(code).status == 200


# --- exports ---


@pytest.mark.parametrize("format_name, arguments", [
    ("csv", ["--format", "csv"]), ("spreadsheet", ["--format", "csv", "--spreadsheet"]), ("jsonl", ["--format", "jsonl"])])
def test_an_export_is_the_file_of_curtctl(transfer, user, ctl, tmp_path, files, format_name, arguments):
    prefix = name()
    given = "".join(json.dumps({"code": f"{prefix}-{i}", "long_url": f"https://example.com/{i}?{'ä,' * 10}", "title": "=1+1, \"two\"",
                                "tags": ["a", "b; c"]}) + "\n" for i in range(1200))
    Upload(user, given.encode()).run()
    ctl("export", "--owner", user.name, *arguments, tmp_path / "whole")
    transfer.one(f"select[name=format] option[value={format_name}]").click()
    transfer.click("Export")
    assert downloaded(files, "links.jsonl" if format_name == "jsonl" else "links.csv") == (tmp_path / "whole").read_bytes()
    transfer.says("The export is done.", ".said")


def test_an_admin_exports_the_links_of_one_owner(page, stack, site, user, files):
    user.create("https://example.com/", custom_alias=f"{name()}-x")
    sign_in(page, site, stack.key, "transfer")
    page.one("select[name=format] option[value=jsonl]").click()
    page.fill("input[name=export-owner]", user.name)
    page.one("input[name=export-owner]").send_keys(Keys.ENTER)
    [link] = [json.loads(line) for line in downloaded(files, "links.jsonl").splitlines()]
    assert link["owner"] == user.name


def test_an_export_waits_for_the_connection(transfer, user, files, tmp_path):
    Upload(user, without_codes(80)).run()
    throttle(transfer, FAST, offline=True)
    transfer.click("Export")
    transfer.says("Interrupted; it goes on by itself.", ".progress")
    throttle(transfer, FAST)
    assert downloaded(files, "links.csv").count(b"https://") == 80
    transfer.driver.get_log("browser")


# --- for everybody ---


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_imports_and_exports_are_accessible(browser, stack, site, axe, tmp_path, size, dark, language):
    content = f"code,long_url,title\n{name()},https://example.com/{'long/' * 60},One\na/b,https://example.com/,Two\n{name()},,\n"
    with browser.page(dark=dark, language=language, still=True, **SIZES[size]) as page:
        sign_in(page, site, stack.key, "transfer")
        page.one("details summary").click()
        choose(page, tmp_path, content.encode())
        page.one("form button[type=submit]").click()
        page.one(".report")
        found = {"trial": page.violations(axe)}
        assert not page.is_wider_than_the_window()
        throttle(page, FAST, offline=True)
        press_import(page)
        page.one(".progress .bad")
        found["waiting"] = page.violations(axe)
        assert not page.is_wider_than_the_window()
        page.one(".progress button").click()
        page.until(lambda: not page.all(".progress"), "it has stopped")
        found["stopped"] = page.violations(axe)
        throttle(page, FAST)
        page.driver.get_log("browser")
        assert {name: all_of for name, all_of in found.items() if all_of} == {}
        assert page.refused() == []
