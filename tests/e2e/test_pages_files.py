# SPDX-License-Identifier: MIT
"""The files of the pages, as the web servers send them, and the document that names them."""

import gzip
import re

import pytest

from stack.web import ApacheProxy
from test_shared_hosting import Hoster

MAKERS = {"lighttpd": {"web": "lighttpd"}, "apache": {"web": "apache"}, "nginx": {"web": "nginx"},
          "apache-proxy": {"web": "apache", "server": ApacheProxy},
          "htaccess": {"web": "apache", "server": Hoster, "mount": "/s/"}}
TYPES = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
HOME_MAX = 60_000       # bytes on the wire before the home page is of use
CHARTS_MAX = 150_000    # the same with charts
# lighttpd's mod_expire has no other words for it.
YEARS = {"public, max-age=31536000, immutable", "max-age=31536000"}
NAMED = re.compile(r'(?:src|href)="([^"]+)"')


@pytest.fixture(scope="module", autouse=True)
def with_pages(installation):
    if not any(installation.files.glob("main.*.js")):
        pytest.skip("this build has no pages (script/bootstrap --build fetches their libraries)")


@pytest.fixture(scope="module", params=MAKERS)
def host(request, stack):
    made = stack.host(**MAKERS[request.param])
    yield made
    made.stop()


def named(client, path="admin/"):
    """The paths of the files that the document names, below the mount."""
    answer = client.get(path)
    assert answer.status == 200 and answer.type == "text/html"
    found = [name for name in NAMED.findall(answer.body.decode()) if not name.endswith("/manifest.webmanifest")]
    assert found and all(name.startswith(f"{client.mount}admin/files/") for name in found)
    return [name.removeprefix(client.mount) for name in found]


def test_each_file_comes_with_its_type_for_a_year(client, installation):
    for path in named(client):
        answer = client.get(path)
        ours = (installation.files / path.rpartition("/")[2]).read_bytes()
        assert (answer.status, answer.body, answer.type) == (200, ours, TYPES[path.rpartition(".")[2]]), path
        assert answer.header("Cache-Control") in YEARS
        assert answer.header("Content-Encoding") is None
        assert answer.header("X-Content-Type-Options") == "nosniff"
        assert answer.header("X-Request-Id") is None, "Curt was asked"


@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate, br, zstd", "br;q=1.0, gzip;q=0.8, *;q=0.1"])
def test_the_compressed_form_comes_where_it_is_accepted(client, installation, accepted):
    for path in named(client):
        answer = client.get(path, {"Accept-Encoding": accepted})
        plain = (installation.files / path.rpartition("/")[2]).read_bytes()
        assert answer.status == 200 and answer.header("Content-Encoding") == "gzip", path
        assert gzip.decompress(answer.body) == plain
        assert answer.type == TYPES[path.rpartition(".")[2]]
        assert answer.header("Cache-Control") in YEARS and answer.header("Vary") == "Accept-Encoding"


@pytest.mark.parametrize("refused", ["gzip;q=0", "gzip; q=0, br", "identity", "x-gzipped"])
def test_the_compressed_form_does_not_come_where_it_is_refused(client, refused):
    answer = client.get(named(client)[0], {"Accept-Encoding": refused})
    assert answer.status == 200 and answer.header("Content-Encoding") is None


@pytest.mark.parametrize("path", [
    "admin/files/", "admin/files", "admin/files/main.js", "admin/files/none.0123456789.js", "admin/files/..",
    "admin/files/../files/", "admin/files/../../../../etc/passwd", "admin/files/..%2f..%2fetc%2fpasswd",
    "admin/files/%2e%2e/%2e%2e/etc/passwd", "admin/files//etc/passwd", "admin/files../", "admin/filesx/a.b.js"])
def test_nothing_else_is_a_file(client, path):
    answer = client.get(path)
    assert answer.status in (400, 403, 404), answer.body
    assert b"root:" not in answer.body and answer.header("Cache-Control") not in YEARS


def test_a_file_that_a_browser_has_is_not_sent_again(client):
    path = named(client)[0]
    first = client.get(path)
    again = client.get(path, {"If-None-Match": first.header("ETag")})
    assert (again.status, again.body) == (304, b"")


def test_the_home_page_is_light(any_client, installation):
    """What a browser loads before the first use; modules that are imported later are not named."""
    sizes = {path: len((installation.files / f"{path.rpartition('/')[2]}.gz").read_bytes())
             for path in named(any_client)}
    document = len(any_client.get("admin/").body)
    assert sum(sizes.values()) + document < HOME_MAX, sizes


def weight(installation, *entries):
    """The compressed bytes of these modules and of all that they import, statically or later."""
    names, left = set(), [next(installation.files.glob(f"{one}.*.js")).name for one in entries]
    while left:
        name = left.pop()
        if name not in names:
            names.add(name)
            left += re.findall(r'(?:from|import)\s*\(?\s*"\./([^"]+)"', (installation.files / name).read_text(encoding="utf-8"))
    return sum((installation.files / f"{name}.gz").stat().st_size for name in names)


def test_all_pages_with_charts_are_light(installation):
    """Every module there is, in all languages, and the style."""
    style, = installation.files.glob("pages.*.css.gz")
    total = weight(installation, "main") + style.stat().st_size
    assert weight(installation, "uplot") < total < CHARTS_MAX


def test_short_links_are_not_in_the_way(client):
    made = client.create("https://example.com/", title="a name of the pages' path is no alias")
    assert client.get(made["code"]).status == 302
    client.post(b'{"long_url": "https://example.com/", "custom_alias": "admin"}').is_problem(400, "reserved_alias")
