# SPDX-License-Identifier: MIT
"""Three nodes of a Galera cluster, a host on each of two of them, and one that knows all three and prefers the last: what one node has committed the others apply
some milliseconds late, rows are changed on all of them, and nodes die."""

import concurrent.futures
import contextlib
import pathlib
import tempfile
import threading
import time

import pytest

from clicking import HUMAN
from load import Load, follow
from stack import galera
from stack.process import wait_until

pytestmark = [pytest.mark.alone,
              pytest.mark.skipif(galera.missing() is not None, reason=str(galera.missing()))]

# Long enough to see what a COMMIT does to which no other node answers.
SUSPECT_S = 4


@pytest.fixture(scope="module")
def cluster(new_stack, template):
    with new_stack() as stack, tempfile.TemporaryDirectory(prefix="curt-galera-") as folder:
        if stack.database.is_mysql:
            pytest.skip("Galera is MariaDB's")
        pathlib.Path(folder).chmod(0o711)
        nodes = galera.Cluster(f"{folder}/nodes", stack.place.path / "node", template,
                               provider={"evs.suspect_timeout": f"PT{SUSPECT_S}S"})
        stack.stop_all.callback(nodes.stop)
        nodes.start()
        hosts = []
        for node in nodes.nodes[:2]:
            stack.database = node
            hosts.append(stack.host(memcached=None))
        servers = ", ".join(f"unix:{nodes.nodes[number].socket}" for number in (2, 0, 1))
        hosts.append(stack.host(memcached=None, settings={"mysql.servers": servers}))
        nodes.stack = stack
        nodes.hosts = hosts
        nodes.clients = [stack.prepared(host) for host in hosts]
        yield nodes
        for host in hosts:
            host.stop()


@pytest.fixture
def here(cluster):
    return cluster.clients[0]


@pytest.fixture
def there(cluster):
    return cluster.clients[1]


@pytest.fixture
def anywhere(cluster):
    return cluster.clients[2]


def connections(node):
    return int(node.sql("SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'curt'"))


def test_a_new_link_is_known_at_every_node(here, there):
    """A node applies a commit of another one some milliseconds late. Each first look is right after the answer 201."""
    def look(number):
        link = here.create(f"https://example.com/fresh/{number}")
        answer = there.get(link["code"])
        return answer.status, answer.location == link["long_url"], there.show(link["code"]).status
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert set(pool.map(look, range(400))) == {(302, True, 200)}


@contextlib.contextmanager
def applies_nothing(node):
    """The node receives what others commit, and applies it when the block ends."""
    done, held = threading.Event(), threading.Event()

    def hold():
        import pymysql
        with contextlib.closing(pymysql.connect(unix_socket=str(node.socket), user="root", autocommit=True)) as connection:
            with connection.cursor() as cursor:
                cursor.execute("FLUSH TABLES WITH READ LOCK")
                held.set()
                done.wait()
                cursor.execute("UNLOCK TABLES")
    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(20)
    try:
        yield
    finally:
        done.set()
        thread.join()


def test_a_node_that_applies_nothing_says_404_of_no_link(cluster, here, there):
    with applies_nothing(cluster.nodes[1]):
        link = here.create("https://example.com/held")
        assert there.get(link["code"]).status == 503
    answers = []

    def known():
        answers.append(there.get(link["code"]).status)
        return answers[-1] == 302
    wait_until(known, 20, "the link at the other node")
    assert set(answers[:-1]) <= {503}
    # While its COMMIT does not end, a miss is not known to be one.
    wait_until(lambda: there.get("nobody").status == 404, 20, "a miss that is one")


def test_unknown_codes_are_still_404(here, there):
    assert {client.get(f"nobody{number}").status for client in (here, there) for number in range(20)} == {404}


def test_a_new_link_can_be_used_up_at_every_node(here, there):
    """The count of uses, too, arrives late."""
    def use(number):
        link = here.create(f"https://example.com/once/{number}", max_clicks=1)
        return there.get(link["code"], HUMAN).status, here.get(link["code"], HUMAN).status
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert set(pool.map(use, range(60))) == {(302, 410)}


