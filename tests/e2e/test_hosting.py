# SPDX-License-Identifier: MIT
"""make install-hosting: a folder that runs where it is unpacked, with its own libraries only."""

import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from client import Client
from stack.process import environment
from stack.web import Site, free_port
from test_cgi import ApacheCgi
from test_doctor import as_root
from test_shared_hosting import TOP, Hoster

LONG_URL = "https://example.com/folder?a=%2B"
SIZE_MAX = 8 << 20                  # without lib/plugin, on Debian 12
HOSTS_OWN = r"(linux-vdso|ld-linux-[\w-]+|/lib64/ld-linux-[\w-]+|lib(c|m|dl|pthread|rt|resolv))\.so\.\d+"


def is_sanitized(installation):
    return "-fsanitize" in (installation.build / "Makefile").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def said_and_folder(installation, own_stack, tmp_path_factory):
    """What make says; and the folder, packed, unpacked elsewhere, and gone where it was made."""
    if is_sanitized(installation):
        pytest.skip("built with sanitizers, whose libraries no folder has")
    made = tmp_path_factory.mktemp("made") / "curt"
    done = subprocess.run(["make", "-s", "-C", installation.build, "install-hosting", f"HOSTING={made}"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, env=environment())
    assert done.returncode == 0, done.stdout[-3000:]
    place = own_stack.place
    home = place.path / "home"
    home.mkdir(mode=0o755)
    archive = made.parent / "curt.tar"
    subprocess.run(["tar", "-C", made.parent, "-cf", archive, "curt"], check=True)
    subprocess.run(["tar", "-C", home, "--no-same-owner", "-xf", archive], check=True)
    shutil.rmtree(made)
    folder = home / "curt"
    if place.user:
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, place.user.uid, place.user.gid)
    return done.stdout, folder


@pytest.fixture(scope="module")
def folder(said_and_folder):
    return said_and_folder[1]


def elf_files(folder):
    files = [path for path in folder.rglob("*") if path.is_file() and path.open("rb").read(4) == b"\x7fELF"]
    assert {path.name for path in files} >= {"curt.fcgi", "curtctl"}
    return files


def text_of(*command, **variables):
    return subprocess.run(command, capture_output=True, text=True, check=True,
                          env={**environment(), **variables}).stdout


def test_every_library_is_the_folders(folder):
    """But for the C library, which has to be the host's: it goes with its kernel and its name services."""
    for path in elf_files(folder):
        variables = {} if path.parent == folder else {
            "LD_LIBRARY_PATH": f"{folder}/lib:{folder}/lib/plugin"}      # what the program's path is for plugins
        for line in text_of("ldd", path, **variables).splitlines():
            name, _, where = line.strip().partition(" => ")
            if not re.fullmatch(HOSTS_OWN, name.split(" ")[0]):
                assert where.startswith(f"{folder}/lib/"), f"{path.name}: {line}"
    assert not [path for path in folder.rglob("*") if re.fullmatch(HOSTS_OWN, path.name)]


def test_the_programs_path_is_relative_and_for_all_they_need(folder):
    """DT_RUNPATH would not be for what the libraries need themselves (ld.so(8))."""
    dynamic = text_of("readelf", "-dW", folder / "curt.fcgi")
    assert "(RPATH)" in dynamic and "(RUNPATH)" not in dynamic
    assert "[$ORIGIN/lib:$ORIGIN/lib/plugin]" in dynamic


def test_the_floor_is_named(said_and_folder):
    said, folder = said_and_folder
    floor = re.search(r"glibc (\d+)\.(\d+)", (folder / "README").read_text(encoding="utf-8"))
    wanted = {tuple(map(int, version)) for path in elf_files(folder)
              for version in re.findall(r"\bGLIBC_(\d+)\.(\d+)", text_of("objdump", "-T", path))}
    assert tuple(map(int, floor.groups())) == max(wanted)
    assert floor[0] in said


def test_it_is_small_and_stripped(folder):
    sizes = {path.stat().st_ino: path.stat().st_size for path in folder.rglob("*")
             if path.is_file() and "plugin" not in path.parts}
    release = pathlib.Path("/etc/os-release").read_text(encoding="utf-8")
    if 'VERSION_ID="12"' in release:        # OpenSSL has grown since
        assert sum(sizes.values()) <= SIZE_MAX
    assert "not stripped" not in text_of("readelf", "-SW", folder / "curt.fcgi")
    assert ".symtab" not in text_of("readelf", "-SW", folder / "curt.fcgi")


