# SPDX-License-Identifier: MIT
"""The command line of script/server."""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import urllib.parse

from .database import programs
from .ours import open_file
from .process import Failed, environment, tail
from .supervisor import Supervisor
from .web import SERVERS, check_port

TOP = pathlib.Path(__file__).resolve().parents[2]

EPILOG = """\
Everything listens on 127.0.0.1 or on unix sockets. DIR keeps the data, the API key (admin.key) and the
logs (log/), so that the next start finds the links; while Curt runs, DIR/server.json says how to reach it
and the pids of its processes.
"""


def setting(text):
    name, equals, value = text.partition("=")
    if not equals or not re.fullmatch(r"[a-z_]+\.[a-z_]+", name) or re.search(r"[\r\n]", value):
        raise argparse.ArgumentTypeError(f"{text!r} is not section.key=value")
    return name, value


def count(text):
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 512:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 512")
    return int(text)


def port_number(text):
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port")
    return int(text)


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="script/server", epilog=EPILOG, allow_abbrev=False,
        description="Builds Curt and runs it with a database, a memcached and a web server of its "
                    "own, until Ctrl-C.")
    parser.add_argument("--port", type=port_number, default=8080, metavar="N",
                        help="the port of the web server (8080)")
    parser.add_argument("--web", choices=sorted(SERVERS), default="lighttpd",
                        help="the web server (lighttpd)")
    parser.add_argument("--database", choices=("auto", "mariadb", "mysql"), default="auto",
                        help="the database server (auto: MariaDB where it is installed, else MySQL)")
    parser.add_argument("--workers", type=count, metavar="N",
                        help="FastCGI workers (4; apache: 16)")
    parser.add_argument("--set", type=setting, action="append", default=[], dest="settings",
                        metavar="SECTION.KEY=VALUE", help="a line of curt.conf; may be repeated. "
                        "The path of server.base_url is where Curt is mounted")
    parser.add_argument("--var", type=pathlib.Path, default=pathlib.Path("var"), metavar="DIR",
                        help="where the data lives (./var)")
    parser.add_argument("--build", type=pathlib.Path, metavar="DIR",
                        help="run the programs of this build, instead of building in build/server")
    parser.add_argument("--detach", action="store_true", help="return once Curt serves")
    parser.add_argument("--stop", action="store_true", help="stop the one that runs on DIR")
    parser.add_argument("--look-only", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def mount_of(settings):
    """The path that Curt is mounted at: that of its base URL, with a final slash."""
    try:
        path = urllib.parse.urlsplit(settings.get("server.base_url", "")).path.rstrip("/")
    except ValueError as error:
        raise Failed(f"server.base_url: {error}") from None
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)*", path):
        raise Failed(f"server.base_url: cannot mount Curt at {path}")
    return path + "/"


def build(log):
    directory = TOP / "build" / "server"
    print(f"Building in {directory} …" if not (directory / "curt.fcgi").exists() else
          "Building what has changed …", file=sys.stderr)
    with open(open_file(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb") as output:
        done = subprocess.run([TOP / "script" / "build", directory], stdin=subprocess.DEVNULL,
                              stdout=output, stderr=output, env=environment(), check=False)
    if done.returncode != 0:
        raise Failed(f"the build failed; the whole log is {log}\n{tail(log, 30)}")
    return directory


def look(supervisor, options):
    """Reports errors before anything is installed or built."""
    mount_of(dict(options.settings))
    supervisor.check_alone()
    check_port(options.port)
    return 0


def welcome(running, sign_in, options, build_directory):
    stop = "script/server --stop" + (f" --var {options.var}" if options.var != pathlib.Path("var") else "")
    return f"""\
Curt serves at {running["base_url"]} ({running["web"]}, {len(running["pids"]["workers"])} workers).
sign in: {sign_in}
(once, within ten minutes; "curtctl key sign-in" prints another link)

Create a link:

curl -H 'Authorization: Bearer {running["api_key"]}' -H 'Content-Type: application/json' \
-d '{{"long_url": "https://example.com/"}}' {running["base_url"]}/api/v1/urls

Show the totals:

{build_directory.absolute() / "curtctl"} --config {running["config"]} stats

{f"Stop it: {stop}" if options.detach else "Ctrl-C stops it."}"""


def start(supervisor, options):
    settings = dict(options.settings)
    mount = mount_of(settings)
    supervisor.take_over()
    check_port(options.port)
    directory = options.build or build(supervisor.logs / "build.log")
    wanted = None if options.database == "auto" else options.database
    programs(wanted)    # fails at once when it is not installed
    def serve(ready):
        return supervisor.serve(
            directory, ready, web=options.web, database=wanted, port=options.port, mount=mount,
            workers=options.workers, settings=settings)
    def announce(running):
        sign_in = supervisor.host.sign_in_url(running["api_key"])
        print(welcome(running, sign_in, options, directory), flush=True)
    if options.detach:
        return detach(serve, announce, supervisor.logs / "server.log")
    return serve(announce)


def detach(serve, announce, log):
    """Serves in a separate process; returns when that serves or has failed."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.setsid()
        os.close(reader)
        output = open_file(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        heard = os.dup(1)
        for stream in (1, 2):
            os.dup2(output, stream)

        def ready(running):
            os.dup2(heard, 1)
            announce(running)
            os.dup2(output, 1)
            os.close(heard)
            os.write(writer, b"ok")
            os.close(writer)
        status = 1
        try:
            status = serve(ready)
        except Failed as failure:
            os.write(writer, str(failure).encode("utf-8"))
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read()
    if said != b"ok":
        raise Failed(said.decode("utf-8") or f"it ended before it was ready; see {log}")
    return 0


def main(arguments):
    options = parse(arguments)
    supervisor = Supervisor(options.var)
    try:
        if options.stop:
            return supervisor.stop_other()
        if options.look_only:
            return look(supervisor, options)
        return start(supervisor, options)
    except Failed as failure:
        print(f"script/server: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
