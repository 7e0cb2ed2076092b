# SPDX-License-Identifier: MIT
"""Tests the Debian packages in the root that script/test-package makes: installs the previous version, creates a
link and follows it through each web server, upgrades under load, purges with and without pending links and clicks.

No systemd runs in the root. The service is its ExecStart, run as its user with the system calls that
SystemCallFilter allows; this script starts it, and stops it before the package is removed.
"""

import contextlib
import errno
import glob
import http.client
import json
import os
import pathlib
import pwd
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import seccomp

HOST = "short.example"
PORTS = {"nginx": 8081, "lighttpd": 8082, "apache2": 8083}
LONG_URL = "https://example.org/a/long/way"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CONFIG = pathlib.Path("/etc/curt/curt.conf")
SOCKET = pathlib.Path("/run/curt/curt.socket")
PROGRAM = "/usr/libexec/curt/curt.fcgi"
PACKAGES = ["curt", "curt-webserver-apache2", "curt-webserver-lighttpd", "curt-webserver-nginx"]
WAIT_S = 60             # for a server to be ready, for workers to execute a new program
LOAD_S = 5              # seconds of load before the upgrade, and after it
MOST_EXPOSED = 2.5
# Paths of apt, dpkg, the servers, and this test.
NOT_OURS = re.compile("/(proc|sys|dev/(?!shm)[^/]+|run|tmp|src|build|packages|root|var/log|var/cache|var/lib/apt"
                      "|var/lib/dpkg|var/lib/mysql|var/lib/apache2|var/lib/nginx)(/|$)")


class Failure(Exception):
    """A check failed."""


def expect(holds, what):
    if not holds:
        raise Failure(what)


def run(*command, text=None, status=0):
    done = subprocess.run(list(map(str, command)), check=False, input=text, text=True,
                          stdin=None if text else subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
    expect(status is None or done.returncode == status,
           f"{shlex.join(map(str, command))}: status {done.returncode}\n{done.stdout}")
    return done.stdout


def wait(holds, what, seconds=WAIT_S):
    end = time.monotonic() + seconds
    while not holds():
        expect(time.monotonic() < end, f"after {seconds} s still not: {what}")
        time.sleep(0.05)


def answers(address):
    family = socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX
    with socket.socket(family) as peer:
        return peer.connect_ex(address) == 0


class Daemon:
    """A server that runs in the foreground until it is stopped."""

    def __init__(self, name, command, address, **options):
        self.name = name
        self.log = open(f"/tmp/{name}.log", "ab")     # noqa: SIM115: open as long as the server runs
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, **options)
        wait(lambda: self.is_alive() and answers(address), f"{name} listens at {address} (/tmp/{name}.log)")

    def is_alive(self):
        expect(self.process.poll() is None, f"{self.name} ended: {pathlib.Path(self.log.name).read_text()[-2000:]}")
        return True

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(WAIT_S)
        self.log.close()


# --- the servers

def start_database():
    run("install", "-d", "-o", "mysql", "-g", "mysql", "/run/mysqld")
    return Daemon("mariadbd", ["mariadbd", "--user=mysql", "--skip-networking"], "/run/mysqld/mysqld.sock")


def unit():
    for folder in ("/usr/lib", "/lib"):
        path = pathlib.Path(folder, "systemd/system/curt.service")
        if path.exists():
            return path
    raise Failure("there is no curt.service")


def calls_of(name):
    """The system calls of a word of SystemCallFilter."""
    if not name.startswith("@"):
        return {name}
    lines = run("systemd-analyze", "syscall-filter", "--no-pager", name).splitlines()
    members = [line.strip() for line in lines[1:]]
    return set().union(*(calls_of(member) for member in members if member and not member.startswith("#")))


def filter_of(settings):
    """The system calls that the unit allows, for seccomp."""
    allowed = set()
    for line in settings:
        words = line.lstrip("~").split()
        calls = set().union(*map(calls_of, words))
        allowed = allowed - calls if line.startswith("~") else allowed | calls
    rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))
    for call in allowed | calls_of("@default"):
        with contextlib.suppress(RuntimeError):     # a call of another architecture
            rules.add_rule(seccomp.ALLOW, call)
    return rules


