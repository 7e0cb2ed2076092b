# SPDX-License-Identifier: MIT
"""Apache as on shared hosting: a customer has a directory, .htaccess and a wrapper, nothing else."""

import contextlib
import shutil
import socket

import pytest

from client import Client
from stack.curt import TOP
from stack.web import Apache
from test_clients import NODE, SCENARIOS, run
from test_curtctl import Curtctl

LONG_URL = "https://example.com/shared?a=%2B"
SHIPPED = TOP / "apache-conf" / "shared-hosting"


class Hoster(Apache):
    """Knows nothing of Curt: no directive of its configuration names it."""

    wrapper_by_directive = False
    allows = "FileInfo Options"

    def mount(self):
        public = self.site.place.path / f"{self.site.name}-public_html"
        self.public = public / self.site.mount.strip("/")
        self.fill(self.public)
        return f"""
FcgidMaxProcesses {self.site.workers}
<VirtualHost 127.0.0.1:{self.site.port}>
    DocumentRoot {public}
    <Directory {public}>
        AllowOverride {self.allows}
        Require all granted
    </Directory>
</VirtualHost>
"""

    def fill(self, directory):
        """What the customer does: copy two files, set the paths in the wrapper."""
        directory.mkdir(parents=True)
        wrapper = (SHIPPED / "curt.fcgi").read_text(encoding="utf-8")
        for line in ("CURT_CONFIG=/home/me/other.conf", "export CURT_CONFIG"):
            assert f"\n#{line}\n" in wrapper
            wrapper = wrapper.replace(f"#{line}", line)
        wrapper = wrapper.replace("/home/me/other.conf", str(self.site.config))
        wrapper = wrapper.replace("/home/me/curt/curt.fcgi", str(self.site.program))
        assert "\nexec " in wrapper
        htaccess = (SHIPPED / "htaccess").read_text(encoding="utf-8")
        if self.wrapper_by_directive:
            elsewhere = self.site.program.parent / "wrapper"
            self.executable(elsewhere, wrapper)
            htaccess += f"FcgidWrapper {elsewhere} .fcgi\n"
            wrapper = ""
        (directory / ".htaccess").write_text(htaccess, encoding="utf-8")
        self.executable(directory / "curt.fcgi", wrapper)
        shutil.copytree(self.site.files, directory / "curt-files", copy_function=shutil.copyfile)
        (directory / "curt-files").chmod(0o755)

    @staticmethod
    def executable(path, text):
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)

    def warm_up(self):
        """A hoster starts processes when requests come."""


class HosterWithFcgidWrapper(Hoster):
    wrapper_by_directive = True


class Refusing(Hoster):
    """A host on which Curt cannot be had: it serves, whatever the answer is."""

    def is_ready(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.site.port), 1):
            return True
        return False


class WithoutOptions(Refusing):
    allows = "FileInfo"


class WithoutExecCgi(Refusing):
    allows = "FileInfo Options=Indexes,MultiViews"


class WithoutFcgid(Refusing):
    modules = tuple(name for name in Hoster.modules if name != "fcgid")

    def configuration(self):
        return "\n".join(line for line in super().configuration().splitlines() if not line.startswith("Fcgid"))


class WithoutRewrite(Refusing):
    modules = tuple(name for name in Hoster.modules if name != "rewrite")


class WithoutOverride(Refusing):
    allows = "None"


class WrongPath(Refusing):
    """The wrapper names a program that is not there."""

    def fill(self, directory):
        super().fill(directory)
        wrapper = directory / "curt.fcgi"
        self.executable(wrapper, wrapper.read_text(encoding="utf-8").replace("\nexec ", "\nexec /nowhere"))


class NotExecutable(Refusing):
    def fill(self, directory):
        super().fill(directory)
        (directory / "curt.fcgi").chmod(0o644)


@pytest.fixture(scope="module", params=[Hoster, HosterWithFcgidWrapper])
def host(request, stack):
    host = stack.host(request.param.__name__, server=request.param, mount="/s/")
    yield host
    host.stop()


def test_create_follow_and_show(client, host):
    link = client.create(LONG_URL)
    assert link["short_url"] == f"{host.base_url}/{link['code']}"
    for path in (link["code"], link["code"] + "/", link["code"] + "?x=y"):
        answer = client.get(path)
        assert (answer.status, answer.location) == (302, LONG_URL)
    assert client.show(link["code"]).json == link
    assert client.show(link["code"], **{"X-Api-Key": client.key}).json == link


