# SPDX-License-Identifier: MIT
"""Apache as a hoster runs it: all that a customer has is a directory, .htaccess and a wrapper."""

import pytest

from stack.curt import TOP
from stack.web import Apache

LONG_URL = "https://example.com/shared?a=%2B"
SHIPPED = TOP / "apache-conf" / "shared-hosting"


class Hoster(Apache):
    """Knows nothing of Curt: no directive of its configuration names it."""

    wrapper_by_directive = False

    def mount(self):
        public = self.site.place.path / f"{self.site.name}-public_html"
        self.fill(public / self.site.mount.strip("/"))
        return f"""
FcgidMaxProcesses {self.site.workers}
<VirtualHost 127.0.0.1:{self.site.port}>
    DocumentRoot {public}
    <Directory {public}>
        AllowOverride FileInfo Options
        Require all granted
    </Directory>
</VirtualHost>
"""

    def fill(self, directory):
        """What the customer does: copy two files, set the two paths in the wrapper."""
        directory.mkdir(parents=True)
        wrapper = (SHIPPED / "curt.fcgi").read_text(encoding="utf-8")
        wrapper = wrapper.replace("/home/me/curt/curt.conf", str(self.site.config))
        wrapper = wrapper.replace("/home/me/curt/libexec/curt/curt.fcgi", str(self.site.program))
        assert "/home/me" not in wrapper
        htaccess = (SHIPPED / "htaccess").read_text(encoding="utf-8")
        if self.wrapper_by_directive:
            elsewhere = self.site.program.parent / "wrapper"
            self.executable(elsewhere, wrapper)
            htaccess += f"FcgidWrapper {elsewhere} .fcgi\n"
            wrapper = ""
        (directory / ".htaccess").write_text(htaccess, encoding="utf-8")
        self.executable(directory / "curt.fcgi", wrapper)

    @staticmethod
    def executable(path, text):
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)

    def warm_up(self):
        """A hoster starts processes when requests come."""


class HosterWithFcgidWrapper(Hoster):
    wrapper_by_directive = True


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
