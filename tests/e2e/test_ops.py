# SPDX-License-Identifier: MIT
"""What operators use: metrics of the whole host, readiness, and alert rules and a dashboard whose names exist."""

import json
import os
import re
import shutil
import signal
import subprocess

import pytest

from client import PROBLEM, Client
from conftest import SOURCES
from stack.process import wait_until

OPS = SOURCES / "docs" / "ops"
URL = "https://example.com/seen"
TOKEN = "t0ken-of-the-tests"
SERIES = re.compile(r'([a-z_]+)(?:\{(.*)\})? (\S+)')
# Metrics that have no series before something happens.
SOMETIMES = {"replication_lag_seconds", "breaker_opened_total", "log_lines_total", "log_bytes_behind", "edge_purges_total",
             "edge_purges_pending", "edge_purge_oldest_seconds",
             "log_files_unreadable"}


def scrape(client, token=None):
    answer = client.get("metrics", {"Authorization": f"Bearer {token}"} if token else None)
    assert answer.status == 200, f"{answer.status} {answer.body[:300]}"
    assert answer.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8"
    return answer.body.decode()


def series(text):
    """{'name{labels}': value} of an exposition."""
    lines = [SERIES.fullmatch(line) for line in text.splitlines() if not line.startswith("#")]
    assert all(lines)
    found = {f"{line[1]}{{{line[2] or ''}}}": float(line[3]) for line in lines}
    assert len(found) == len(lines), "a series is told twice"
    return found


def redirects(text, status=302):
    return series(text).get(
        f'http_requests_total{{method="GET",route="redirect",status="{status}"}}', 0)


def promtool(*arguments, **options):
    if not shutil.which("promtool"):
        pytest.skip("Prometheus's promtool is not installed")
    done = subprocess.run(["promtool", *map(str, arguments)], stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT, check=False, **options)
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_every_worker_tells_of_the_whole_host(client):
    code = client.create(URL)["code"]
    before = redirects(scrape(client))
    for _ in range(40):
        assert client.get(code).status == 302
    wait_until(lambda: redirects(scrape(client)) == before + 40, 5, "the last one counted")
    for _ in range(12):
        now = series(scrape(client))
        assert redirects(scrape(client)) == before + 40
        assert now["build_info{version=\"" + version() + "\"}"] == 1
    buckets = [value for name, value in now.items()
               if name.startswith('http_request_duration_seconds_bucket{route="redirect",'
                                  'cache_level="local"')]
    assert buckets == sorted(buckets) and buckets[-1] >= 39
    assert now['cache_hits_total{cache_level="local"}'] >= 39
    assert now["metrics_dropped_total{}"] == 0


def version():
    text = (SOURCES / "configure.ac").read_text()
    return re.search(r"AC_INIT\(\[curt\], \[(.*?)\]\)", text)[1]


def test_what_was_counted_outlives_the_workers(stack):
    host = stack.host(workers=3)
    client = stack.client(host)
    code = client.create(URL)["code"]
    try:
        wait_until(lambda: series(scrape(client))["workers{}"] == 3, 10, "all workers")
        for _ in range(30):
            assert client.get(code).status == 302
        wait_until(lambda: redirects(scrape(client)) == 30, 5, "the last one counted")
        for pid in host.web.worker_pids():
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: client.get("healthz").status == 200
                   and series(scrape(client))["workers{}"] == 3, 20, "new workers")
        now = series(scrape(client))
        assert redirects(scrape(client)) == 30
        assert now["workers_started_total{}"] == 6
        # No living process but the leader has used the database.
        assert now['db_connections{state="active"}'] + now['db_connections{state="idle"}'] <= 3
        assert now["db_connections_opened_total{}"] > now["db_connections_closed_total{}"]
    finally:
        host.stop()