def test_every_path_is_curts(client):
    for path in ("nobody-has-this", "a/b/c", "curt.fcgi", "index.html", ".htaccess-not", "api/v1"):
        client.get(path).is_problem(404, "not_found")
    assert client.get("").status == 200
    assert client.get(".htaccess").status in (403, 404)


def test_the_longest_url(client):
    url = "https://example.com/" + "a" * 7980
    assert client.get(client.create(url)["code"]).location == url


def test_workers_are_curt_itself(client, host):
    """The wrapper has become the program: mod_fcgid's signals reach it."""
    assert client.get("healthz").status == 200
    assert host.web.worker_pids()


def test_a_body_that_mod_fcgid_would_not_take(client):
    """It would answer 500, of which a client thinks that it may be tried again."""
    assert client.post(b" " * 131072).status in (400, 413)
    refused = client.post(b" " * 131073)
    assert refused.status == 413 and refused.header("X-Request-Id") is None


@pytest.mark.skipif(not NODE, reason="node is not installed")
def test_the_client_cuts_its_bulks_to_fit(stack, host):
    done = run([NODE, SCENARIOS, "makes_700_links_on_a_shared_host"], CURT_URL=host.base_url, CURT_KEY=stack.key)
    assert done.returncode == 0, done.stderr


def test_the_doctor_knows_what_the_host_takes(stack, host):
    found = Curtctl(stack.installation.curtctl, host.config).json("doctor", "--schema", TOP / "schema")
    [bodies] = [line for line in found if line["check"] == "large bodies"]
    assert bodies["state"] == "warning" and "answers 413 to a body of 131073 bytes" in bodies["text"]
    assert "100 KiB" in bodies["cure"]


SPAWN_TIMEOUT = 100     # mod_fcgid waits for a process it cannot start, and tries again, on a busy machine for a minute
TOLD = (TOP / "docs" / "shared-hosting.md").read_text(encoding="utf-8")
REFUSALS = [
    (WithoutOptions, 500, "Options not allowed here"),
    (WithoutExecCgi, 500, "Option ExecCGI not allowed here"),
    (WithoutFcgid, 503, None),
    (WithoutRewrite, 500, "Invalid command 'RewriteEngine'"),
    (WithoutOverride, 404, None),
    (WrongPath, 500, "End of script output before headers"),
    (NotExecutable, 500, "End of script output before headers"),
]


@pytest.mark.parametrize("hoster,status,log", REFUSALS, ids=[row[0].__name__ for row in REFUSALS])
def test_what_is_seen_where_it_cannot_be_had(stack, hoster, status, log):
    """As the table of docs/shared-hosting.md says; and never the text of the wrapper in place of an answer."""
    host = stack.host(hoster.__name__, server=hoster, mount="/s/")
    try:
        for path in ("abc", "", "healthz"):
            answer = Client(host.port, host.mount, timeout=SPAWN_TIMEOUT).get(path)
            assert answer.status == status, path
            assert b"CURT_CONFIG" not in answer.body
        written = stack.log(host)
        assert log is None or log in written, written[-2000:]
    finally:
        host.stop()
    assert any(f"{status}" in line and (log or "nothing") in line for line in TOLD.splitlines()
               if line.startswith("| "))


def test_a_renamed_wrapper_brings_new_workers(stack):
    """How a change of curt.conf is made known without a shell."""
    host = stack.host("renamed", server=Hoster, mount="/s/")
    try:
        somebody = Client(host.port, host.mount)
        somebody.post({"long_url": LONG_URL}, headers={"Authorization": None}).is_problem(401, "unauthorized")
        before = set(host.web.worker_pids())
        with host.config.open("a", encoding="utf-8") as file:
            file.write("\n[api]\nanonymous_create = yes\n")
        wrapper = host.web.public / "curt.fcgi"
        copy = wrapper.with_suffix(".new")
        Hoster.executable(copy, wrapper.read_text(encoding="utf-8"))
        copy.rename(wrapper)
        assert somebody.post({"long_url": LONG_URL}, headers={"Authorization": None}).status == 201
        assert set(host.web.worker_pids()) - before
    finally:
        host.stop()
