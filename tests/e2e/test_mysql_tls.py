# SPDX-License-Identifier: MIT
"""The connection to the database: what [mysql] tls promises (docs/databases.md), kept with servers with and
without TLS, and the same with each client library."""

import re
import shutil
import subprocess

import pytest

from stack.curt import render
from stack.database import Database as Server, programs
from stack.web import free_port

# Which users may connect in which way; the server enforces it.
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


def certificate(directory, name, signer, subject_names="", days=2):
    files = directory / f"{name}.pem", directory / f"{name}.key"
    extensions = directory / f"{name}.ext"
    extensions.write_text(f"subjectAltName={subject_names}\n" if subject_names else "")
    request = directory / f"{name}.csr"
    openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-out", request,
            "-keyout", files[1])
    openssl("x509", "-req", "-in", request, "-CA", signer[0], "-CAkey", signer[1],
            "-CAcreateserial", "-days", days, "-extfile", extensions, "-out", files[0])
    return files


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """By name: a certificate authority, an untrusted one, and the certificates that they signed. Readable by this user alone."""
    directory = tmp_path_factory.mktemp("tls")
    ours, other = authority(directory, "ours"), authority(directory, "other")
    names = "IP:127.0.0.1,DNS:localhost"
    return {"ours": ours, "other": other,
            "good": certificate(directory, "good", ours, names),
            "misnamed": certificate(directory, "misnamed", ours, "IP:127.0.0.1,DNS:elsewhere.example"),
            "expired": certificate(directory, "expired", ours, names, days=0),   # a second ago, by the time it is used
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
    """By name: servers without TLS ("plain"), as they are without options ("own": MySQL, and MariaDB from 11.4
    on, make a certificate themselves), with the certificate of that name."""
    place = tmp_path_factory.mktemp("databases")
    made = {}

    def database(name):
        if name not in made:
            if name == "plain":
                options = programs().without_tls
            elif name == "own":
                options = ()
            else:
                options = (f"--ssl-ca={certificates['ours'][0]}", f"--ssl-cert={certificates[name][0]}",
                           f"--ssl-key={certificates[name][1]}")
            made[name] = Database(installation, place / name, template, options)
            made[name].start()
        return made[name]
    yield database
    for started in made.values():
        started.server.stop()


OK = None
REFUSED = "certificate|[Vv]erif|TLS|SSL"
VERIFY = {"tls": "verify", "tls_ca": "@ours", "host": "localhost"}
CLIENT = {"tls_cert": "@client", "tls_key": "@client"}
ROWS = [
    # server, user, settings ("@name": the file of that certificate), what the complaint says
    ("plain", "anyhow", {"tls": "off"}, OK),
    ("plain", "anyhow", {"tls": "preferred"}, OK),
    ("plain", "anyhow", {}, OK),
    ("plain", "anyhow", {"tls": "required"}, "TLS|SSL"),
    ("plain", "anyhow", VERIFY, "TLS|SSL"),
    ("good", "anyhow", {"tls": "off"}, OK),
    ("good", "encrypted", {"tls": "off"}, "denied"),
    ("good", "encrypted", {"tls": "preferred"}, OK),
    ("good", "encrypted", {}, OK),
    ("good", "encrypted", {"tls": "required"}, OK),
    ("good", "encrypted", VERIFY, OK),
    ("good", "encrypted", {**VERIFY, "host": "LOCALHOST"}, OK),
    ("good", "encrypted", {**VERIFY, "tls_ca": "@other"}, REFUSED),
    ("good", "encrypted", {**VERIFY, "tls_ca": "/nowhere/ca.pem"}, REFUSED),
    ("misnamed", "encrypted", {"tls": "required"}, OK),
    ("misnamed", "encrypted", VERIFY, REFUSED),
    ("expired", "encrypted", {"tls": "preferred"}, OK),
    ("expired", "encrypted", {"tls": "required"}, OK),
    ("expired", "encrypted", VERIFY, REFUSED),
    ("own", "anyhow", {"tls": "off"}, OK),
    ("own", "anyhow", {"tls": "preferred"}, OK),
    ("own", "anyhow", VERIFY, REFUSED),
    ("good", "certified", {"tls": "required"}, "denied"),
    ("good", "certified", {"tls": "required", **CLIENT}, OK),
    ("good", "certified", VERIFY, "denied"),
    ("good", "certified", {**VERIFY, **CLIENT}, OK),
]


def written(database, certificates, user, settings):
    """The configuration with these settings, and the files of the certificates they name."""
    files = {name: str(certificates[value[1:]][name == "tls_key"])
             for name, value in settings.items() if value.startswith("@")}
    return database.configuration(user=user, **{**settings, **files})


def curtctl(installation, config, *arguments):
    return subprocess.run([installation.curtctl, "--config", config, *arguments], capture_output=True,
                          stdin=subprocess.DEVNULL, text=True, check=False)


@pytest.mark.parametrize("server,user,settings,complaint", ROWS, ids=str)
def test_what_tls_promises(installation, databases, certificates, server, user, settings, complaint):
    config = written(databases(server), certificates, user, settings)
    done = curtctl(installation, config, "db", "status", "--schema", SCHEMA)
    if complaint is OK:
        assert done.returncode == 0, done.stderr
    else:
        assert done.returncode != 0
        assert re.search(complaint, done.stderr), done.stderr


@pytest.mark.parametrize("tls", ["off", "preferred", "required"])
def test_a_password_without_tls(installation, databases, certificates, tls):
    """The server's memory of the password is empty: MySQL wants it whole, by TLS or by its RSA key."""
    database = databases("plain" if tls != "required" else "good")
    database.server.stop()
    database.server.start()
    config = written(database, certificates, "anyhow", {"tls": tls})
    done = curtctl(installation, config, "db", "status", "--schema", SCHEMA)
    assert done.returncode == 0, done.stderr


NOT_THE_SAME_WITH_ALL = [
    # settings, what the complaint says
    ({"tls": "verify"}, "tls of [mysql]: verify needs tls_ca"),
    ({"tls": "verify", "tls_ca": "@ours"}, "host of [mysql]: tls = verify checks a name"),
    ({**VERIFY, "host": "::1"}, "host of [mysql]: tls = verify checks a name"),
    ({**VERIFY, "socket": "/run/mysqld/mysqld.sock"}, "socket of [mysql]: tls = verify checks a name"),
    ({**VERIFY, "replicas": "localhost:3307,127.0.0.1:3307"}, "replicas of [mysql]: tls = verify checks a name"),
    ({"tls_ca": "@ours"}, "tls_ca of [mysql]: is for tls = verify alone"),
    ({"tls": "required", "tls_ca": "@other"}, "tls_ca of [mysql]: is for tls = verify alone"),
    ({"tls": "off", "tls_ca": "@ours"}, "tls_ca of [mysql]: is for tls = verify alone"),
]


@pytest.mark.parametrize("settings,complaint", NOT_THE_SAME_WITH_ALL, ids=str)
def test_what_is_refused(installation, databases, certificates, settings, complaint):
    """Before anything is connected to, by the check as by workers."""
    config = written(databases("good"), certificates, "encrypted", settings)
    done = curtctl(installation, config, "config", "check")
    assert done.returncode == 3, done.stderr
    assert complaint in done.stderr
    worker = subprocess.run([installation.fcgi, "--config", config, "--check"], capture_output=True,
                            stdin=subprocess.DEVNULL, text=True, check=False, timeout=20)
    assert worker.returncode != 0
    assert complaint in worker.stderr


def test_links_over_tls(stack, databases, certificates):
    """Workers, too: each connection is encrypted and the server is checked."""
    database = databases("good")
    settings = {"mysql.socket": "", "mysql.host": "localhost", "mysql.port": database.port,
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
