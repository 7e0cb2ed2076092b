# SPDX-License-Identifier: MIT
"""The admin's command line against a running Curt."""

import csv
import io
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import subprocess
import time

import pytest

from clicking import HUMAN
from stack.process import environment, wait_until

TOP = pathlib.Path(__file__).resolve().parents[2]
OK, FAILED, USAGE, CONFIG, MISSING, UNAVAILABLE = range(6)


class Curtctl:
    def __init__(self, program, config, *always):
        self.program = program
        self.config = config
        self.always = always

    def __call__(self, *arguments, status=OK, stdin="", **variables):
        """Runs it; its output. Asserts the exit status, unless that is None."""
        done = subprocess.run(
            [self.program, "--config", self.config, *self.always, *map(str, arguments)], input=stdin,
            capture_output=True, text=True, timeout=120, check=False,
            env={**environment(), **variables})
        self.complaints = done.stderr
        assert status is None or done.returncode == status, f"{done.returncode} {done.stdout}\n{done.stderr}"
        return done.stdout

    def json(self, *arguments, **options):
        """The objects it prints, one a line."""
        return [json.loads(line) for line in self("--json", *arguments, **options).splitlines()]


@pytest.fixture
def ctl(stack, hosts):
    host = hosts("lighttpd")
    made = Curtctl(stack.installation.curtctl, host.config)
    made.base_url = host.base_url
    return made


@pytest.fixture(scope="module")
def names():
    """A new name each time: the stack is shared."""
    count = iter(range(10**6))
    return lambda: f"ctl{os.getpid()}n{next(count)}"


def within_local_ttl(is_so):
    """What curtctl has changed, a host may miss for local_ttl: 5 seconds."""
    deadline = time.monotonic() + 6
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_link_from_add_to_rm(ctl, any_client, names):
    alias, other = names(), names()
    url = ctl("link", "add", "--alias", alias, "--title", "Täst", "--tag", "b", "--tag", "a b",
              "--max-clicks", "100", "HTTPS://Example.com:443/x").strip()
    assert url.endswith(f"/{alias}")
    assert any_client.get(alias, HUMAN).location == "https://example.com/x"
    [link] = ctl.json("link", "show", alias)
    assert link["title"] == "Täst" and sorted(link["tags"]) == ["a b", "b"]
    assert link["max_clicks"] == 100 and link["used"] == 1 and link["state"] == "live"
    assert link["short_url"] == url and link["code"] == alias
    ctl("link", "edit", alias, "--url", "https://example.org/new", "--alias", other,
        "--title", "", "--no-tags", "--status", "301", "--max-clicks", "none")
    for code in (alias, other):
        within_local_ttl(lambda code=code: (
            (answer := any_client.get(code)).status,
            answer.location) == (301, "https://example.org/new"))
    [link] = ctl.json("link", "show", other)
    assert link["title"] is None and link["tags"] == [] and link["max_clicks"] is None
    assert sorted(link["aliases"]) == sorted([alias, other])
    ctl("link", "rm", other)
    for code in (alias, other):
        within_local_ttl(lambda code=code: any_client.get(code).status == 404)
    ctl("link", "show", alias, status=MISSING)
    ctl("link", "rm", alias, status=MISSING)


def test_a_change_is_seen_at_once_here(ctl, any_client, names):
    """The workers of this host go on with nothing that curtctl has replaced; a short URL names a link, too."""
    alias = names()
    url = ctl("link", "add", "--alias", alias, "https://example.com/old").strip()
    assert any_client.get(alias).location == "https://example.com/old"
    ctl("link", "edit", url, "--url", "https://example.com/new")
    assert not ctl.complaints
    assert any_client.get(alias).location == "https://example.com/new"
    assert ctl.json("link", "show", f"{url}/?x=1")[0]["code"] == alias
    assert ctl.json("stats", url)[0]["code"] == alias
    ctl("link", "rm", url)
    assert any_client.get(alias).status == 404
    ctl("link", "show", "https://elsewhere.example/abc", status=MISSING)
    assert "is no short URL of this Curt" in ctl.complaints


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can work as somebody else")
def test_a_change_that_the_workers_do_not_see_is_told(ctl, any_client, names):
    alias = names()
    ctl("link", "add", "--alias", alias, "https://example.com/old")
    copy = pathlib.Path(ctl.config).parent / "readable.ini"     # workers' files are closed to others
    copy.write_text(pathlib.Path(ctl.config).read_text())
    copy.chmod(0o644)
    try:
        other = Curtctl(ctl.program, copy)
        other("--as", "nobody", "link", "edit", alias, "--title", "x")
    finally:
        copy.unlink()
    assert "(cache.local_ttl)" in other.complaints


def test_refusals_say_why_and_have_their_status(ctl, any_client, names):
    taken = any_client.create("https://example.com/", custom_alias=names())["code"]
    for status, arguments in [
            (FAILED, ["link", "add", "--alias", taken, "https://example.com/"]),
            (FAILED, ["link", "add", "javascript:alert(1)"]),
            (FAILED, ["link", "add", "--alias", "api", "https://example.com/"]),
            (FAILED, ["link", "edit", taken, "--url", "nonsense"]),
            (MISSING, ["link", "add", "--owner", "nobody-of-that-name", "https://example.com/"]),
            (MISSING, ["link", "edit", "no-such-link", "--title", "x"]),
            (MISSING, ["link", "list", "--owner", "nobody-of-that-name"]),
            (MISSING, ["key", "revoke", "4000000"]),
            (MISSING, ["user", "policy", "nobody-of-that-name"]),
            (USAGE, ["link", "add"]),
            (USAGE, ["link", "add", "--ttl", "soon", "https://example.com/"]),
            (USAGE, ["link", "add", "--ttl", "1d", "--expires", "none", "https://example.com/"]),
            (USAGE, ["link", "edit", taken]),
            (USAGE, ["link", "list", "--state", "dead"]),
            (USAGE, ["link", "list", "--limit", "0"]),
            (USAGE, ["key", "revoke", "x"]),
            (USAGE, ["import"]),
            (USAGE, ["export", "--format", "xml"]),
            (USAGE, ["export", "--spreadsheet"]),
            (USAGE, ["purge", "--share", "101"]),
            (USAGE, ["nonsense"]),
            (FAILED, ["import", "/no/such/file"])]:
        ctl(*arguments, status=status)
        assert ctl.complaints.strip(), arguments