def test_who_may_read_the_metrics(stack):
    host = stack.host(settings={"metrics.token": TOKEN, "metrics.allow": "192.0.2.0/24",
                                "server.trusted_proxies": "127.0.0.1"}, mount="/s/")
    nobody = Client(host.port, host.mount)
    try:
        scrape(nobody, TOKEN)
        rows = [({"X-Forwarded-For": "192.0.2.7"}, 200),
                ({"X-Forwarded-For": "192.0.2.7, 198.51.100.1"}, 401),
                ({"X-Forwarded-For": "198.51.100.1"}, 401),
                ({}, 401),
                ({"Authorization": f"Bearer {TOKEN}x"}, 401),
                ({"Authorization": f"Bearer {stack.key}"}, 401),
                ({"X-Api-Key": TOKEN}, 401)]
        for headers, status in rows:
            answer = nobody.get("metrics", headers)
            assert answer.status == status, headers
            assert status == 200 or (answer.type == PROBLEM and b"http_requests" not in answer.body)
        assert TOKEN not in stack.log(host)
    finally:
        host.stop()


def test_a_proxy_nobody_named_lets_nobody_in(hosts):
    nobody = Client(hosts("lighttpd").port, hosts("lighttpd").mount)
    scrape(nobody)
    for headers in ({"X-Forwarded-For": "127.0.0.1"}, {"Via": "1.1 cache"},
                    {"Forwarded": "for=127.0.0.1"}):
        nobody.get("metrics", headers).is_problem(403, "forbidden")


@pytest.fixture(scope="module")
def exposition(stack):
    """The metrics of a host on which nothing has happened but one redirect."""
    host = stack.host()
    client = stack.client(host)
    assert client.get(client.create(URL)["code"]).status == 302
    try:
        yield wait_until(lambda: (text := scrape(client)) and "\nids_left " in text and text, 10,
                         "all metrics")
    finally:
        host.stop()


def test_statements_are_counted(exposition):
    now = series(exposition)
    for statement in ("link_insert", "key_find", "sequence_take"):
        count = now[f'db_query_duration_seconds_count{{query="{statement}"}}']
        assert count >= 1
        assert now[f'db_query_duration_seconds_bucket{{query="{statement}",le="+Inf"}}'] == count
        assert 0 < now[f'db_query_duration_seconds_sum{{query="{statement}"}}'] < 10 * count
    assert now["ids_left{}"] > 1e9
    assert now['breaker_state{backend="mysql",state="closed"}'] == 1


def test_prometheus_can_read_them(exposition):
    assert promtool("check", "metrics", input=exposition) == ""


def metrics_in(expression):
    return set(re.findall(r"\b([a-z_]+)\{", expression)) - {"up"}


def families(text):
    """The metrics that an exposition has, by the names that queries use."""
    found = {}
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M):
        for suffix in ("_bucket", "_sum", "_count") if kind == "histogram" else ("",):
            found[name + suffix] = name
    return found


def dashboard_queries():
    dashboard = json.loads((OPS / "grafana.json").read_text())
    targets = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    variables = {"$__rate_interval": "5m", "$job": "curt", "$instance": ".*"}
    for name, value in variables.items():
        targets = [target.replace(name, value) for target in targets]
    return targets


def test_alerts_and_dashboard_name_what_is_there(exposition):
    alerts = metrics_in((OPS / "alerts.yml").read_text())
    queries = set().union(*map(metrics_in, dashboard_queries()))
    known = families(exposition)
    assert len(alerts) > 12 and len(queries) > 20
    assert (alerts | queries) - set(known) == set()
    told = {name.partition("{")[0] for name in series(exposition)}
    assert alerts - told <= SOMETIMES
    # And the other way round: each metric is on the dashboard.
    assert set(known.values()) - {known[name] for name in queries} == set()


def test_labels_in_queries_are_there(exposition):
    labels = {}
    for name, pairs in re.findall(r"^([a-z_]+)\{(.*)\} \S+$", exposition, re.M):
        labels.setdefault(name, {"job", "instance"}).update(re.findall(r'(\w+)="', pairs))
    expressions = [*dashboard_queries(), (OPS / "alerts.yml").read_text()]
    for expression in expressions:
        for name, pairs in re.findall(r"\b([a-z_]+)\{(job[^}]*)\}", expression):
            if name not in SOMETIMES | {"up"}:
                assert set(re.findall(r'(\w+)[=!]', pairs)) <= labels.get(name, {"job", "instance"})


