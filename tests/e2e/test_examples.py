# SPDX-License-Identifier: MIT
"""The examples, put where they say into a copy of Debian's own configuration of each web server, pass
that server's own check. Nothing of the system is touched."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from stack.curt import TOP
from stack.web import Varnish, free_port

PROGRAM = "/usr/local/libexec/curt/curt.fcgi"     # where the README installs it


def check(*command, **variables):
    done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, **variables})
    return done.returncode, done.stdout


def passes(*command, **variables):
    status, said = check(*command, **variables)
    assert status == 0, said
    # A warning would be the first output for a user who follows the example.
    assert not re.search(r"warn|deprecated|unknown config-key", said, re.IGNORECASE), said


class Copy:
    """A copy of a folder of /etc in which absolute paths of the system lead into the copy."""

    def __init__(self, name, place):
        self.source = pathlib.Path("/etc") / name
        self.path = place / name
        if not self.source.is_dir():
            pytest.skip(f"{self.source} is not there")
        shutil.copytree(self.source, self.path, symlinks=True)
        self.place = place

    def lead(self, file, *replacements):
        path = self.path / file
        text = path.read_text(encoding="utf-8")
        for old, new in ((f"/etc/{self.path.name}", self.path), *replacements):
            text = text.replace(str(old), str(new))
        path.write_text(text, encoding="utf-8")
        return path

    def sound_before(self, *command, **variables):
        status, said = check(*command, **variables)
        if status != 0:
            pytest.skip(f"this machine's own configuration is not sound: {said[-300:]}")


def example(web, installation, name="example.conf"):
    text = (TOP / f"{web}-conf" / name).read_text(encoding="utf-8")
    assert web == "nginx" or name == "example-proxy.conf" or PROGRAM in text
    return text.replace(PROGRAM, str(installation.fcgi))


def test_lighttpd_alone(installation, tmp_path):
    for name in ("curt.conf", "curt-pages.conf", "curt-server.conf"):
        shutil.copy(TOP / "lighttpd-conf" / name, tmp_path)
    (tmp_path / "example.conf").write_text(example("lighttpd", installation), encoding="utf-8")
    passes("lighttpd", "-tt", "-f", tmp_path / "example.conf")


def test_lighttpd_on_debian(installation, tmp_path):
    copy = Copy("lighttpd", tmp_path)
    main = copy.lead("lighttpd.conf")
    copy.sound_before("lighttpd", "-tt", "-f", main)
    for name in ("curt.conf", "curt-pages.conf", "curt-server.conf"):
        shutil.copy(TOP / "lighttpd-conf" / name, copy.path)
    part = re.search(r"^var\.curt_fcgi.*", example("lighttpd", installation),
                     re.MULTILINE | re.DOTALL).group()
    (copy.path / "conf-enabled" / "50-curt.conf").write_text(part, encoding="utf-8")
    passes("lighttpd", "-tt", "-f", main)


def test_lighttpd_beside_other_sites(installation, tmp_path):
    copy = Copy("lighttpd", tmp_path)
    main = copy.lead("lighttpd.conf")
    copy.sound_before("lighttpd", "-tt", "-f", main)
    for name in ("curt.conf", "curt-pages.conf"):
        shutil.copy(TOP / "lighttpd-conf" / name, copy.path)
    text = example("lighttpd", installation, "example-shared.conf")
    assert "curt-server.conf\"" not in text and "server.http-parseopts" not in text
    (copy.path / "conf-enabled" / "50-curt.conf").write_text(text, encoding="utf-8")
    passes("lighttpd", "-tt", "-f", main)


def test_lighttpd_before_workers_that_run_by_themselves(tmp_path):
    copy = Copy("lighttpd", tmp_path)
    main = copy.lead("lighttpd.conf")
    copy.sound_before("lighttpd", "-tt", "-f", main)
    shutil.copy(TOP / "lighttpd-conf" / "curt-pool.conf", copy.path)
    (copy.path / "conf-enabled" / "50-curt.conf").write_text(
        'server.modules += ( "mod_fastcgi" )\n'
        'var.curt_pool = "/run/curt/curt.socket"\nvar.curt_mount = "/"\n'
        '$HTTP["host"] == "s.example.org" { include "curt-pool.conf" }\n', encoding="utf-8")
    passes("lighttpd", "-tt", "-f", main)


@pytest.mark.parametrize("name", ["example-shared.conf", "example-proxy.conf"])
def test_apache_beside_other_sites_holds_for_its_own_site_alone(name):
    """Outside the VirtualHost it defines names, and nothing else."""
    text = (TOP / "apache-conf" / name).read_text(encoding="utf-8")
    outside = re.sub(r"#.*", "", re.sub(r"<VirtualHost.*?</VirtualHost>", "", text, flags=re.DOTALL))
    assert {line.split()[0] for line in outside.splitlines() if line.strip()} == {"Define"}


@pytest.mark.parametrize("name", ["example.conf", "example-cache.conf", "example-shared.conf", "example-proxy.conf"])
def test_apache_on_debian(installation, tmp_path, name):
    copy = Copy("apache2", tmp_path)
    variables = {"APACHE_RUN_DIR": str(tmp_path), "APACHE_LOG_DIR": str(tmp_path),
                 "APACHE_LOCK_DIR": str(tmp_path), "APACHE_PID_FILE": str(tmp_path / "pid"),
                 "APACHE_RUN_USER": "www-data", "APACHE_RUN_GROUP": "www-data"}
    command = ["apache2", "-t", "-d", copy.path, "-f", "apache2.conf", "-c", "ServerName localhost"]
    copy.sound_before(*command, **variables)
    (copy.path / "curt").mkdir()
    for file in (TOP / "apache-conf").glob("curt*.conf"):
        shutil.copy(file, copy.path / "curt")
    site = example("apache", installation, name)
    (copy.path / "sites-enabled" / "curt.conf").write_text(site, encoding="utf-8")
    modules, = re.findall(r"a2enmod (.*?) &&", site)
    for module in modules.split():
        for file in (copy.path / "mods-available").glob(f"{module}.*"):
            enabled = copy.path / "mods-enabled" / file.name
            enabled.unlink(missing_ok=True)
            enabled.symlink_to(pathlib.Path("../mods-available") / file.name)
    passes(*command, **variables)
    # What it comes to.
    _, said = check(*command[:1], "-S", *command[2:], **variables)
    assert "s.example.org" in said


@pytest.mark.parametrize("name", ["example.conf", "example-cache.conf"])
def test_nginx_on_debian(installation, tmp_path, name):
    copy = Copy("nginx", tmp_path)
    main = copy.lead("nginx.conf", ("/run/", f"{tmp_path}/"), ("/var/log/nginx/", f"{tmp_path}/"))
    shutil.rmtree(copy.path / "modules-enabled")        # load_module has paths of the system's
    (copy.path / "sites-enabled" / "default").unlink(missing_ok=True)
    command = ["nginx", "-t", "-q", "-p", tmp_path, "-e", tmp_path / "error.log", "-c", main]
    copy.sound_before(*command)
    for file in (TOP / "nginx-conf").glob("curt-*.conf"):
        shutil.copy(file, copy.path)
    site = example("nginx", installation, name)
    assert "listen 80;" in site
    (copy.path / "sites-enabled" / "curt").write_text(
        site.replace("listen 80;", f"listen 127.0.0.1:{free_port()};")
        .replace("fastcgi_cache_path /run/", f"fastcgi_cache_path {tmp_path}/"), encoding="utf-8")
    passes(*command)


def test_varnish(tmp_path):
    """Only whether it compiles; the long output is not used."""
    if not Varnish.is_installed():
        pytest.skip("Varnish is not installed")
    status, said = check("varnishd", "-C", "-n", tmp_path / "instance", "-p", f"vcl_path={TOP}/varnish-conf",
                         "-f", TOP / "varnish-conf" / "example.vcl")
    assert status == 0, said[-1000:]


def test_the_drop_in(tmp_path):
    """It runs what is installed, at a start and at a reload."""
    text = (TOP / "apache-conf" / "curt-warm-up.conf").read_text(encoding="utf-8")
    lines = dict(line.split("=", 1) for line in text.splitlines() if re.match(r"\w+=", line))
    assert lines["ExecStartPost"] == lines["ExecReload"]
    assert lines["ExecStartPost"].startswith(f"-{pathlib.Path(PROGRAM).parent}/curt-warm-up http")
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze")
    unit = tmp_path / "apache2.service"
    unit.write_text("[Service]\nType=forking\nExecStart=/bin/true\nExecReload=/bin/true\n", encoding="utf-8")
    drop_ins = tmp_path / "apache2.service.d"
    drop_ins.mkdir()
    (drop_ins / "curt.conf").write_text(
        text.replace(f"{pathlib.Path(PROGRAM).parent}/curt-warm-up", "/bin/true"), encoding="utf-8")
    status, said = check("systemd-analyze", "verify", "--man=no", unit)
    assert status == 0 and "curt.conf" not in said, said


@pytest.mark.parametrize("name, program", [
    ("nginx-conf/curt-follow.service", "/usr/local/bin/curtctl clicks follow"),
    ("nginx-conf/curt-purge.service", "/usr/local/bin/curtctl edge purge"),
    ("varnish-conf/curt-varnishncsa.service", "/usr/bin/varnishncsa -D")])
def test_the_units_beside_curt(tmp_path, name, program):
    text = (TOP / name).read_text(encoding="utf-8")
    assert f"ExecStart={program}" in text
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze")
    unit = tmp_path / pathlib.Path(name).name
    unit.write_text(text.replace(f"ExecStart={program.split()[0]}", "ExecStart=/bin/true"), encoding="utf-8")
    status, said = check("systemd-analyze", "verify", "--man=no", unit)
    about_it = [line for line in said.splitlines() if unit.name in line]
    assert status == 0 and not about_it, said


def test_the_log_of_lighttpd(tmp_path):
    main = tmp_path / "lighttpd.conf"
    main.write_text(f'server.document-root = "{tmp_path}"\nserver.port = 80\nserver.modules += ( "mod_accesslog" )\n'
                    f'var.curt_log = "{tmp_path}/log"\ninclude "{TOP}/lighttpd-conf/curt-log.conf"\n',
                    encoding="utf-8")
    passes("lighttpd", "-tt", "-f", main)


def test_the_unit(installation, tmp_path):
    """systemd-analyze reads it; the paths are those of the other examples."""
    text = (TOP / "nginx-conf" / "curt.service").read_text(encoding="utf-8")
    upstream = (TOP / "nginx-conf" / "example.conf").read_text(encoding="utf-8")
    place, = re.findall(r"--listen (unix:\S+)", text)
    assert f"server {place};" in upstream and PROGRAM in text
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze")
    unit = tmp_path / "curt.service"
    unit.write_text(text.replace(PROGRAM, str(installation.fcgi)), encoding="utf-8")
    status, said = check("systemd-analyze", "verify", "--man=no", unit)
    about_it = [line for line in said.splitlines() if "curt.service" in line]
    assert status == 0 and not about_it, said
