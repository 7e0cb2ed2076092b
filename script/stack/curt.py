# SPDX-License-Identifier: MIT
"""Curt's programs, configuration file and admin commands, and a host that runs it."""

import json
import pathlib
import subprocess

from .process import Failed, environment
from .web import SERVERS, Site

TOP = pathlib.Path(__file__).resolve().parents[2]


class Installation:
    """The programs of one build."""

    def __init__(self, build):
        self.build = pathlib.Path(build).absolute()
        self.fcgi = self.build / "curt.fcgi"
        self.curtctl = self.build / "curtctl"
        self.files = self.build / "www" / "files"
        for program in (self.fcgi, self.curtctl):
            if not program.is_file():
                raise Failed(f"{program} is missing: build Curt first (script/build {build})")

    def ctl(self, config, *arguments):
        """Runs curtctl and returns its output; raises Failed with its messages."""
        done = subprocess.run(
            [self.curtctl, "--config", config, *arguments], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(),
            check=False)
        if done.returncode != 0:
            raise Failed(f"curtctl {' '.join(arguments)} failed with status {done.returncode}:\n"
                         f"{done.stderr}")
        return done.stdout

    def migrate(self, config):
        return self.ctl(config, "db", "migrate", "--schema", str(TOP / "schema"))

    def make_key(self, config, user="admin", role="admin", name="made by the start script"):
        output = self.ctl(config, "--json", "key", "create", "--user", user, "--role", role,
                          "--name", name)
        return json.loads(output)["secret"]


DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def key_id(key):
    """The id of an API key, from its text: curt_ID_SECRET, the id in base 62."""
    number = 0
    for digit in key.split("_")[1]:
        number = number * len(DIGITS) + DIGITS.index(digit)
    return number


def render(settings):
    """The text of curt.conf for {"section.key": value}."""
    sections = {}
    for name, value in settings.items():
        section, _, key = name.partition(".")
        sections.setdefault(section, []).append(f"{key} = {value}\n")
    return "\n".join(f"[{section}]\n{''.join(lines)}" for section, lines in sections.items())


class Host:
    """A host: a web server with its workers, which share a segment."""

    def __init__(self, installation, place, logs, *, web, database, memcached, port, mount="/",
                 workers=None, settings=None, name="web", server=None):
        server = server or SERVERS[web]
        program = place.program(installation.fcgi, f"{name}-bin")
        segment = place.directory(f"{name}-segment") / "curt.segment"
        self.base_url = f"http://127.0.0.1:{port}{mount.rstrip('/')}"
        self.settings = {
            "server.base_url": self.base_url,
            "mysql.socket": database.socket,
            "mysql.user": database.user,
            "mysql.password": database.password,
            "mysql.database": database.database,
            "memcached.servers": f"unix:{memcached.socket}" if memcached else "",
            "segment.path": segment,
            "spool.path": segment.parent / "spool",
            **(settings or {}),
        }
        self.installation = installation
        self.config = place.write(f"{name}.ini", render(self.settings))
        self.web = server(Site(place, name, port, mount, workers or server.default_workers,
                               program, self.config, logs, place.folder(installation.files, f"{name}-files"),
                               self.settings.get("pages.path", "/admin")))
        self.port = port
        self.mount = mount

    def migrate(self):
        return self.installation.migrate(self.config)

    def make_key(self, **arguments):
        return self.installation.make_key(self.config, **arguments)

    def sign_in_url(self, key):
        """A link that signs a browser in with the key: once, within ten minutes."""
        return self.installation.ctl(self.config, "key", "sign-in", str(key_id(key))).strip()

    def start(self, started=None):
        self.web.start(started)

    def stop(self):
        self.web.stop()