SAID = [
    (USAGE, ["foo"], 'there is no command "foo"; curtctl --help lists them'),
    (USAGE, ["links"], 'there is no command "links"; did you mean "link"?'),
    (USAGE, ["link", "shw", "x"], 'there is no command "link shw"; did you mean "link show"?'),
    (USAGE, ["show", "x"], 'there is no command "show"; did you mean "link show"?'),
    (USAGE, ["help", "lnik"], 'did you mean "link"?'),
    (USAGE, ["link", "add", "--aliass", "x", "u"], "there is no option --aliass; did you mean --alias?"),
    (USAGE, ["link", "add", "--foo"], "there is no option --foo; curtctl help link add lists them"),
    (USAGE, ["link", "add", "--no-", "u"], "--no- may be --no-forward-query or --no-tags"),
    (USAGE, ["link", "list", "--oldest=yes"], "--oldest takes no value"),
    (USAGE, ["link", "list", "--limit"], "--limit needs a value"),
    (USAGE, ["link", "list", "-l"], "there is no option -l; options begin with two dashes"),
    (USAGE, ["link", "list", "--limit", "many"], '--limit is a number from 1 to 1000, not "many"'),
    (USAGE, ["link", "list", "--state", "dead"], '--state is live, scheduled, expired, exhausted or deleted, not "dead"'),
    (USAGE, ["link", "show"], "an argument is missing"),
    (USAGE, ["link", "show", "a", "b"], '"b" is one argument too many'),
    (USAGE, ["export", "--format", "xml"], '--format is jsonl or csv, not "xml"'),
    (USAGE, ["purge", "--share", "200"], '--share is a number from 1 to 100, not "200"'),
    (USAGE, ["stats", "--unit", "year", "x"], '--unit is hour, day, week or month, not "year"'),
    (USAGE, ["completion", "fish"], "fish is not supported"),
    (USAGE, ["flush", "--as"], "--as needs a user"),
    (USAGE, ["flush", "--as", "nobody-of-that-name"], "there is no user nobody-of-that-name"),
    (CONFIG, ["db", "migrate", "--schema", "/no/such"], "name the folder of the migrations with --schema"),
]


@pytest.mark.parametrize("status,arguments,said", SAID)
def test_what_is_wrong_is_named(ctl, status, arguments, said):
    ctl(*arguments, status=status)
    assert said in ctl.complaints
    assert not re.search(" $", ctl.complaints, re.M)


def test_help(ctl):
    everything = ctl("--help")
    assert ctl("-h") == ctl("help") == everything
    assert ctl("version") == ctl("--version")
    assert "link add" in ctl("help", "link") and "flush" not in ctl("link", "--help")
    ctl("link", status=USAGE)
    assert "link add" in ctl.complaints
    adding = ctl("link", "add", "--help")
    assert adding == ctl("help", "link", "add") == ctl("link", "add", "-h")
    assert re.search(r"^  --ttl LENGTH +how long from now", adding, re.M)
    for command in re.findall(r"^  ([a-z]+(?: [a-z]+)?)  ", everything, re.M):
        text = ctl("help", *command.split())
        usage = text.partition("\n\n")[0]
        assert all(len(line) <= 80 for line in usage.splitlines()), text
        assert not re.search(" $|  --[a-z-]+[^\n]*\n *\n +[^ ]", text, re.M), text


def test_the_configuration_by_one_word(ctl):
    done = subprocess.run([ctl.program, f"--config={ctl.config}", "config", "check"], check=True,
                          capture_output=True, text=True, env=environment())
    assert "server.base_url = " in done.stdout and not done.stderr


def test_doubtful_values_are_told(ctl, tmp_path):
    path = tmp_path / "curt.conf"
    path.write_text('[mysql]\npassword = "secret"\nuser = "a ;b"\n')
    other = Curtctl(ctl.program, path)
    other("config", "check")
    assert f"{path}:2: password of [mysql] has quotes, which are a part of it" in other.complaints
    assert f"{path}:3: user of [mysql] is cut at" in other.complaints
    assert "secret" not in other.complaints
    path.write_text("[memcached]\nservers = a:1 b:1\n")
    other("config", "check", status=CONFIG)
    assert "commas" in other.complaints


def test_lists(ctl, stack, any_client, names):
    user = names()
    ctl("key", "create", "--user", user)
    codes = [ctl.json("link", "add", "--owner", user, "--tag", user, "--alias", names(),
                      f"https://example.com/{i}")[0]["code"] for i in range(5)]
    listed = ctl.json("link", "list", "--owner", user)
    assert [link["code"] for link in listed] == codes[::-1]
    assert all(link["owner"] == user for link in listed)
    oldest = ctl.json("link", "list", "--tag", user, "--oldest", "--limit", "2")
    assert [link["code"] for link in oldest] == codes[:2]
    assert ctl.json("link", "list", "--owner", user, "--state", "expired") == []
    [found] = ctl.json("link", "list", "--owner", user, "--search", codes[3])
    assert found["long_url"] == "https://example.com/3"
    rows = [line.split("\t") for line in ctl("link", "list", "--owner", user).splitlines()]
    assert rows[0][0] == "CODE" and [row[0] for row in rows[1:]] == codes[::-1]
    assert ctl.complaints == ""
    ctl("link", "list", "--owner", user, "--limit", "2")
    assert "more" in ctl.complaints