def test_whatever_is_in_it_has_its_licence(folder):
    """Also of what is linked into the programs."""
    listed = (folder / "licences" / "README").read_text(encoding="utf-8").splitlines()[3:]
    files = {}
    for line in listed:
        name, package, version = re.fullmatch(r"(\S+): (\S+) (\S+)", line).groups()
        files[name] = (folder / "licences" / package).read_text(encoding="utf-8")
        assert version
    for library in ("libmariadb", "libcrypto"):     # static where all that they need is, too
        assert any(re.match(rf"{library}\.(a|so\.\d+)$", name) for name in files), library
    for path in folder.glob("lib/**/*.so*"):
        assert len(files[path.name]) > 500, path
    for named in re.findall(r"/usr/share/common-licenses/((?:L?GPL|Apache)-[\d.]*\d)", "".join(files.values())):
        assert (folder / "licences" / named).is_file(), named
    assert "MIT License" in (folder / "licences" / "curt").read_text(encoding="utf-8")


def test_the_programs_are_hardened(installation, folder):
    if "-Wl,-z,now" not in (installation.build / "Makefile").read_text(encoding="utf-8"):
        pytest.skip("built without hardening")
    program = folder / "curt.fcgi"
    assert "DYN" in text_of("readelf", "-h", program)
    dynamic = text_of("readelf", "-dW", program)
    assert "BIND_NOW" in dynamic and "TEXTREL" not in dynamic
    assert "GNU_RELRO" in text_of("readelf", "-lW", program)


# --- what it does --------------------------------------------------------------------------------

class Account:
    """A customer's: the folder, a database, and a web directory."""

    def __init__(self, stack, folder):
        self.stack = stack
        self.folder = folder
        self.port = free_port()
        user = stack.place.user
        self.identity = {"user": user.uid, "group": user.gid, "extra_groups": []} if user else {}
        self.configure("")
        self.ctl("db", "migrate")
        self.key = json.loads(self.ctl("--json", "key", "create", "--user", "me", "--role", "admin"))["secret"]

    def configure(self, more):
        database = self.stack.database
        config = self.folder / "curt.conf"
        config.write_text(f"""[server]
base_url = http://127.0.0.1:{self.port}/s
[mysql]
socket = {database.socket}
user = {database.user}
password = {database.password}
database = {database.database}
{more}""", encoding="utf-8")
        if self.identity:
            os.chown(config, self.identity["user"], self.identity["group"])
        config.chmod(0o600)

    def run(self, *arguments):
        """From another directory than the folder, without a word on where anything is."""
        return subprocess.run([self.folder / "curtctl", *arguments], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/",
                              env=environment(), **self.identity)

    def ctl(self, *arguments):
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def web(self, server, name):
        place = self.stack.place
        return server(Site(place, name, self.port, "/s/", 2, self.folder / "curt.fcgi",
                           self.folder / "curt.conf", self.stack.logs))

    def client(self):
        return Client(self.port, "/s/", key=self.key)


@pytest.fixture(scope="module")
def account(own_stack, folder):
    return Account(own_stack, folder)


def wrapper_for(site, name):
    """One path is set; nothing says where the configuration is."""
    text = (site.program.parent / "web" / name).read_text(encoding="utf-8")
    return text.replace("/home/me/curt/", f"{site.program.parent}/")


class FcgidCustomer(Hoster):
    def fill(self, directory):
        directory.mkdir(parents=True)
        shutil.copyfile(self.site.program.parent / "web" / "htaccess", directory / ".htaccess")
        self.executable(directory / "curt.fcgi", wrapper_for(self.site, "curt.fcgi"))
        shutil.copytree(self.site.program.parent / "web" / "curt-files", directory / "curt-files")


