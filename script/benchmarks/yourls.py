# SPDX-License-Identifier: MIT
"""Measures an alternative: YOURLS on php-fpm with opcache, behind the same lighttpd, on the same MariaDB.
YOURLS is not part of Curt: --yourls names its folder, and Debian's packages of PHP must be installed."""

import pathlib
import re
import shutil

from stack.process import Failed, Process
from stack.web import Lighttpd, TOP

from .native import Native, compare
from .redirects import HOT
from .result import Result

VERSION = "1.10.4"
FPM = "php-fpm8.2"
EXTENSIONS = pathlib.Path("/usr/lib/php/20220829")
PACKAGES = {"php8.2-fpm": lambda: shutil.which(FPM),
            "php8.2-mysql": (EXTENSIONS / "pdo_mysql.so").exists,
            "php8.2-opcache": (EXTENSIONS / "opcache.so").exists}
DATABASE = "curt_yourls"


def missing(directory):
    """Why YOURLS cannot be measured; "": it can."""
    packages = [name for name, is_there in PACKAGES.items() if not is_there()]
    if packages:
        return f"install {' '.join(packages)}"
    if not directory:
        return f"name a folder with YOURLS {VERSION} by --yourls"
    try:
        text = (directory / "includes" / "version.php").read_text(encoding="utf-8")
    except OSError as error:
        return f"--yourls: {error}"
    found = re.search(r"'YOURLS_VERSION',\s*'([^']+)'", text)
    return "" if found and found[1] == VERSION else f"--yourls: {directory} is not YOURLS {VERSION}"


def pool(stage, socket):
    identity = stage.place.user
    user = f"user = {identity.name}\ngroup = {identity.group}\nlisten.owner = {identity.name}" if identity else ""
    return f"""
[global]
error_log = {stage.logs}/php-fpm.log
daemonize = no
[yourls]
{user}
listen = {socket}
pm = static
pm.max_children = {stage.workers}
"""


def configuration(stage, port):
    return f"""<?php
define('YOURLS_DB_USER', '{stage.database.user}');
define('YOURLS_DB_PASS', '{stage.database.password}');
define('YOURLS_DB_NAME', '{DATABASE}');
define('YOURLS_DB_HOST', 'localhost');
define('YOURLS_DB_PREFIX', 'yourls_');
define('YOURLS_SITE', 'http://127.0.0.1:{port}');
define('YOURLS_LANG', '');
define('YOURLS_UNIQUE_URLS', true);
define('YOURLS_PRIVATE', true);
define('YOURLS_COOKIEKEY', 'benchmark');
define('YOURLS_DEBUG', false);
define('YOURLS_URL_CONVERT', 36);
$yourls_user_passwords = ['benchmark' => '{stage.database.password}'];
"""


class Yourls(Native, Lighttpd):
    """lighttpd with PHP's pool of workers, as many as Curt has."""

    def __init__(self, site):
        super().__init__(site)
        self.pool = None

    def configuration(self):
        whole = super().configuration()
        return whole[:whole.index("server.document-root")] + f"""
server.document-root = "{self.path("-root")}"
{whole[whole.index("server.username"):whole.index("var.curt_fcgi")] if self.user else ""}
include "{TOP}/lighttpd-conf/curt-server.conf"
server.modules += ( "mod_rewrite" )
index-file.names = ( "index.php" )
url.rewrite-if-not-file = ( "^/([^?]*)(\\?.*)?$" => "/yourls-loader.php$2" )
fastcgi.server = ( ".php" => (( "socket" => "{self.path("-fpm")}" )) )
"""

    def is_ready(self):
        return self.process.is_alive()

    def stop(self):
        super().stop()
        if self.pool:
            self.pool.stop()


def set_up(stage, directory):
    """Starts the host, with one link."""
    stage.database.sql(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4")
    host = stage.make_host("yourls", "lighttpd", stage.installation, {}, None, server=Yourls)
    web = host.web
    stage.stack.callback(host.stop)
    root = web.path("-root")
    shutil.copytree(directory, root, ignore=shutil.ignore_patterns("tests", ".git"))
    (root / "user" / "config.php").write_text(configuration(stage, host.port), encoding="utf-8")
    fpm = stage.place.write("yourls-fpm.conf", pool(stage, web.path("-fpm")))
    web.pool = Process([FPM, "-F", "-y", fpm, "-d", "opcache.enable=1", "-d",
                        f"pdo_mysql.default_socket={stage.database.socket}"], stage.logs / "php.log")
    web.pool.wait_ready(web.path("-fpm").exists, 20, FPM)
    host.start()
    stage.ask(host, "/admin/install.php?install=1")
    stage.database.sql(
        "INSERT INTO yourls_url (keyword, url, title, timestamp, ip, clicks) SELECT code, long_url, '', NOW(),"
        f" '127.0.0.1', 0 FROM {stage.database.database}.link WHERE code = '{HOT[1:]}'", database=DATABASE)
    status, location = stage.ask(host, HOT)
    if status not in (301, 302) or not location.startswith("https://example.com/aaa"):
        raise Failed(f"YOURLS answered {HOT} with {status} {location}")
    return host


def redirects(stage, options):
    lacking = missing(options.yourls)
    if lacking:
        raise Failed(f"yourls: {lacking}")
    baseline = set_up(stage, options.yourls)
    result = Result("yourls", f"local cache, lighttpd, to YOURLS {VERSION}", must=30, aim=40, measured_unit="/s")
    compare(stage, options, result, stage.host("local"), baseline)
    clicks = int(stage.database.sql(f"SELECT clicks FROM yourls_url WHERE keyword = '{HOT[1:]}'",
                                    database=DATABASE))
    result.notes = {"clicks_that_yourls_counted": clicks}
    return result