def test_keys_end_within_local_ttl(ctl, stack, hosts, names):
    user = names()
    [key] = ctl.json("key", "create", "--user", user, "--name", "for a test")
    client = stack.client(hosts("lighttpd"))
    client.key = key["secret"]
    client.create("https://example.com/")
    [listed] = ctl.json("key", "list", "--user", user)
    assert listed["id"] == key["id"] and listed["name"] == "for a test"
    assert listed["revoked_at"] == "" and "secret" not in listed
    ctl("key", "revoke", key["id"])
    within_local_ttl(lambda: client.post({"long_url": "https://example.com/"}).status == 401)
    assert ctl.json("key", "list", "--user", user)[0]["revoked_at"]
    assert key["secret"] not in ctl("key", "list")


def test_keys_have_an_end_and_a_scope(ctl, stack, hosts, names):
    user = names()
    [key] = ctl.json("key", "create", "--user", user, "--scope", "create", "--ttl", "2s")
    assert key["scope"] == "create" and key["expires_at"]
    client = stack.client(hosts("lighttpd"))
    client.key = key["secret"]
    link = client.create("https://example.com/")
    refused = client.request("DELETE", f"api/v1/urls/{link['code']}",
                             headers={"Authorization": f"Bearer {key['secret']}"})
    refused.is_problem(403, "forbidden")
    assert refused.json["detail"] == "The API key has the scope create: this call needs manage."
    within_local_ttl(lambda: client.post({"long_url": "https://example.com/"}).status == 401)
    [listed] = ctl.json("key", "list", "--user", user)
    assert (listed["state"], listed["scope"], listed["expires_at"]) == \
        ("expired", "create", key["expires_at"])
    [_, row] = [line.split("\t") for line in ctl("key", "list", "--user", user).splitlines()]
    assert row[3] == "create" and row[5] == "expired"
    [line] = [line for line in ctl.json("doctor", "--schema", TOP / "schema")
              if line["check"] == "keys"]
    assert line["state"] == "ok" and re.search(r"\b[1-9]\d* expired", line["text"])


def test_a_key_signs_a_browser_in_once(ctl, stack, hosts, names):
    host, user = hosts("lighttpd"), names()
    [key] = ctl.json("key", "create", "--user", user, "--sign-in")
    printed = ctl("key", "create", "--user", user, "--sign-in").splitlines()
    assert printed[0].startswith("curt_") and len(printed) == 2
    [other] = ctl.json("key", "sign-in", key["id"])
    assert other["user"] == user and other["expires_at"]
    again = ctl("key", "sign-in", key["id"]).strip()
    for url in (key["sign_in_url"], printed[1], other["sign_in_url"], again):
        page, _, token = url.partition("#token=")
        assert page == f"{host.base_url}/admin/"
        client = stack.client(host)
        client.key = None
        signed_in = client.post({"token": token}, path="admin/session")
        assert (signed_in.status, signed_in.json["user"]) == (201, user)
        client.post({"token": token}, path="admin/session").is_problem(401, "unauthorized")
    assert stack.sql("SELECT COUNT(*) FROM sign_in WHERE key_id = %s", key["id"]) == ((0,),)
    ctl("key", "revoke", key["id"])
    ctl("key", "sign-in", key["id"], status=MISSING)
    ctl("key", "sign-in", 4000000, status=MISSING)
    ctl("key", "sign-in", "x", status=USAGE)
    ctl("key", "sign-in", status=USAGE)


def test_what_a_key_cannot_be(ctl, names):
    user = names()
    for options in (["--scope", "write"], ["--role", "king"], ["--ttl", "0s"], ["--ttl", "1h",
                    "--expires-at", "2099-01-01T00:00:00Z"], ["--expires-at", "2001-01-01"],
                    ["--ttl", "9999999d"], ["--name", "x" * 101]):
        ctl("key", "create", "--user", user, *options, status=USAGE)
        assert ctl.complaints.startswith("curtctl: ")
    ctl("key", "create", "--user", user)
    ctl("key", "create", "--user", user, "--role", "admin", status=FAILED)
    assert f"curtctl user role {user} admin" in ctl.complaints
    [key] = ctl.json("key", "list", "--user", user)
    assert (key["role"], key["scope"], key["state"], key["expires_at"]) == \
        ("user", "manage", "valid", "")
    ctl("key", "create", "--user", user, "--role", "user")


def listed_user(ctl, name):
    return next((user for user in ctl.json("user", "list") if user["name"] == name), None)


def test_roles_of_users(ctl, stack, hosts, names):
    user = names()
    [key] = ctl.json("key", "create", "--user", user)
    client = stack.client(hosts("lighttpd"))
    client.key = key["secret"]
    asked = {"Authorization": f"Bearer {key['secret']}"}
    assert client.get("api/v1/urls?owner=nobody-else", asked).status == 403
    ctl("user", "role", user, "admin")
    assert listed_user(ctl, user)["role"] == "admin"
    within_local_ttl(lambda: client.get("api/v1/urls?owner=nobody-else", asked).status != 403)
    ctl("key", "create", "--user", user, "--role", "admin")
    ctl("user", "role", user, "user")
    within_local_ttl(lambda: client.get("api/v1/urls?owner=nobody-else", asked).status == 403)
    others = [user["name"] for user in ctl.json("user", "list") if user["role"] == "admin"][1:]
    for admin in others:
        ctl("user", "role", admin, "user")
    [last] = [user["name"] for user in ctl.json("user", "list") if user["role"] == "admin"]
    ctl("user", "role", last, "user", status=FAILED)
    assert f"{last} is the last admin" in ctl.complaints
    ctl("user", "rm", last, "--delete-links", status=FAILED)
    assert f"{last} is the last admin" in ctl.complaints and listed_user(ctl, last)["keys"] > 0
    for admin in others:
        ctl("user", "role", admin, "admin")
    ctl("user", "role", user, "king", status=USAGE)
    ctl("user", "role", names(), "admin", status=MISSING)


