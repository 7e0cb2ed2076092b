# SPDX-License-Identifier: MIT
"""QR codes: what is drawn can be read, by two readers that know nothing of Curt, in every level and format, with and
without a logo; and workers do not keep the libraries that draw."""

import concurrent.futures
import json
import os
import random
import re
import shutil
import string
import struct
import subprocess
import zlib

import pytest

from client import Client
from conftest import HERE, SOURCES, WEB_SERVERS
from stack.process import environment
from test_life import URLS, call

JSQR = SOURCES / "build/crawlers/node_modules/jsqr"
READER = HERE / "qr_reader.mjs"
LINKS = 200
COLOURS = ["", "&dark=1a237e", "&dark=4a0000&light=fff8e1", "&dark=767676"]
needs_readers = pytest.mark.skipif(
    not (shutil.which("zbarimg") and shutil.which("rsvg-convert") and shutil.which("node") and JSQR.is_dir()),
    reason="zbar-tools, librsvg2-bin, nodejs and npm's jsqr read the codes")


def png(width, height, pixel):
    """A PNG file of RGBA pixels; `pixel` is called with x and y."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + b"".join(bytes(pixel(x, y)) for x in range(width)) for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


LOGOS = {
    "black": png(64, 64, lambda x, y: (0, 0, 0, 255)),
    "wide": png(90, 30, lambda x, y: (200, 30, 30, 255)),
    "round": png(60, 60, lambda x, y: (0, 80, 160, 255 if (x - 30) ** 2 + (y - 30) ** 2 < 900 else 0)),
    "noisy": png(50, 80, lambda x, y: (x * y % 256, 255 * (x // 5 % 2), y * 3, 255)),
}


def alias_of(length):
    return "".join(random.choices(string.ascii_letters + string.digits + "_-", k=length))


def read_by_zbar(files):
    done = subprocess.run(["zbarimg", "--quiet", "--xml", *files], capture_output=True, text=True, timeout=300, check=False)
    sources = re.findall(r"<source href='([^']*)'>(.*?)</source>", done.stdout, re.DOTALL)
    return {file: re.findall(r"<!\[CDATA\[(.*?)\]\]>", found, re.DOTALL) for file, found in sources}


def read_by_jsqr(files):
    done = subprocess.run(["node", READER, JSQR, *files], capture_output=True, text=True, timeout=300, check=True)
    return {file: [text] for file, text in map(json.loads, done.stdout.splitlines())}


def rasterised(path, answer):
    """The picture of an answer as a PNG file."""
    if answer.type == "image/png":
        path.write_bytes(answer.body)
    else:
        subprocess.run(["rsvg-convert", "-o", path], input=answer.body, timeout=60, check=True)
    return str(path)


def at_once(function, calls):
    """The results of function(*call) for each of the calls, which wait for other programs: as many at a time as there are processors."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda call: function(*call), calls))


def assert_read(wanted):
    """`wanted` has a text for each file."""
    parts = [list(wanted)[i::os.cpu_count()] for i in range(os.cpu_count())]
    for reader in (read_by_zbar, read_by_jsqr):
        read = {file: texts for found in at_once(reader, [(part,) for part in parts if part]) for file, texts in found.items()}
        wrong = {file: read.get(file) for file, text in wanted.items() if read.get(file) != [text]}
        assert not wrong


def draw(client, folder, code, query):
    answer = client.get(f"{URLS}/{code}/qr?{query}")
    assert answer.status == 200, answer.body
    name = re.sub(r"\W", "-", f"{code}-{query}")
    return rasterised(folder / f"{name}.png", answer)


@needs_readers
def test_two_readers_read_two_hundred_links(any_client, hosts, tmp_path):
    """Of codes from 8 to 50 characters, each in a level, a margin and colours, in both formats."""
    aliases = [alias_of(8 + i % 43) for i in range(LINKS)]
    made = call(any_client, "POST", f"{URLS}/bulk", {"links": [
        {"long_url": "https://example.com/", "custom_alias": alias} for alias in aliases]}).json["results"]
    assert {item["status"] for item in made} == {201}
    styles = [f"level={'LMQH'[i % 4]}&size={(200, 300, 417, 1000)[i // 4 % 4]}&margin={(4, 6, 16)[i % 3]}{COLOURS[i // 16 % 4]}"
              for i in range(LINKS)]
    pictures = [(alias, f"format={format}&{style}") for alias, style in zip(aliases, styles) for format in ("svg", "png")]
    files = at_once(draw, [(any_client, tmp_path, *picture) for picture in pictures])
    wanted = {file: f"{hosts('lighttpd').base_url}/{alias}" for file, (alias, _) in zip(files, pictures)}
    assert len(wanted) == 2 * LINKS
    assert_read(wanted)