def test_rules_do_what_they_say():
    promtool("check", "rules", OPS / "alerts.yml")
    promtool("test", "rules", "alerts_test.yml", cwd=OPS)
    names = re.findall(r"- alert: (\w+)", (OPS / "alerts.yml").read_text())
    tested = (OPS / "alerts_test.yml").read_text()
    manual = (OPS.parent / "operations.md").read_text()
    for name in names:
        assert f"name: {name} fires" in tested and f"name: {name} does not" in tested
        assert f"\n### {name}\n" in manual
        assert f'"operations.md#{name.lower()}"' in (OPS / "alerts.yml").read_text()


def test_the_dashboard_can_be_asked(tmp_path):
    rules = [{"record": f"panel:{number}", "expr": query}
             for number, query in enumerate(dashboard_queries())]
    path = tmp_path / "dashboard.yml"
    path.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    promtool("check", "rules", path)


def test_the_manual_has_every_metric(exposition):
    manual = (OPS.parent / "operations.md").read_text()
    for name in set(families(exposition).values()):
        assert f"`{name}`" in manual, name


# --- readiness --------------------------------------------------------------------------------

NOWHERE = "/nonexistent/curt-test.socket"


@pytest.mark.parametrize("settings, status, says, mysql, memcached", [
    ({}, 200, "ready", "up", ["up"]),
    ({"mysql.socket": NOWHERE}, 200, "degraded", "down", ["up"]),
    ({"mysql.socket": NOWHERE, "segment.local_cache": "0", "memcached.servers": ""},
     503, "unavailable", "down", []),
    ({"memcached.servers": f"unix:{NOWHERE}", "breaker.failures": "1"}, 200, "degraded", "up",
     ["down"]),
    ({"segment.path": "/nonexistent/curt.segment"}, 200, "degraded", "up", ["up"]),
])
def test_readiness(stack, settings, status, says, mysql, memcached):
    host = stack.host(settings=settings)
    try:
        answer = Client(host.port, host.mount).get("readyz")
        assert answer.status == status, answer.body
        told = answer.json
        assert told["status"] == says
        assert told["backends"]["mysql"] == {"state": mysql}
        assert told["backends"]["memcached"] == [{"state": state} for state in memcached]
        assert told["backends"]["segment"]["state"] == (
            "down" if "segment.path" in settings else "up")
        lost = series(scrape(Client(host.port, host.mount)))['db_errors_total{kind="lost"}']
        assert (lost > 0) == ("mysql.socket" in settings)
        for secret in (NOWHERE, "socket", "127.0.0.1", str(stack.memcached.socket)):
            assert secret not in answer.body.decode()
    finally:
        host.stop()


# --- the log ------------------------------------------------------------------------------------

def test_what_is_logged(stack):
    host = stack.host(settings={"log.addresses": "yes", "server.trusted_proxies": "127.0.0.1"})
    quiet = stack.host()
    try:
        for each in (host, quiet):
            client = stack.client(each)
            code = client.create(URL)["code"]
            from_afar = {"X-Forwarded-For": "2001:DB8::0:7"}
            assert client.get(f"{code}?secret=1", from_afar).status == 302
            nothing = "nothing-here" if each is host else "nothing-there"
            missing = client.get(nothing, from_afar)
            assert missing.status == 404
            wait_until(lambda: nothing in stack.log(each), 5, "the line of the log")
            line, = [line for line in stack.log(each).splitlines() if nothing in line]
            assert f"request_id={missing.header('X-Request-Id')}" in line
            for part in ("route=redirect", "status=404", "problem=not_found", "cache_level=database"):
                assert part in line
            assert ("client=2001:db8::7" in line) == (each is host)
            log = stack.log(each)
            assert "route=create" in log and "status=302" not in log and "secret=1" not in log
    finally:
        host.stop()
        quiet.stop()