def start_pool():
    """Runs the unit as systemd would."""
    lines = [line.partition("=") for line in unit().read_text().splitlines() if not line.startswith("#")]
    setting = {name: value for name, _, value in lines}
    rules = filter_of(value for name, _, value in lines if name == "SystemCallFilter")
    user = setting["User"]
    run("install", "-d", "-o", user, "-g", setting["Group"], SOCKET.parent)
    name, _, value = setting["Environment"].partition("=")
    return Daemon("curt", shlex.split(setting["ExecStart"]), str(SOCKET), cwd="/", umask=int(setting["UMask"], 8),
                  env={"PATH": "/usr/bin:/bin", name: value}, user=user, group=setting["Group"], extra_groups=[],
                  preexec_fn=rules.load)


def edit(path, *replacements):
    path = pathlib.Path(path)
    text = path.read_text(encoding="utf-8")
    for old, new in replacements:
        expect(old in text, f"{path} does not say {old!r}")
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def move_servers_aside():
    """Gives each web server its own port, before Curt is installed."""
    pathlib.Path("/etc/nginx/sites-enabled/default").unlink()
    text = pathlib.Path("/etc/lighttpd/lighttpd.conf").read_text(encoding="utf-8")
    port = re.search(r"^server.port .*$", text, re.M).group()
    edit("/etc/lighttpd/lighttpd.conf", (port, f"server.port = {PORTS['lighttpd']}"))
    edit("/etc/apache2/ports.conf", ("Listen 80\n", f"Listen {PORTS['apache2']}\n"))
    with open("/etc/hosts", "a", encoding="utf-8") as hosts:
        hosts.write(f"127.0.0.1 {HOST}\n")


def follow_instructions():
    """Follows the README.Debian of each."""
    here = ("s.example.org", HOST)
    edit("/etc/nginx/sites-available/curt", here, ("80;", f"{PORTS['nginx']};"))
    os.symlink("../sites-available/curt", "/etc/nginx/sites-enabled/curt")
    edit("/etc/lighttpd/conf-available/50-curt.conf", here)
    run("lighty-enable-mod", "curt")
    site = "/etc/apache2/sites-available/curt.conf"
    shutil.copy("/usr/share/doc/curt-webserver-apache2/examples/apache2-site.conf", site)
    edit(site, here, ("*:80", f"*:{PORTS['apache2']}"))
    run("a2enmod", "proxy", "proxy_fcgi", "rewrite", "headers")
    run("a2ensite", "curt")
    check_web_servers()


def check_web_servers():
    """Checks that each web server could still start and reload after the packages have changed."""
    run("nginx", "-t")
    run("lighttpd", "-tt", "-f", "/etc/lighttpd/lighttpd.conf")
    run("apache2ctl", "configtest")


def undo_what_is_the_administrators():
    run("a2dissite", "curt")
    run("a2dismod", "headers", "rewrite", "proxy_fcgi", "proxy")
    pathlib.Path("/etc/apache2/sites-available/curt.conf").unlink()


def start_web_servers():
    for folder in ("/run/apache2", "/run/lock/apache2"):
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    run("install", "-d", "-o", "www-data", "/run/lighttpd", "/var/log/lighttpd", "/var/cache/lighttpd")
    commands = {"nginx": ["nginx", "-g", "daemon off;"],
                "lighttpd": ["lighttpd", "-D", "-f", "/etc/lighttpd/lighttpd.conf"],
                "apache2": ["bash", "-c", ". /etc/apache2/envvars && exec apache2 -D FOREGROUND"]}
    return [Daemon(name, commands[name], ("127.0.0.1", port)) for name, port in PORTS.items()]


# --- Curt