@needs_readers
@pytest.mark.parametrize("logo", LOGOS)
def test_a_logo_leaves_the_code_readable(stack, tmp_path, logo):
    file = stack.place.path / f"{logo}.png"
    file.write_bytes(LOGOS[logo])
    file.chmod(0o644)
    host = stack.host(settings={"pages.logo": str(file)})
    try:
        client, wanted = stack.client(host), {}
        for alias in map(alias_of, (8, 12, 25, 50)):
            client.create("https://example.com/", custom_alias=alias)
            for query in ("format=svg&logo=yes", "format=png&logo=yes&level=L", "format=png&logo=yes&size=150"):
                wanted[draw(client, tmp_path, alias, query)] = f"{host.base_url}/{alias}"
        assert_read(wanted)
    finally:
        host.stop()


@pytest.mark.parametrize("web", WEB_SERVERS)
def test_every_web_server_passes_it_on(stack, hosts, web):
    host = hosts(web)
    client, stranger = stack.client(host), Client(host.port, host.mount)
    code = client.create("https://example.com/")["code"]
    for format, kind in (("svg", "image/svg+xml"), ("png", "image/png")):
        path = f"{URLS}/{code}/qr?format={format}"
        answer = stranger.get(path)
        assert (answer.status, answer.type) == (200, kind)
        assert answer.header("Cache-Control") == "public, max-age=3600"
        assert answer.header("Content-Disposition") == f'inline; filename="{code}.{format}"'
        head = stranger.request("HEAD", path)
        assert head.status == 200 and not head.body and head.header("ETag") == answer.header("ETag")
        known = stranger.get(path, {"If-None-Match": answer.header("ETag")})
        assert known.status == 304 and not known.body and known.header("ETag") == answer.header("ETag")
    assert answer.body.startswith(b"\x89PNG") and answer.body.endswith(b"IEND\xaeB`\x82")
    call(client, "DELETE", f"{URLS}/{code}")
    stranger.get(f"{URLS}/{code}/qr").is_problem(404, "not_found")
    stranger.get(f"{URLS}/{code}/qr?size=1").is_problem(404, "not_found")


def test_workers_do_not_keep_the_libraries(stack):
    """Half a mebibyte of each worker is not spent on codes that few of them draw."""
    host = stack.host(workers=1)
    try:
        client = stack.client(host)
        code = client.create("https://example.com/")["code"]
        for query in ("", "?format=png&size=1000", "?size=1"):
            client.get(f"{URLS}/{code}/qr{query}")
        [pid] = host.web.worker_pids()
        with open(f"/proc/{pid}/maps", encoding="utf-8") as maps:
            loaded = maps.read()
        assert "libmariadb" in loaded or "libmysqlclient" in loaded
        assert "libpng" not in loaded and "libqrencode" not in loaded
    finally:
        host.stop()


def test_curtctl_draws_what_the_api_draws(any_client, hosts, stack):
    host = hosts("lighttpd")
    ctl = [stack.installation.curtctl, "--config", host.config, "link", "qr"]
    code = any_client.create("https://example.com/")["code"]

    def drawn(*words, status=0):
        done = subprocess.run([*ctl, *words], capture_output=True, timeout=60, check=False, env=environment())
        assert done.returncode == status, done.stderr
        return done.stdout if status == 0 else done.stderr.decode()

    for options, query in ((), ""), (("--format", "png", "--size", "200"), "?format=png&size=200"), \
            (("--level", "H", "--margin", "0", "--dark", "000080"), "?level=H&margin=0&dark=000080"):
        assert drawn(*options, f"{host.base_url}/{code}") == any_client.get(f"{URLS}/{code}/qr{query}").body
    assert "no link nobody-has-this" in drawn("nobody-has-this", status=4)
    assert "--size: This must be" in drawn("--size", "1001", code, status=2)
    assert "need at least" in drawn("--size", "20", code, status=1)
    assert "--dark: Scanners" in drawn("--dark", "ffffff", code, status=2)
    assert "--logo: there is none" in drawn("--logo", code, status=2)
