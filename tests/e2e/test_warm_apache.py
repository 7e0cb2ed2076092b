# SPDX-License-Identifier: MIT
"""Apache's mod_fcgid starts warm: curt-warm-up makes it start all workers, so that no visitor waits for one."""

import contextlib
import signal
import socket
import subprocess

import pytest

from load import Load, follow
from stack.process import wait_until
from stack.web import TOP, Apache

pytestmark = pytest.mark.alone

WORKERS = 64        # and as many threads of Apache
WARM_UP = TOP / "apache-conf" / "curt-warm-up"


class ColdApache(Apache):
    """As Apache itself starts."""

    def warm_up(self):
        pass


class TlsApache(ColdApache):
    """Curt speaks TLS alone."""

    modules = ColdApache.modules + ("socache_shmcb", "ssl")

    def configuration(self):
        certificate, key = self.path(".crt"), self.path(".key")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-subj", "/CN=s.example.org", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True)
        return super().configuration().replace("</VirtualHost>", f"""
    SSLEngine On
    SSLCertificateFile {certificate}
    SSLCertificateKeyFile {key}
</VirtualHost>""")

    def is_ready(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.site.port), 1):
            return True
        return False


@pytest.fixture
def cold(stack):
    host = stack.host("apache", server=ColdApache, workers=WORKERS)
    yield host
    host.stop()


def warm_up(host, *arguments, config=None):
    return subprocess.run(
        [WARM_UP, "--apachectl", f"apache2 -f {config or host.web.path('.conf')}", *arguments],
        capture_output=True, text=True, timeout=60)


def url(host):
    return f"{host.base_url}/healthz"


def test_every_worker_is_there_before_the_visitors(stack, cold):
    assert len(cold.web.worker_pids()) < WORKERS / 2
    done = warm_up(cold, url(cold))
    assert done.returncode == 0, done.stderr
    before = set(cold.web.worker_pids())
    assert len(before) == WORKERS
    client = stack.client(cold)
    links = [client.create(f"https://example.com/warm/{number}") for number in range(8)]
    with Load(follow(client, links), clients=WORKERS) as load:
        load.wait_for(20 * WORKERS, 60)
    # Had a request found none free, mod_fcgid would have asked for one more.
    assert set(cold.web.worker_pids()) == before
    assert load.statuses() == {302: len(load.shots)}
    assert "request_dropped" not in stack.log(cold)     # the workers that were held do not complain


def test_a_reload_is_followed_by_another(stack, cold):
    assert warm_up(cold, url(cold)).returncode == 0
    before = set(cold.web.worker_pids())
    cold.web.process.child.send_signal(signal.SIGUSR1)      # what apachectl graceful sends
    assert warm_up(cold, url(cold)).returncode == 0
    after = set(cold.web.worker_pids())
    assert len(after) == WORKERS and not after & before


def test_with_tls_alone(stack):
    host = stack.host("apache", server=TlsApache, workers=16)
    try:
        assert not host.web.worker_pids()
        done = warm_up(host, f"https://s.example.org:{host.port}/healthz")
        assert done.returncode == 0, done.stderr
        assert len(host.web.worker_pids()) == 16
    finally:
        host.stop()


def test_where_all_are_there_it_leaves_them_alone(cold):
    assert warm_up(cold, url(cold)).returncode == 0
    before = cold.web.worker_pids()
    # No server is asked: that URL leads nowhere.
    assert warm_up(cold, "http://127.0.0.1:9/healthz").returncode == 0
    assert cold.web.worker_pids() == before


def test_it_says_what_is_wrong(stack, hosts, cold):
    done = warm_up(cold, "http://127.0.0.1:9/healthz")
    assert done.returncode == 1 and "127.0.0.1" in done.stderr
    elsewhere = url(hosts("lighttpd"))
    done = warm_up(cold, "--seconds", "1", elsewhere)
    assert done.returncode == 1 and f"of {WORKERS} workers; does {elsewhere} lead to Curt?" in done.stderr
    here = cold.web.path(".conf").read_text(encoding="utf-8")
    other = stack.place.write("no-curt.conf", here.replace(cold.web.mount(), "")
                              .replace("Define CURT_", "Define OTHER_"))
    done = warm_up(cold, url(cold), config=other)
    assert done.returncode == 1 and "CURT_FCGI" in done.stderr
    done = warm_up(cold, url(cold), config="/nowhere")
    assert done.returncode == 1 and "/nowhere" in done.stderr


def test_workers_that_are_held_come_free_when_it_is_killed(stack, cold):
    process = subprocess.Popen([WARM_UP, "--apachectl", f"apache2 -f {cold.web.path('.conf')}", url(cold)])
    wait_until(lambda: len(cold.web.worker_pids()) > 1 or process.poll() is not None, 20, "a worker")
    process.kill()
    process.wait()
    assert stack.client(cold, timeout=20).get("healthz").status == 200
    # Its requests have found workers by now, or Apache would have to wait for them when it ends.
    assert warm_up(cold, url(cold)).returncode == 0