def ask(web, method, path, key=None, body=None):
    peer = http.client.HTTPConnection("127.0.0.1", PORTS[web], timeout=30)
    with contextlib.closing(peer):
        headers = {"Host": f"{HOST}:{PORTS[web]}", "User-Agent": BROWSER}
        if key:
            headers |= {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        peer.request(method, path, json.dumps(body) if body else None, headers)
        answer = peer.getresponse()
        return answer.status, answer.getheader("Location"), answer.read().decode()


def make_link(web, key, status=201, **wishes):
    got, _, text = ask(web, "POST", "/api/v1/urls", key, {"long_url": LONG_URL, **wishes})
    expect(got == status, f"a link through {web}: {got} {text}")
    return json.loads(text)["code"]


def follow(web, code):
    status, location, _ = ask(web, "GET", f"/{code}")
    expect((status, location) == (302, LONG_URL), f"{code} through {web}: {status} {location}")


def clicks_of(web, code, key):
    status, _, text = ask(web, "GET", f"/api/v1/urls/{code}", key)
    expect(status == 200, f"{code}: {status} {text}")
    return json.loads(text)["clicks"]


def workers():
    """The pids of Curt's processes, with the path of the program that each executes."""
    found = {}
    for path in glob.glob("/proc/[0-9]*/exe"):
        with contextlib.suppress(OSError):
            program = os.readlink(path)
            if program.removesuffix(" (deleted)") == PROGRAM:
                found[int(path.split("/")[2])] = program
    return found


class Load(threading.Thread):
    """Follows one link through one web server repeatedly, and collects failures."""

    def __init__(self, web, code):
        super().__init__(daemon=True)
        self.web, self.code = web, code
        self.number, self.failed = 0, []
        self.over = threading.Event()
        self.start()

    def run(self):
        while not self.over.is_set():
            self.number += 1
            try:
                follow(self.web, self.code)
            except (Failure, OSError, http.client.HTTPException) as error:
                self.failed.append(f"{time.strftime('%T')} {error!r}")

    def finish(self):
        self.over.set()
        self.join()


# --- the packages

def install(folder):
    return run("dpkg", "-i", *sorted(glob.glob(f"/packages/{folder}/*.deb")))


def purge():
    """Stops the service first, as systemd would."""
    shutil.rmtree(SOCKET.parent)
    return run("dpkg", "--purge", *PACKAGES)


def files_of_the_system():
    found = set()
    for folder, folders, names in os.walk("/"):
        paths = [os.path.join(folder, name) for name in folders + names]
        found |= {path for path in paths if not NOT_OURS.match(path)}
        folders[:] = [name for name in folders if not NOT_OURS.match(os.path.join(folder, name))]
    return found


def owner_and_mode(path):
    st = os.stat(path)
    return f"{pwd.getpwuid(st.st_uid).pw_name}:{st.st_gid} {st.st_mode & 0o7777:o}"


def configure():
    edit(CONFIG, ("#base_url = http://localhost:8080", f"base_url = http://{HOST}:{PORTS['nginx']}"),
         ("#password =", "password = a good password"))


# --- the steps

def try_fresh_installation():
    said = install("previous")
    group = pwd.getpwnam("www-data").pw_gid
    expect(owner_and_mode(CONFIG) == f"root:{group} 640", f"{CONFIG}: {owner_and_mode(CONFIG)}")
    expect(owner_and_mode("/var/lib/curt") == f"www-data:{group} 750", owner_and_mode("/var/lib/curt"))
    expect(os.path.islink("/etc/systemd/system/multi-user.target.wants/curt.service"), f"not enabled: {said}")
    report = run("systemd-analyze", "security", "--offline=yes", "--no-pager", unit(), status=None)
    level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", report)
    expect(level and float(level.group(1)) <= MOST_EXPOSED, report)
    scripts = [path.read_text() for path in pathlib.Path("/var/lib/dpkg/info").glob("curt.p*")]
    expect(not any("restart" in script for script in scripts), "a script of the package restarts something")
    return f"systemd-analyze security: {level.group(1)}"


def try_database():
    for line in ("CREATE DATABASE curt", "CREATE USER curt@localhost IDENTIFIED BY 'a good password'",
                 "GRANT ALL ON curt.* TO curt@localhost"):
        run("mariadb", "-e", line)
    configure()
    run("curtctl", "db", "migrate")
    return json.loads(run("curtctl", "key", "create", "--user", "me", "--role", "admin", "--json"))["secret"]


def try_web_servers(key):
    codes = {web: make_link(web, key) for web in PORTS}
    for web, code in codes.items():
        follow(web, code)
    for name in ("healthz", "readyz"):
        status, _, text = ask("nginx", "GET", f"/{name}")
        expect(status == 200, f"{name}: {status} {text}")
    run("curtctl", "doctor")
    return codes


def try_upgrade(servers, key):
    """Upgrades under load through each web server: no request fails, no click is lost, and no server is restarted."""
    code = make_link("nginx", key)
    before = workers()
    load = [Load(web, code) for web in PORTS]
    time.sleep(LOAD_S)
    said = install("new")
    expect("go on" not in said, said)
    wait(lambda: not any("(deleted)" in program for program in workers().values()),
         "all workers execute the new program")
    taken = time.strftime("%T")
    time.sleep(LOAD_S)
    for thread in load:
        thread.finish()
    failed = [line for thread in load for line in thread.failed]
    number = sum(thread.number for thread in load)
    expect(not failed, f"{len(failed)} of {number} redirects failed: {failed[:10]}")
    expect(len(workers()) == len(before), f"{len(workers())} processes, {len(before)} before")
    for server in servers:
        server.is_alive()
    run("curtctl", "flush")
    counted = clicks_of("nginx", code, key)
    expect(counted == number, f"{counted} clicks counted, {number} made")
    by_web = ", ".join(f"{thread.web} {thread.number}" for thread in load)
    return f"{number} redirects ({by_web}), 0 failed, all counted; new program by {taken}"


def stop(daemons):
    while daemons:
        daemons.pop().stop()


def try_purge_with_what_waits(daemons, key):
    """With the database stopped, a link and clicks are pending: purging reports and keeps them, and after another
    installation they are stored."""
    daemons.pop(0).stop()
    code = make_link("nginx", key, status=202)
    follow("nginx", code)
    stop(daemons)
    said = purge()
    kept = re.findall(r"^curt: kept (\S+):", said, re.M)
    expect([path for path in kept if path.startswith("/var/lib/curt/spool-")], f"the spool is not named: {said}")
    expect([path for path in kept if path.endswith(".clicks")], f"the clicks are not named: {said}")
    expect(all(os.path.exists(path) for path in kept), f"named, and not there: {kept}")
    expect(not CONFIG.exists(), f"{CONFIG} is there still")
    check_web_servers()
    install("new")
    configure()
    daemons += [start_database(), start_pool()]
    wait(lambda: "clicks" in run("curtctl", "link", "show", code, "--json", status=None), f"{code} is stored")
    run("curtctl", "flush")
    clicks = json.loads(run("curtctl", "link", "show", code, "--json"))["clicks"]
    expect(clicks == 1, f"{code} has {clicks} clicks")
    return f"named: {' '.join(kept)}; stored after it was installed again"


def try_purge(daemons, before):
    """Purges with nothing pending: no file is left."""
    daemons.pop().stop()
    said = purge()
    expect("kept" not in said, said)
    undo_what_is_the_administrators()
    left = sorted(files_of_the_system() - before)
    expect(not left, f"left: {left[:20]}")
    gone = sorted(before - files_of_the_system())
    expect(not gone, f"gone: {gone[:20]}")


def main():
    def step(name, function, *arguments):
        result = function(*arguments)
        print(f"ok  {name}" + (f": {result}" if isinstance(result, str) and name != "a database and a key" else ""),
              flush=True)
        return result

    move_servers_aside()
    before = files_of_the_system()
    daemons = [start_database()]
    step("installed", try_fresh_installation)
    key = step("a database and a key", try_database)
    daemons.append(start_pool())
    follow_instructions()
    daemons += start_web_servers()
    step("a link through each web server", try_web_servers, key)
    step("upgraded under load", try_upgrade, daemons, key)
    step("purged while something waits", try_purge_with_what_waits, daemons, key)
    step("purged", try_purge, daemons, before)
    stop(daemons)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"script/test-package: {failure}")