def test_a_link_is_given_to_another_user(ctl, stack, hosts, names):
    ann, bob, client = names(), names(), stack.client(hosts("lighttpd"))
    keys = {user: ctl.json("key", "create", "--user", user)[0]["secret"] for user in (ann, bob)}
    client.key = keys[ann]
    url = f"https://example.com/{ann}"
    link = client.create(url)
    ctl("link", "edit", "--owner", bob, "--title", "Bob's", link["code"])
    [shown] = ctl.json("link", "list", "--owner", bob)
    assert (shown["code"], shown["owner"], shown["title"]) == (link["code"], bob, "Bob's")
    assert ctl.json("link", "list", "--owner", ann) == []
    assert listed_user(ctl, ann)["links"] == 0 and listed_user(ctl, bob)["links"] == 1
    client.show(link["code"]).is_problem(404, "not_found")
    assert client.create(url, reuse=True)["code"] != link["code"]
    client.key = keys[bob]
    found = client.post({"long_url": url, "title": "Bob's", "reuse": True})
    assert (found.status, found.json["code"]) == (200, link["code"])
    ctl("link", "edit", "--owner", names(), link["code"], status=MISSING)


def test_a_user_is_removed(ctl, stack, hosts, names):
    ann, bob, carol = names(), names(), names()
    client = stack.client(hosts("lighttpd"))
    codes = {}
    for user in (ann, bob, carol):
        client.key = ctl.json("key", "create", "--user", user)[0]["secret"]
        codes[user] = [client.create(f"https://example.com/{user}/{i}")["code"] for i in range(3)]
        assert client.get(codes[user][0]).status == 302
        if user == ann:
            anns = client.key
    ctl("user", "rm", ann, status=USAGE)
    assert f"{ann} has 3 links and 1 valid keys" in ctl.complaints
    for options in (["--give-links-to", bob, "--delete-links"], ["--give-links-to", ann]):
        ctl("user", "rm", ann, *options, status=USAGE)
    ctl("user", "rm", ann, "--give-links-to", names(), status=MISSING)
    assert listed_user(ctl, ann)["keys"] == 1
    assert ctl.json("user", "rm", ann, "--give-links-to", bob) == \
        [{"user": ann, "links_given": 3, "keys_revoked": 1}]
    assert listed_user(ctl, ann) is None and listed_user(ctl, bob)["links"] == 6
    client.key = anns
    client.post({"long_url": "https://example.com/"}).is_problem(401, "unauthorized")
    assert client.get(codes[ann][0]).status == 302
    ctl("user", "rm", carol, "--delete-links")
    assert ctl.json("key", "list") and not any(key["user"] == carol for key in ctl.json("key", "list"))
    within_local_ttl(lambda: all(client.get(code).status == 404 for code in codes[carol]))
    assert client.get(codes[bob][0]).status == 302
    ctl("user", "rm", carol, status=MISSING)
    ctl("key", "create", "--user", carol)
    assert "gone: 0 links" in ctl("user", "rm", carol)


