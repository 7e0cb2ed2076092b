# SPDX-License-Identifier: MIT
"""Generated codes and reserved words, as an admin sees them."""

import json
import pathlib
import re
import subprocess

import pytest

MISSING = 4


@pytest.fixture
def code_of(stack, hosts):
    """What curtctl code says of a text: a list of (id, code)."""
    def ask(text):
        said = stack.installation.ctl(hosts("lighttpd").config, "code", str(text))
        return [(int(id), code) for id, code in (line.split("\t") for line in said.splitlines())]
    return ask


def test_a_code_and_its_id_both_ways(stack, any_client, code_of):
    code = any_client.create("https://example.com/translated")["code"]
    (id, _), *more = code_of(code)
    assert not more or code.isdigit()
    assert stack.sql("SELECT code FROM link WHERE id = %s", id) == ((code.encode(),),)
    assert (id, code) in code_of(id)


def test_digits_may_be_either(code_of):
    """Seven digits are an id and a code."""
    as_code, as_id = code_of(1234567)
    assert as_code[1] == "1234567" and as_id[0] == 1234567
    assert as_id in code_of(as_id[1]) and as_code in code_of(as_code[0])


def test_ids_of_both_lengths(code_of):
    last_of_seven = 62**7 - 1       # ids begin at 0
    for id, length in ((1, 7), (last_of_seven, 7), (last_of_seven + 1, 8)):
        codes = [code for got, code in code_of(id) if got == id]
        assert len(codes) == 1 and re.fullmatch(r"[0-9A-Za-z]{%d}" % length, codes[0]), id
        assert (id, codes[0]) in code_of(codes[0])


@pytest.mark.parametrize("text", ["0", "not-a-code", "abc", "99999999999999999999", "a" * 12, ""])
def test_neither(stack, hosts, text):
    done = subprocess.run([stack.installation.curtctl, "--config", hosts("lighttpd").config, "code",
                           text], capture_output=True, text=True)
    assert done.returncode == MISSING and "neither" in done.stderr, done


def test_json(stack, hosts):
    said = stack.installation.ctl(hosts("lighttpd").config, "--json", "code", "42")
    assert json.loads(said)["id"] == 42


# --- reserved words ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def strict_host(stack):
    words = stack.place.write("reserved.txt", "# ours\nCompetitor\r\n  our-brand   # two words\n\n")
    host = stack.host("lighttpd", workers=1, settings={"links.reserved_file": words})
    yield host
    host.stop()


@pytest.mark.parametrize("alias,status", [
    ("competitor", 400), ("COMPETITOR", 400), ("Our-Brand", 400), ("admin", 400), ("competitors", 201),
    ("ours", 201), ("two-words", 201)])
def test_words_of_the_list_file_are_reserved(stack, strict_host, alias, status):
    answer = stack.client(strict_host).post({"long_url": "https://example.com/",
                                             "custom_alias": alias})
    if status == 400:
        answer.is_problem(400, "reserved_alias")
    assert answer.status == status


@pytest.mark.parametrize("alias", [
    "api", "urls", "shorten", "analytics", "admin", "login", "metrics", "healthz", "readyz"])
def test_every_route_of_ours_is_reserved(any_client, alias):
    for spelling in (alias, alias.upper()):
        any_client.post({"long_url": "https://example.com/", "custom_alias": spelling}).is_problem(
            400, "reserved_alias")


@pytest.mark.parametrize("alias,rule", [
    ("api", "is a path of Curt itself"), ("Metrics", "is a path of Curt itself"),
    ("login", "is reserved: a site is likely to need it"), ("competitor", "is in this site's list of reserved words"),
    ("my-shit", "has an offensive word in it")])
def test_the_refusal_names_the_rule(stack, strict_host, alias, rule):
    answer = stack.client(strict_host).post({"long_url": "https://example.com/", "custom_alias": alias})
    answer.is_problem(400, "reserved_alias")
    assert answer.json["detail"] == f'the alias "{alias}" {rule}'


@pytest.mark.parametrize("alias", ["pussycat", "Matsushita", "Nattaporn", "beslut", "Tischlampe"])
def test_harmless_words_are_aliases(any_client, alias):
    any_client.create("https://example.com/", custom_alias=alias)
    assert any_client.get(alias).status == 302
    answer = any_client.request("DELETE", f"api/v1/urls/{alias}",
                                headers={"Authorization": f"Bearer {any_client.key}"})
    assert answer.status == 200     # the next web server uses the same database


def test_a_list_that_is_not_there_is_told(stack, hosts):
    config = stack.place.write("no-list.ini", pathlib.Path(hosts("lighttpd").config).read_text()
                               + "[links]\nreserved_file = /nowhere/words\n")
    done = subprocess.run([stack.installation.curtctl, "--config", config, "doctor"],
                          capture_output=True, text=True)
    assert "/nowhere/words" in done.stdout + done.stderr and done.returncode != 0