def test_max_clicks_is_exact_on_all_nodes_and_nobody_is_turned_away(cluster, here):
    """128 visitors at once use up one row on two nodes."""
    link = here.create("https://example.com/fifty", max_clicks=50)
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        statuses = list(pool.map(lambda number: cluster.clients[number % 2].get(link["code"], HUMAN).status, range(128)))
    assert {status: statuses.count(status) for status in set(statuses)} == {302: 50, 410: 78}


def make(client):
    def task(number, turn):
        asked = f"https://example.com/made/{client.port}/{number}/{turn}"
        return asked, client.post({"long_url": asked})
    return task


def test_a_host_uses_the_server_that_it_prefers(cluster, anywhere):
    before = [connections(node) for node in cluster.nodes]
    for number in range(20):
        anywhere.create(f"https://example.com/preferred/{number}")
    after = [connections(node) for node in cluster.nodes]
    assert after[2] > 0 and after[0] <= before[0] and after[1] <= before[1], (before, after)


def check_creates(shots):
    """Each was answered in time, and none twice; returns code: long URL."""
    assert {shot.status for shot in shots} <= {201, 202}, {shot.status for shot in shots}
    assert max(shot.ended - shot.began for shot in shots) < 2
    made = {shot.answer.json["code"]: shot.asked for shot in shots}
    assert len(made) == len(shots)
    return made


def is_made_in_the_database(load):
    return load.shots[-1].status == 201


def test_a_node_dies(cluster, here, there, anywhere):
    """COMMIT ends on no node until the dead one is left out. Creates are answered all the same, nothing is lost or
    doubled, and links that are in a cache redirect. The host of the dead node uses another one."""
    known = [here.create(f"https://example.com/known/{number}") for number in range(20)]
    for link in known:
        assert here.get(link["code"]).status == 302
    with (Load(make(here), clients=4, least=5) as load, Load(make(anywhere), clients=4, least=5) as moving,
          Load(follow(here, known), clients=2, least=5) as visits):
        died = time.monotonic()
        cluster.nodes[2].kill()
        wait_until(lambda: cluster.nodes[0].status("cluster_size") == "2", 30, "two nodes")
        for creates in (load, moving):
            creates.wait_for(50)
            wait_until(lambda creates=creates: is_made_in_the_database(creates), 30, "links in the database")
    for name, shots in (("creates", load), ("creates of the dead node's host", moving), ("visits", visits)):
        print(f"{name}: {shots.statuses()}, slowest {max(shot.ended - shot.began for shot in shots.shots):.2f} s")
    print(f"{time.monotonic() - died:.1f} s in all")
    made = {**check_creates(load.shots), **check_creates(moving.shots)}
    assert len(made) == len(load.shots) + len(moving.shots)
    assert set(visits.statuses()) == {302}
    assert max(shot.ended - shot.began for shot in visits.shots) < SUSPECT_S, "a visitor has waited for the cluster"
    for client in (here, anywhere):
        wait_until(lambda client=client: "spool_entries 0" in client.get("metrics").body.decode(), 30, "an empty spool")
    rows = cluster.nodes[0].sql(
        "SET SESSION wsrep_sync_wait = 1; SELECT code.code, link.long_url FROM curt.code JOIN curt.link "
        "ON link.id = code.link_id WHERE link.long_url LIKE 'https://example.com/made/%'").splitlines()
    assert dict(row.split("\t") for row in rows) == made
    assert len(rows) == len(made)
    assert all(there.get(code).location == asked for code, asked in list(made.items())[-20:])
    for host in (cluster.hosts[0], cluster.hosts[2]):
        log = cluster.stack.log(host)
        assert "replay_incomplete" not in log and "replay_failed" not in log


def test_a_node_comes_back(cluster, there, anywhere):
    cluster.nodes[2].start()
    wait_until(lambda: cluster.nodes[0].status("cluster_size") == "3", 30, "three nodes")
    link = there.create("https://example.com/back")
    assert link["code"] in cluster.nodes[2].sql(
        f"SET SESSION wsrep_sync_wait = 1; SELECT code FROM curt.code WHERE code = '{link['code']}'")

    def is_used_again():
        anywhere.create("https://example.com/back/again")
        return connections(cluster.nodes[2]) > 0
    wait_until(is_used_again, 30, "the preferred node in use")