@pytest.mark.parametrize("gives", [True, False], ids=["gives", "deletes"])
def test_a_user_rm_that_was_killed_goes_on(ctl, stack, names, gives):
    """The keys are revoked first, the user is deleted last: no link is ever without an owner, and none that was
    to be given away is lost."""
    ann, bob, prefix, n = names(), names(), names(), 5000
    for user in (ann, bob):
        ctl("key", "create", "--user", user)
    ctl("import", "--owner", ann, "-", stdin="".join(
        json.dumps({"code": f"{prefix}-{i}", "long_url": "https://example.com/"}) + "\n" for i in range(n)))
    options = ["--give-links-to", bob] if gives else ["--delete-links"]

    def links_of(*users):
        return stack.sql("SELECT COUNT(*) FROM link JOIN user ON user.id = link.owner_id WHERE user.name IN %s",
                         users)[0][0]

    def stored(table):
        return stack.sql(f"SELECT COUNT(*) FROM {table} WHERE code LIKE %s", f"{prefix}-%")[0][0]

    process = subprocess.Popen([ctl.program, "--config", ctl.config, "user", "rm", ann, *options],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
    try:
        wait_until(lambda: process.poll() is not None or links_of(ann) < n, 60, "some links gone")
    finally:
        process.kill()
        assert process.wait() == -signal.SIGKILL
    left = links_of(ann)
    assert 0 < left < n
    assert listed_user(ctl, ann)["keys"] == 0 and listed_user(ctl, ann)["links"] == left
    assert stored("code") == stored("alias") == stored("link") == links_of(ann, bob) == (n if gives else left)

    [done] = ctl.json("user", "rm", ann, *options)
    assert done == {"user": ann, "links_given" if gives else "links_deleted": left, "keys_revoked": 0}
    assert listed_user(ctl, ann) is None
    assert links_of(bob) == listed_user(ctl, bob)["links"] == (n if gives else 0)
    assert stored("code") == stored("alias") == stored("link") == links_of(bob)


def test_policies_of_a_user(ctl, stack, hosts, names):
    user = names()
    [key] = ctl.json("key", "create", "--user", user)
    [policy] = ctl.json("user", "policy", user)
    assert (policy["default_ttl_seconds"], policy["max_ttl_seconds"]) == (0, 0)
    ctl("user", "policy", user, "--default-ttl", "1h", "--max-ttl", "1d")
    [policy] = ctl.json("user", "policy", user)
    assert (policy["default_ttl_seconds"], policy["max_ttl_seconds"]) == (3600, 86400)
    ctl("user", "policy", user, "--max-ttl", "10m", status=USAGE)
    client = stack.client(hosts("lighttpd"))
    client.key = key["secret"]
    assert client.create("https://example.com/")["expires_at"]
    client.post({"long_url": "https://example.com/", "ttl_seconds": 90000}).is_problem(
        400, "invalid_time")
    ctl("user", "policy", user, "--default-ttl", "none", "--max-ttl", "none")
    [policy] = ctl.json("user", "policy", user)
    assert (policy["default_ttl_seconds"], policy["max_ttl_seconds"]) == (0, 0)


def odd_links(any_client, names):
    """Links with all that may go wrong on the way to a file and back."""
    made = [
        any_client.create("https://example.com/a,b\"c'?x=%2B#f"),
        any_client.create("https://example.com/" + "x" * 7000, custom_alias=names()),
        any_client.create("https://example.com/", title="comma, \"quote\" — ünïcode 日本",
                          tags=["a b", "c,d", "e\"f", "日本"], redirect_status=307,
                          forward_query=True, extra_path="ignore", max_clicks=7, expired_url="https://example.com/a,b", custom_alias=names(),
                          expires_at="2099-01-01T00:00:00Z", starts_at="2001-01-01T00:00:00Z"),
    ]
    return [link["code"] for link in made]


def test_export_for_a_spreadsheet(ctl, any_client, names):
    """No text becomes a formula, whoever has chosen it; the plain form is what was chosen."""
    link = any_client.create("https://example.com/a,b", title="=1+1", tags=["=cmd", "@x", "plain"],
                             custom_alias="-" + names())
    other = any_client.create("https://example.com/", title='say "=1"', tags=["\u002bone"])

    def rows(*options):
        text = ctl("export", "--format", "csv", *options)
        return {row["code"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}
    plain = rows()
    row, second = plain[link["code"]], plain[other["code"]]
    assert row["title"] == "=1+1" and set(row["tags"].split("\n")) == {"=cmd", "@x", "plain"}
    guarded = rows("--spreadsheet")
    assert set(guarded) == {code if code[0] != "-" else "'" + code for code in plain}
    assert guarded["'" + link["code"]] == {**row, "title": "'=1+1", **{
        name: "'" + row[name] for name in ("code", "aliases", "tags")}}
    assert guarded[other["code"]] == {**second, "tags": "'+one"}
    for cells in guarded.values():
        assert not [cell for cell in cells.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize("format", ["jsonl", "csv"])
def test_export_and_import(ctl, stack, any_client, names, tmp_path, format):
    any_client.create("https://example.com/stays")
    codes = odd_links(any_client, names)
    alias = names()
    ctl("link", "edit", codes[0], "--alias", alias)
    before = {code: ctl.json("link", "show", code)[0] for code in codes}
    file = tmp_path / f"links.{format}"
    ctl("export", "--format", format, file)
    assert not list(tmp_path.glob("*.part"))
    everything = ctl("export", "--format", format)
    assert everything == file.read_text()    # both with line breaks as Python likes them
    assert len(everything) > 7000
    for code in codes:
        ctl("link", "rm", code)
    [counts] = ctl.json("import", "--format", format, file)
    assert counts["imported"] == len(codes) and counts["present"] > 0
    assert counts["conflicts"] == counts["refused"] == 0
    for code in codes:
        [after] = ctl.json("link", "show", code)
        expected = {**before[code]}
        assert after.pop("aliases")[:1] == [code] and code not in expected.pop("aliases")[1:]
        assert sorted(after.pop("tags")) == sorted(expected.pop("tags"))
        assert after == expected
    within_local_ttl(lambda: any_client.get(alias).status == 302)
    [again] = ctl.json("import", "--format", format, file)
    assert again["imported"] == 0 and again["present"] == counts["present"] + len(codes)


def test_import_says_what_it_refuses(ctl, any_client, names):
    taken = any_client.create("https://example.com/one", custom_alias=names())["code"]
    good, twice = names(), names()
    lines = [
        {"code": good, "long_url": "https://example.com/good"},
        {"code": taken, "long_url": "https://example.com/two"},
        {"code": taken, "long_url": "https://example.com/one"},
        {"code": names(), "long_url": "javascript:alert(1)"},
        {"code": "api", "long_url": "https://example.com/"},
        {"code": "a/b", "long_url": "https://example.com/"},
        {"long_url": f"https://example.com/{names()}"},
        {"code": names()},
        {"code": names(), "long_url": "https://example.com/", "owner": "nobody-of-that-name"},
        {"code": names(), "long_url": "https://example.com/", "colour": "red"},
        {"code": names(), "long_url": "https://example.com/", "expires_at": "tomorrow"},
        {"code": names(), "long_url": "https://example.com/", "aliases": [taken]},
        {"code": twice, "long_url": "https://example.com/1"},
        {"code": twice, "long_url": "https://example.com/2"},
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines) + "nonsense\n\n[1]\n"
    *refused, counts = ctl.json("import", "-", stdin=text, status=FAILED)
    kinds = {kind["kind"]: (kind["rows"], kind["line"]) for kind in counts.pop("refusals")}
    [change] = counts.pop("changes")
    assert (change["kind"], change["rows"], change["line"]) == ("code_generated", 1, 7) and change["code"]
    assert counts == {"dry_run": False, "file": "Curt", "columns_skipped": "", "empty_rows": 0, "imported": 3,
                      "changed": 1, "present": 1, "conflicts": 3, "refused": 9}
    assert kinds == {"unreadable": (4, 10), "code_invalid": (1, 6), "code_path": (1, 5), "url_missing": (1, 8),
                     "url_invalid": (1, 4), "owner_unknown": (1, 9), "code_twice": (1, 14),
                     "code_taken": (1, 2), "alias_taken": (1, 12)}
    assert sorted(line["line"] for line in refused) == [2, 4, 5, 6, 8, 9, 10, 11, 12, 14, 15, 17]
    assert all(line["why"] for line in refused)
    assert any_client.get(good).location == "https://example.com/good"
    ctl("import", "-", stdin=text, status=FAILED)
    assert re.search(r"^line 2: \S+: another link", ctl.complaints, re.M)


def test_import_makes_the_users_that_the_file_names(ctl, names):
    user, codes = names(), [names(), names()]
    text = "".join(json.dumps({"code": code, "long_url": "https://example.com/", "owner": user}) + "\n"
                   for code in codes)
    refused, _, counts = ctl.json("import", "-", stdin=text, status=FAILED)
    assert refused["why"] == f"there is no user {user}" and counts["refused"] == 2
    ctl.json("import", "--owner", user, "-", stdin=text, status=MISSING)
    [counts] = ctl.json("import", "--make-users", "-", stdin=text)
    assert (counts["imported"], counts["refused"], counts["users_made"]) == (2, 0, 1)
    made = listed_user(ctl, user)
    assert (made["role"], made["keys"], made["links"]) == ("user", 0, 2)
    assert "users made\t0" in ctl("import", "--make-users", "-", stdin=text)
    other = names()
    [counts] = ctl.json("import", "--make-users", "--owner", other, "-",
                        stdin=text.replace(codes[0], names()).replace(codes[1], names()))
    assert counts["users_made"] == 1 and listed_user(ctl, other)["links"] == 2


def test_the_format_is_in_the_name(ctl, any_client, tmp_path):
    any_client.create("https://example.com/format")
    table, lines = tmp_path / "links.CSV", tmp_path / "links.json"
    for file in (table, lines):
        ctl("export", file)
    assert table.read_text().startswith("code,") and lines.read_text().startswith('{"code"')
    for file in (table, lines):
        [counts] = ctl.json("import", file)
        assert counts["present"] > 0 and counts["imported"] == counts["refused"] == 0
    ctl("import", "--format", "jsonl", table, status=FAILED)
    ctl("import", "-", stdin=lines.read_text())


def test_letters_that_are_not_ascii_are_kept(ctl, any_client, names):
    """In the URL, the title and a tag, as they are made, exported, and imported."""
    made = any_client.create("https://example.com/Käse?q=Käse", title="Käse", tags=["Käse"],
                             custom_alias=names())
    assert made["long_url"] == "https://example.com/K%C3%A4se?q=K%C3%A4se"
    assert (made["title"], made["tags"]) == ("Käse", ["Käse"])
    assert any_client.get(made["code"]).location == made["long_url"]
    [line] = [line for line in ctl("export").splitlines() if f'"{made["code"]}"' in line]
    assert "Käse" in line
    ctl("link", "rm", made["code"])
    assert ctl.json("import", "-", stdin=line)[0]["imported"] == 1
    [shown] = ctl.json("link", "show", made["code"])
    assert (shown["long_url"], shown["title"], shown["tags"]) == \
        (made["long_url"], "Käse", ["Käse"])
    code = names()
    ctl("import", "-", stdin=json.dumps({"code": code, "long_url": "https://example.com/Käse"},
                                        ensure_ascii=False))
    assert ctl.json("link", "show", code)[0]["long_url"] == "https://example.com/K%C3%A4se"


def test_import_of_other_peoples_csv(ctl, any_client, names):
    code = names()
    ctl("import", "--format", "csv", "-",
        stdin=f"\ufefflong_url,code,tags\r\nhttps://example.com/,{code},\"one\ntwo, three\"\r\n")
    [link] = ctl.json("link", "show", code)
    assert sorted(link["tags"]) == ["one", "two, three"] and link["redirect_status"] == 302
    for text in ("code\nx\n", "code,long_url,colour\n", "code,long_url,code\n"):
        ctl("import", "--format", "csv", "-", stdin=text, status=FAILED)
    ctl("import", "--format", "csv", "-", status=OK)


def test_csv_is_what_others_read(ctl, any_client, names):
    codes = odd_links(any_client, names)
    rows = {row["code"]: row for row in csv.DictReader(io.StringIO(
        ctl("export", "--format", "csv"), newline=""))}
    for code in codes:
        [link] = ctl.json("link", "show", code)
        assert rows[code]["long_url"] == link["long_url"]
        assert rows[code]["title"] == (link["title"] or "")
        assert rows[code]["tags"].split("\n") == (link["tags"] or [""])


def test_generated_codes_are_imported_without_their_ids(ctl, stack, any_client):
    link = any_client.create("https://example.com/generated")
    [exported] = [line for line in ctl("export").splitlines() if f'"{link["code"]}"' in line]
    ctl("link", "rm", link["code"])
    ctl("import", "-", stdin=exported + "\n")
    [(kind,)] = stack.sql("SELECT code_kind FROM link WHERE code = %s", link["code"])
    assert kind == 1
    [translated] = ctl.json("code", link["code"])
    assert stack.sql("SELECT COUNT(*) FROM link WHERE id = %s", translated["id"]) == ((0,),)


def expire(stack, code, at):
    """Sets the expiry of a link in the database to a time that has passed, which the API refuses."""
    stack.sql("UPDATE link JOIN code ON code.link_id = link.id JOIN link_expiry ON link_expiry.link_id = link.id "
              "SET link.expires_at = %s, link_expiry.expires_at = %s WHERE code.code = %s", int(at), int(at), code)


def test_purge(ctl, stack, any_client, names):
    old, young, live = names(), names(), names()
    for code, ttl in ((old, 3600), (young, 3600), (live, 3600)):
        any_client.create("https://example.com/", custom_alias=code, ttl_seconds=ttl)
    # Not so long ago that the maintenance of a host would purge them (links.purge_after, 30 days).
    for code, hours in ((old, 25), (young, 23)):
        expire(stack, code, time.time() - hours * 3600)
    kept = ctl.json("purge", CURT_LINKS_PURGE_AFTER="0")
    assert kept[0]["links"] == 0
    ctl("link", "show", old)
    [done] = ctl.json("purge", "--share", "100", CURT_LINKS_PURGE_AFTER="1d")
    assert done["links"] >= 1
    ctl("link", "show", old, status=MISSING)
    assert ctl.json("link", "show", young)[0]["state"] == "expired"
    assert ctl.json("link", "show", live)[0]["state"] == "live"


def test_the_maintenance_purges_on_its_own(stack, any_client, names):
    code = names()
    any_client.create("https://example.com/", custom_alias=code, ttl_seconds=3600)
    expire(stack, code, 1)
    host = stack.host("lighttpd")
    try:
        deadline = time.monotonic() + 30
        while stack.sql("SELECT COUNT(*) FROM code WHERE code = %s", code) != ((0,),):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        host.stop()
    # Any host of the stack may have done it.
    assert any("event=purged" in log.read_text(errors="replace") for log in stack.logs.glob("*.log"))


def test_keys_and_users_want_no_list_of_words(ctl, names):
    """What ends a key works when the configuration of links does not."""
    user, broken = names(), {"CURT_LINKS_RESERVED_FILE": "/no/such/file"}
    ctl("key", "create", "--user", user, "--role", "user")
    [key] = ctl.json("key", "list", "--user", user)
    ctl("user", "policy", user, "--max-ttl", "30d", **broken)
    ctl("user", "role", user, "admin", **broken)
    ctl("user", "role", user, "user", **broken)
    ctl("key", "revoke", key["id"], **broken)
    assert ctl.json("key", "list", "--user", user)[0]["state"] == "revoked"


def test_the_doctor_finds_a_healthy_patient(ctl):
    found = ctl.json("doctor", "--schema", TOP / "schema")
    states = {line["check"]: line["state"] for line in found}
    assert "wrong" not in states.values()
    # A build without npm has no pages.
    assert set(states) - {"pages"} == {"config", "base_url", "mysql", "clock", "schema", "ids", "code key",
                           "grants", "memcached", "segment", "spool", "clicks", "breakers",
                           "unpublished", "reserved", "blocked", "system", "user", "web server",
                           "country", "keys", "proxies", "qr codes", "large bodies"}
    assert states["web server"] == "ok"
    assert states["mysql"] == states["schema"] == states["memcached"] == "ok"


def test_the_doctor_names_what_ails_and_the_cure(ctl):
    place = pathlib.Path(ctl.config).parent     # which the workers' user may pass through
    bad = place / "list"
    bad.write_text("example.com\nnot a domain\n")
    for check, state, variables in [
            ("mysql", "wrong", {"CURT_MYSQL_SOCKET": "/no/such/socket"}),
            ("mysql", "wrong", {"CURT_MYSQL_PASSWORD": "wrong"}),
            ("memcached", "wrong", {"CURT_MEMCACHED_SERVERS": "unix:/no/such/socket"}),
            ("memcached", "ok", {"CURT_MEMCACHED_SERVERS": ""}),
            ("country", "wrong", {"CURT_CLICKS_COUNTRY_DATABASE": "/etc/passwd"}),
            ("country", "wrong", {"CURT_CLICKS_COUNTRY_DATABASE": "/no/such/file"}),
            ("spool", "wrong", {"CURT_SPOOL_PATH": "/proc/spool"}),
            ("segment", "wrong", {"CURT_SEGMENT_PATH": "/no/such/folder/segment"}),
            ("segment", "warning", {"CURT_SEGMENT_PATH": ""}),
            ("segment", "wrong", {"CURT_SEGMENT_PATH": str(place)}),
            ("reserved", "wrong", {"CURT_LINKS_RESERVED_FILE": "/no/such/file"}),
            ("blocked", "wrong", {"CURT_LINKS_BLOCKED_FILE": "/no/such/file"}),
            ("blocked", "warning", {"CURT_LINKS_BLOCKED_FILE": str(bad)}),
            ("ids", "wrong", {"CURT_LINKS_SEQUENCE": "elsewhere"}),
            ("base_url", "warning", {"CURT_SERVER_BASE_URL": "http://short.example"}),
            ("web server", "warning", {"CURT_SERVER_BASE_URL": "http://127.0.0.1:1"}),
            ("web server", "wrong", {"CURT_SERVER_BASE_URL": ctl.base_url + "/nowhere"}),
            ("base_url", "ok", {"CURT_SERVER_BASE_URL": "https://short.example"})]:
        status = FAILED if state == "wrong" else OK
        found = ctl.json("doctor", "--schema", TOP / "schema", status=status, **variables)
        [line] = [line for line in found if line["check"] == check]
        assert line["state"] == state, (line, variables)
        assert bool(line["cure"]) == (state != "ok")
    ctl("doctor", status=CONFIG, CURT_LINKS_COLOUR="red")


def test_the_doctor_minds_a_readable_password(ctl, tmp_path):
    copy = tmp_path / "curt.conf"
    shutil.copyfile(ctl.config, copy)
    if "password" not in copy.read_text():
        pytest.skip("no password here")
    copy.chmod(0o644)
    [line] = [line for line in Curtctl(ctl.program, copy).json(
        "doctor", "--schema", TOP / "schema", status=FAILED) if line["check"] == "config"]
    assert line["state"] == "wrong" and "chmod" in line["cure"]


def test_away_is_5(ctl):
    away = {"CURT_MYSQL_SOCKET": "/no/such/socket"}
    for arguments in (["link", "list"], ["link", "show", "abc"], ["key", "list"], ["export"],
                      ["flush"], ["maintain"], ["purge"], ["user", "policy", "x"], ["link", "rm", "abc"], ["sequence", "list"], ["sequence", "skip"],
                      ["link", "add", "https://example.com/"], ["code", "1"]):
        ctl(*arguments, status=UNAVAILABLE, **away)
    ctl("import", "-", stdin='{"code": "abc", "long_url": "https://example.com/"}\n',
        status=UNAVAILABLE, **away)


def test_a_refusal_is_3(ctl):
    """A fault that a later try does not end is in the configuration; the remedy is printed."""
    for variables, said in [({"CURT_MYSQL_PASSWORD": "wrong"}, "Access denied"),
                            ({"CURT_MYSQL_DATABASE": "nowhere"}, "the database refuses the connection")]:
        for arguments in (["link", "list"], ["link", "show", "abc"], ["key", "list"], ["export"],
                          ["flush"], ["maintain"], ["purge"], ["link", "add", "https://example.com/"], ["code", "1"],
                          ["stats"], ["stats", "abc"],
                          ["db", "status", "--schema", TOP / "schema"],
                          ["db", "migrate", "--schema", TOP / "schema"]):
            ctl(*arguments, status=CONFIG, **variables)
            assert said in ctl.complaints, (arguments, ctl.complaints)


def test_no_tables_is_3(sick_database):
    ctl, variables = sick_database
    for arguments in (["link", "list"], ["key", "create", "--user", "me"], ["link", "add", "https://example.com/"],
                      ["stats"], ["code", "1"]):
        ctl(*arguments, status=CONFIG, **variables)
        assert "the tables are missing in the database curt_bare: curtctl db migrate" in ctl.complaints
    ctl("db", "status", "--schema", TOP / "schema", status=FAILED, **variables)
    made = ctl("db", "migrate", "--schema", TOP / "schema", **variables)
    names = re.findall(r"^(\d{4})  applying \S+ \.\.\. done$", made, re.M)
    assert names and len(names) == len(set(names)) == len(made.splitlines()) - 1     # and the key
    again = ctl("db", "migrate", "--schema", TOP / "schema", **variables)
    assert re.findall(r"^(\d{4})  applied ", again, re.M) == names == [line[:4] for line in again.splitlines()]


def test_tables_of_another_version_are_told(sick_database, stack, names):
    """By commands that fail, and by the doctor, even without the folder of the migrations."""
    ctl, variables = sick_database
    ctl("db", "migrate", "--schema", TOP / "schema", **variables)
    stack.sql("CREATE TABLE curt_bare.kept LIKE curt_bare.migration")
    stack.sql("INSERT INTO curt_bare.kept SELECT * FROM curt_bare.migration")
    newest = max(int(path.name[:4]) for path in (TOP / "schema").glob("0*.sql"))

    def schema(folder):
        [line] = [line for line in ctl.json("doctor", "--schema", folder, status=FAILED, **variables)
                  if line["check"] == "schema"]
        return line

    stack.sql(f"DELETE FROM curt_bare.migration WHERE number = {newest}")
    stack.sql("ALTER TABLE curt_bare.user RENAME TO curt_bare.nobody")
    ctl("user", "list", status=CONFIG, **variables)
    assert f"the tables are older than this program (migration {newest - 1}; it needs {newest}): " \
        "run curtctl db migrate" in ctl.complaints
    for folder in (TOP / "schema", "/no/such/folder"):
        assert "older than this program" in schema(folder)["text"]
        assert schema(folder)["cure"] == "curtctl db migrate"

    stack.sql("INSERT INTO curt_bare.migration SELECT * FROM curt_bare.kept "
                   f"WHERE number = {newest}")
    stack.sql("INSERT INTO curt_bare.migration VALUES (9999, 'later', 'c', 1)")
    ctl("user", "list", status=FAILED, **variables)
    assert f"the tables are newer than this program (migration 9999; it knows {newest})" in ctl.complaints
    assert "newer than this program" in schema("/no/such/folder")["text"]
    for folder in (TOP / "schema", "/no/such/folder"):
        assert "install the version of Curt" in schema(folder)["cure"]

    stack.sql("DELETE FROM curt_bare.migration WHERE number = 9999")
    ctl("user", "list", status=FAILED, **variables)
    assert "than this program" not in ctl.complaints


@pytest.fixture
def sick_database(ctl, stack):
    """A database without tables."""
    from test_doctor import as_root
    as_root(stack, "CREATE DATABASE curt_bare")
    yield ctl, {"CURT_MYSQL_DATABASE": "curt_bare"}
    as_root(stack, "DROP DATABASE curt_bare")


def complete(script, line, folder):
    """What bash offers after `line`, where it is in the folder."""
    words = line.split(" ")
    program = (f"{script}\nCOMP_WORDS=({' '.join(repr(word) for word in words)})\n"
               f"COMP_CWORD={len(words) - 1}\n_curtctl\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"")
    return sorted(subprocess.run(["bash", "-c", program], capture_output=True, text=True, cwd=folder,
                                 check=True).stdout.splitlines())


def test_completion(ctl, tmp_path):
    script = ctl("completion", "bash")
    for file in ("a b.csv", "links.jsonl"):
        (tmp_path / file).touch()
    for line, offered in [
            ("curtctl li", ["link"]),
            ("curtctl link ", ["add", "show", "list", "history", "lower", "words", "edit", "qr", "restore", "rm"]),
            ("curtctl --config x link li", ["list"]),
            ("curtctl link list --own", ["--owner"]),
            ("curtctl link list --state e", ["expired", "exhausted"]),
            ("curtctl purge --sh", ["--share"]),
            ("curtctl export x --f", ["--format"]),
            ("curtctl import --format c", ["csv"]),
            ("curtctl export x --format ", ["csv", "jsonl"]),
            ("curtctl link qr --format ", ["png", "svg"]),
            ("curtctl link add --extra-path i", ["ignore"]),
            ("curtctl import --ma", ["--make-users", "--map"]),
            ("curtctl import ", ["a b.csv", "links.jsonl"]),
            ("curtctl import li", ["links.jsonl"]),
            ("curtctl export --format csv ", ["a b.csv", "links.jsonl"]),
            ("curtctl --config l", ["links.jsonl"]),
            ("curtctl db migrate --schema ", ["a b.csv", "links.jsonl"]),
            ("curtctl stats --unit ", ["day", "hour", "month", "week"]),
            ("curtctl stats x --cs", ["--csv"]),
            ("curtctl key create --role ", ["user", "admin"])]:
        assert complete(script, line, tmp_path) == sorted(offered), line
    assert ctl("completion", "zsh").startswith("#compdef curtctl\n")
    ctl("completion", "fish", status=USAGE)


def test_a_terminal_gets_a_table_of_its_width(ctl, any_client, names):
    code = any_client.create("https://example.com/" + "y" * 200, custom_alias=names())["code"]
    ours, theirs = pty.openpty()
    try:
        subprocess.run(["stty", "cols", "100"], stdin=theirs, check=True)
        done = subprocess.Popen([ctl.program, "--config", ctl.config, "link", "list", "--search",
                                 code], stdout=theirs, stderr=theirs, env=environment())
        assert done.wait(60) == OK
        lines = os.read(ours, 65536).decode().splitlines()
    finally:
        os.close(ours)
        os.close(theirs)
    assert lines[0].startswith("CODE") and all(len(line) <= 100 for line in lines)
    assert lines[1].startswith(code) and lines[1].endswith("…") and "\t" not in lines[1]