class CgiCustomer(ApacheCgi):
    def mount(self):
        text = super().mount()
        directory = self.site.place.path / f"{self.site.name}-public_html" / "s"
        Hoster.executable(directory / "curt.cgi", wrapper_for(self.site, "curt.cgi"))
        shutil.copyfile(self.site.program.parent / "web" / "htaccess-cgi", directory / ".htaccess")
        shutil.copytree(self.site.program.parent / "web" / "curt-files", directory / "curt-files")
        return text


@pytest.mark.parametrize("server", [FcgidCustomer, CgiCustomer])
def test_first_link(account, server):
    web = account.web(server, f"folder-{server.__name__}")
    try:
        web.start()
        client = account.client()
        link = client.create(LONG_URL)
        answer = client.get(link["code"])
        assert (answer.status, answer.location) == (302, LONG_URL)
        if server is FcgidCustomer:
            assert web.worker_pids()
        files = re.findall(r'"/s/(admin/files/[^"]+)"', client.get("admin/").body.decode())
        assert bool(files) == any((account.folder / "web" / "curt-files").iterdir())
        for name in files:
            answer = client.get(name, {"Accept-Encoding": "gzip"})
            file = account.folder / "web" / "curt-files" / f"{name.rpartition('/')[2]}"
            # An Apache without mod_headers, as this one by CGI, sends them as they are.
            compressed = server is FcgidCustomer
            assert (answer.status, answer.header("Content-Encoding")) == (200, "gzip" if compressed else None), name
            assert answer.body == (file.with_name(f"{file.name}.gz") if compressed else file).read_bytes()
    finally:
        web.stop()


def test_the_files_are_the_folders(account):
    """Schema, configuration and the place of what waits."""
    assert account.run("db", "status").returncode == 0
    shown = account.ctl("config", "check")
    assert str(account.folder / "curt.conf") in shown
    assert re.search(rf"{re.escape(str(account.folder))}/var/spool-[0-9a-f]{{8}}", shown)
    said = account.run("doctor").stdout
    assert "none is needed on one host" in said


def test_it_is_found_through_a_link_and_a_path(account, tmp_path_factory):
    """~/bin/curtctl, say."""
    link = account.stack.place.path / "curtctl-link"
    link.symlink_to(account.folder / "curtctl")
    done = subprocess.run([link, "config", "check"], capture_output=True, text=True, cwd="/",
                          env=environment(), **account.identity)
    assert done.returncode == 0, done.stderr
    link.unlink()


def test_memcached_is_refused_and_not_ignored(account):
    """Changes that other hosts make would not reach this one."""
    account.configure("[memcached]\nservers = 127.0.0.1:11211\n")
    try:
        said = account.run("doctor")
        assert "this program has no memcached: leave servers of [memcached] empty" in said.stdout
        web = subprocess.run(
            [account.folder / "curt.fcgi"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            env={**environment(), "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET",
                 "REQUEST_URI": "/s/healthz"}, **account.identity)
        assert web.stdout.startswith("Status: 503 ") and "has no memcached" in web.stderr
    finally:
        account.configure("")


def test_users_whose_authentication_is_a_plugin(account):
    """lib/plugin is where the client library looks, and holds what the plugins need."""
    stack = account.stack
    if stack.database.is_mysql:
        pytest.skip("ed25519 is MariaDB's")
    as_root(stack, "INSTALL SONAME 'auth_ed25519'",
            "CREATE USER edith@localhost IDENTIFIED VIA ed25519 USING PASSWORD('a good password')",
            f"GRANT ALL ON {stack.database.database}.* TO edith@localhost")
    before = (account.folder / "curt.conf").read_text(encoding="utf-8")
    other = account.stack.place.write("edith.ini", re.sub(
        r"(?m)^password = .*", "password = a good password",
        re.sub(r"(?m)^user = .*", "user = edith", before)))
    assert account.run("--config", str(other), "db", "status").returncode == 0


def test_where_it_is_made_is_said(installation, tmp_path):
    def make(*words):
        return subprocess.run(["make", "-s", "-C", installation.build, "install-hosting", *words],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment())
    assert "HOSTING=DIR" in make().stderr
    done = make(f"HOSTING={tmp_path}")
    assert done.returncode != 0 and f"{tmp_path} is there already" in done.stderr
    assert (TOP / "docs" / "shared-hosting.md").read_text().count("install-hosting HOSTING=")
