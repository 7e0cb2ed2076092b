# SPDX-License-Identifier: MIT
"""What make install makes: programs that find their schema, hardened, with their manuals."""

import platform
import re
import subprocess

import pytest

from stack.process import environment
from test_curtctl import TOP


@pytest.fixture(scope="module")
def root(installation, tmp_path_factory):
    """A staged installation; its files keep the names they were configured for."""
    root = tmp_path_factory.mktemp("root")
    done = subprocess.run(["make", "-s", "-C", installation.build, "install", f"DESTDIR={root}"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT, env=environment())
    assert done.returncode == 0, done.stdout[-2000:]
    return root


def one(root, name):
    found, = root.rglob(name)
    return found


def test_all_of_it_is_there(root):
    for name in ("curt.fcgi.8", "curtctl.1", "curt.conf.5", "0001-foundation.sql", "doc/curt/curt.conf.example",
                 "README.md", "LICENSE", "openapi.json", "curt.service", "htaccess", "curt.js",
                 "curt.vcl", "curt-cache-server.conf", "edge.md", "curt-warm-up.conf"):
        assert one(root, name).stat().st_size > 0
    assert one(root, "bin/curtctl").stat().st_mode & 0o777 == 0o755
    for name in ("curt.fcgi", "curt-warm-up"):
        assert one(root, f"libexec/curt/{name}").stat().st_mode & 0o777 == 0o755


def test_the_folder_of_the_configuration_is_there(root):
    """With a commented example, and without a configuration, since that would have a password."""
    example = one(root, "etc/curt/curt.conf.example")
    assert example.read_text() == (TOP / "docs" / "curt.conf.example").read_text()
    assert [path.name for path in example.parent.iterdir()] == ["curt.conf.example"]


def test_uninstalling_leaves_no_folders_of_ours(installation, tmp_path):
    def make(target):
        done = subprocess.run(["make", "-s", "-C", installation.build, target, f"DESTDIR={tmp_path}"],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment())
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout
    make("install")
    kept = one(tmp_path, "etc/curt") / "curt.conf"
    kept.write_text("[server]\n")
    said = make("uninstall")
    assert f"kept: {kept.parent} " in said
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [kept]
    assert not [path for path in tmp_path.rglob("*curt*") if path not in (kept, kept.parent)]


def test_the_program_says_what_bots_are_known_by(root):
    said = subprocess.run([one(root, "libexec/curt/curt.fcgi"), "--version"], capture_output=True,
                          text=True, check=True).stdout.splitlines()
    assert said[0].startswith("curt.fcgi ")
    assert re.fullmatch(r"bots known by: (crawler-user-agents \d+\.\d+\.\d+|generic words only)", said[1])
    assert len(said) == 2


def test_the_installed_curtctl_makes_the_tables(root, new_stack):
    """Two at the same time: one of them does it, both are content."""
    with new_stack() as stack:
        config = stack.place.write("installed.ini", f"""
[mysql]
socket = {stack.database.socket}
password = {stack.database.password}
[segment]
path =
""")
        command = [one(root, "bin/curtctl"), "--config", config, "db"]
        schema = ["--schema", one(root, "share/curt/schema")]
        both = [subprocess.Popen([*command, "migrate", *schema], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True) for _ in range(2)]
        said = [process.communicate(timeout=60) for process in both]
        assert [process.returncode for process in both] == [0, 0], said
        status = subprocess.run([*command, "status", *schema], capture_output=True, text=True)
        assert status.returncode == 0, status
        numbers = [row[0] for row in stack.sql("SELECT number FROM migration ORDER BY number")]
        files = sorted(one(root, "share/curt/schema").glob("*.sql"))
        assert numbers == [int(file.name[:4]) for file in files]
        assert len(stack.sql("SELECT 1 FROM setting WHERE name = 'code_key'")) == 1


def readelf(option, program):
    return subprocess.run(["readelf", "-W", option, program], capture_output=True, text=True,
                          check=True).stdout


def is_hardened_build(installation):
    makefile = (installation.build / "Makefile").read_text(encoding="utf-8")
    return "-Wl,-z,now" in makefile and "-fsanitize" not in makefile


@pytest.mark.parametrize("name", ["bin/curtctl", "libexec/curt/curt.fcgi"])
def test_programs_are_hardened(installation, root, name):
    if not is_hardened_build(installation):
        pytest.skip("built without hardening, or with sanitizers")
    program = one(root, name)
    assert "DYN" in readelf("-h", program)                                  # PIE
    segments = readelf("-l", program)
    assert "GNU_RELRO" in segments
    stack, = [line for line in segments.splitlines() if "GNU_STACK" in line]
    assert "RWE" not in stack
    dynamic = readelf("-d", program)
    assert "BIND_NOW" in dynamic and "PIE" in dynamic
    assert "RPATH" not in dynamic and "RUNPATH" not in dynamic
    symbols = readelf("--dyn-syms", program)
    assert "__stack_chk_fail" in symbols and "_chk@" in symbols            # and fortified calls


def test_calls_are_fortified_as_far_as_the_compiler_can(installation):
    """The level is seen nowhere in a program: in the flags that it was made with, then."""
    if not is_hardened_build(installation):
        pytest.skip("built without hardening, or with sanitizers")
    makefile = (installation.build / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^CURT_CPPFLAGS = .*-D_FORTIFY_SOURCE=3", makefile, re.MULTILINE)


def test_our_objects_are_marked_for_control_flow_enforcement(installation):
    """A program has the mark if the C library's objects have it, too, as docs/hardening.md says."""
    if not is_hardened_build(installation) or platform.machine() != "x86_64":
        pytest.skip("built without hardening, or with sanitizers, or for a processor without CET")
    objects = sorted((installation.build / "src").rglob("*.o"))
    assert objects
    unmarked = [path.name for path in objects if "IBT, SHSTK" not in readelf("-n", path)]
    assert not unmarked
