# SPDX-License-Identifier: MIT
"""The connection to the database: what [mysql] tls promises, kept by servers with and without TLS."""

import re
import shutil
import subprocess

import pytest

from stack.curt import render
from stack.database import Database as Server
from stack.web import free_port

# Who may connect how; the server insists on it.
USERS = {"anyhow": "NONE", "encrypted": "SSL", "certified": "X509"}


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def authority(directory, name):
    """A certificate that signs others: its files, as (certificate, key)."""
    files = directory / f"{name}.pem", directory / f"{name}.key"
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 2, "-subj", f"/CN={name}",
            "-out", files[0], "-keyout", files[1])
    return files


def certificate(directory, name, signer, subject_names=""):
    files = directory / f"{name}.pem", directory / f"{name}.key"
    extensions = directory / f"{name}.ext"
    extensions.write_text(f"subjectAltName={subject_names}\n" if subject_names else "")
    request = directory / f"{name}.csr"
    openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-out", request,
            "-keyout", files[1])
    openssl("x509", "-req", "-in", request, "-CA", signer[0], "-CAkey", signer[1],
            "-CAcreateserial", "-days", 2, "-extfile", extensions, "-out", files[0])
    return files


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """By name: an authority, one nobody trusts, what they signed. Readable by this user alone."""
    directory = tmp_path_factory.mktemp("tls")
    ours, other = authority(directory, "ours"), authority(directory, "other")
    return {"ours": ours, "other": other,
            "good": certificate(directory, "good", ours, "IP:127.0.0.1,DNS:db.example"),
            "misnamed": certificate(directory, "misnamed", ours, "DNS:elsewhere.example"),
            "client": certificate(directory, "client", ours)}


class Database:
    """A server on a port of its own, and curtctl as its client."""

    def __init__(self, installation, directory, template, options):
        directory.mkdir()
        shutil.copytree(template, directory / "data")
        self.ctl = installation.ctl
        self.directory = directory
        self.port = free_port()
        # Unix sockets have short names.
        self.server = Server(directory, f"/tmp/curt-tls-{self.port}", durable=False, options=[
            "--skip-networking=OFF", "--bind-address=127.0.0.1", f"--port={self.port}", *options])

    def configuration(self, **settings):
        path = self.directory / "curt.ini"
        path.write_text(render({"segment.path": "", **{
            f"mysql.{name}": value for name, value in {
                "host": "127.0.0.1", "port": self.port, "password": self.server.password,
                **settings}.items()}}))
        path.chmod(0o600)
        return path

    def start(self):
        self.server.start()
        self.ctl(self.configuration(socket=self.server.socket), "db", "migrate", "--schema",
                 str(SCHEMA))
        import pymysql
        root = pymysql.connect(unix_socket=str(self.server.socket), user="root")
        with root, root.cursor() as cursor:
            for user, requirement in USERS.items():
                cursor.execute(f"CREATE USER {user}@localhost IDENTIFIED BY "
                               f"'{self.server.password}' REQUIRE {requirement}")
                cursor.execute(f"GRANT ALL ON curt.* TO {user}@localhost")


from stack.curt import TOP                                         # noqa: E402
SCHEMA = TOP / "schema"


@pytest.fixture(scope="module")
def databases(installation, certificates, template, tmp_path_factory):
    """By name: servers without TLS, with a good certificate, with one of another name."""
    place = tmp_path_factory.mktemp("databases")
    made = {}

    def database(name):
        if name not in made:
            options = ["--skip-ssl"] if name == "plain" else [
                f"--ssl-ca={certificates['ours'][0]}", f"--ssl-cert={certificates[name][0]}",
                f"--ssl-key={certificates[name][1]}"]
            made[name] = Database(installation, place / name, template, options)
            made[name].start()
        return made[name]
    yield database
    for started in made.values():
        started.server.stop()


OK = None
ROWS = [
    # server, user, settings ("@name": the file of that certificate), what the complaint says
    ("plain", "anyhow", {"tls": "off"}, OK),
    ("plain", "anyhow", {"tls": "preferred"}, OK),
    ("plain", "anyhow", {}, OK),
    ("plain", "anyhow", {"tls": "required"}, "TLS|SSL"),
    ("plain", "anyhow", {"tls": "verify", "tls_ca": "@ours"}, "TLS|SSL"),
    ("good", "anyhow", {"tls": "off"}, OK),
    ("good", "encrypted", {"tls": "off"}, "denied"),
    ("good", "encrypted", {"tls": "preferred"}, OK),
    ("good", "encrypted", {}, OK),
    ("good", "encrypted", {"tls": "required"}, OK),
    ("good", "encrypted", {"tls": "verify", "tls_ca": "@ours"}, OK),
    ("good", "encrypted", {"tls": "verify", "tls_ca": "@other"}, "certificate|verif"),
    ("good", "encrypted", {"tls": "verify"}, "certificate|verif"),
    ("good", "encrypted", {"tls": "verify", "tls_ca": "/nowhere/ca.pem"}, "TLS|SSL"),
    ("misnamed", "encrypted", {"tls": "required"}, OK),
    ("misnamed", "encrypted", {"tls": "verify", "tls_ca": "@ours"}, "certificate|[Vv]erif"),
    ("good", "certified", {"tls": "required"}, "denied"),
    ("good", "certified", {"tls": "required", "tls_cert": "@client", "tls_key": "@client"}, OK),
    ("good", "certified", {"tls": "verify", "tls_ca": "@ours", "tls_cert": "@client",
                           "tls_key": "@client"}, OK),
]


@pytest.mark.parametrize("server,user,settings,complaint", ROWS, ids=str)
def test_what_tls_promises(installation, databases, certificates, server, user, settings, complaint):
    files = {name: str(certificates[value[1:]][name == "tls_key"])
             for name, value in settings.items() if value.startswith("@")}
    config = databases(server).configuration(user=user, **{**settings, **files})
    done = subprocess.run([installation.curtctl, "--config", config, "db", "status", "--schema",
                           SCHEMA], capture_output=True, text=True)
    if complaint is OK:
        assert done.returncode == 0, done.stderr
    else:
        assert done.returncode != 0
        assert re.search(complaint, done.stderr), done.stderr


def test_links_over_tls(stack, databases, certificates):
    """Workers, too: each connection is encrypted and the server is checked."""
    database = databases("good")
    settings = {"mysql.socket": "", "mysql.host": "127.0.0.1", "mysql.port": database.port,
                "mysql.user": "encrypted", "mysql.password": database.server.password,
                "mysql.tls": "verify", "mysql.tls_ca": stack.place.write(
                    "ca.pem", certificates["ours"][0].read_text())}
    host = stack.host("lighttpd", settings=settings, workers=2)
    try:
        from client import Client
        client = Client(host.port, key=host.make_key())
        link = client.create("https://example.com/encrypted")
        assert client.show(link["code"]).json == link
    finally:
        host.stop()
