# SPDX-License-Identifier: MIT
"""root follows nothing that another user of the machine has planted. docs/hardening.md lists the places. Each test
plants as that user, and works as root."""

import json
import os
import pathlib
import pwd
import shutil
import stat
import subprocess
import tempfile

import pytest

from conftest import SOURCES, build_directory
from stack.curt import render
from stack.ours import Failed, open_directory, open_file, read_text
from stack.place import Place
from stack.process import start_time
from stack.spool import bring_home, open_spool
from stack.web import free_port

WORKERS, STRANGER = "www-data", "nobody"


def exists(name):
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not exists(WORKERS) or not exists(STRANGER),
    reason=f"only root can work as {WORKERS} and as {STRANGER}, who must exist")


def plant(user, script, *arguments):
    """Runs a shell script as another user."""
    subprocess.run(["sh", "-euc", script, "sh", *(str(argument) for argument in arguments)], check=True,
                   user=user, group=exists(user).pw_gid, extra_groups=[], stdin=subprocess.DEVNULL)


@pytest.fixture
def ground():
    """A directory of root that any user may traverse."""
    with tempfile.TemporaryDirectory(prefix="curt-planted-", dir="/tmp") as path:
        os.chmod(path, 0o755)
        yield pathlib.Path(path)


@pytest.fixture
def treasure(tmp_path):
    """A file that only root may read."""
    path = tmp_path / "treasure"
    path.write_text("root's\n", encoding="utf-8")
    path.chmod(0o600)
    return path


def is_untouched(path):
    status = path.stat()
    return (status.st_uid, stat.S_IMODE(status.st_mode)) == (0, 0o600) and \
        path.read_text(encoding="utf-8") == "root's\n"


def directory_of(user, path):
    path.mkdir(mode=0o700)
    os.chown(path, exists(user).pw_uid, exists(user).pw_gid)
    return path


@pytest.fixture
def place():
    place = Place()
    yield place
    place.remove()


def script_server(directory, *arguments):
    return subprocess.run([SOURCES / "script" / "server", "--build", build_directory(), "--var", directory,
                           *arguments], capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)


# The spool of script/server: the directory is the web server user's, and root carries files in and out.

PLANTED = {
    "link": 'ln -s "$1" "$2/zz.x"',
    "link_to_a_directory": 'ln -s "${1%/*}" "$2/zz.x"',
    "fifo": 'mkfifo "$2/zz.x"',
    "directory": 'mkdir "$2/zz.x"',
    "two_names": 'echo x > "$2/one"; ln "$2/one" "$2/zz.x"',
}


@pytest.fixture(params=["anybody", "nobody"])
def home(request, ground, tmp_path):
    """DIR of script/server, where the web server's user may come or not."""
    home = (ground if request.param == "anybody" else tmp_path) / "var"
    home.mkdir()
    return home


@pytest.mark.parametrize("what", PLANTED)
def test_nothing_planted_in_the_spool_becomes_the_workers(ground, place, treasure, what, capfd):
    home = ground / "var"
    home.mkdir()
    spool = directory_of(WORKERS, home / "spool")
    plant(WORKERS, PLANTED[what] + '; echo kept > "$2/a.spool"', treasure, spool)
    assert open_spool(home, place) == spool
    assert is_untouched(treasure)
    assert (spool / "a.spool").read_text(encoding="utf-8") == "kept\n"
    assert f"{spool}/zz.x: " in capfd.readouterr().err


def test_a_file_of_roots_in_the_spool_stays_roots(ground, place, treasure):
    """The workers may have moved it there from another directory of theirs."""
    home = ground / "var"
    home.mkdir()
    spool = directory_of(WORKERS, home / "spool")
    treasure.rename(spool / "zz.x")
    open_spool(home, place)
    assert is_untouched(spool / "zz.x")


@pytest.mark.parametrize("what", PLANTED)
def test_nothing_planted_in_the_place_comes_home(tmp_path, place, treasure, what):
    directory_of(WORKERS, place.path / "spool")
    plant(WORKERS, PLANTED[what] + '; echo kept > "$2/a.spool"', treasure, place.path / "spool")
    bring_home(tmp_path, place.path)
    assert is_untouched(treasure)
    assert [path.name for path in (tmp_path / "spool").iterdir()] == ["a.spool"]
    # And a link of a file's name at home leads nowhere.
    os.chown(tmp_path / "spool", exists(WORKERS).pw_uid, -1)
    (tmp_path / "spool" / "a.spool").unlink()
    (tmp_path / "spool" / "a.spool").symlink_to(treasure.parent)
    plant(WORKERS, 'echo kept > "$1/a.spool"', place.path / "spool")
    bring_home(tmp_path, place.path)
    assert (tmp_path / "spool" / "a.spool").read_text(encoding="utf-8") == "kept\n"
    assert not (treasure.parent / "a.spool").exists()


def test_what_waits_goes_to_the_workers_and_back(home, place):
    """Whether an earlier run has left it as root's or as theirs."""
    spool = home / "spool"
    spool.mkdir(mode=0o700)
    (spool / "a.spool").write_text("a", encoding="utf-8")
    (spool / "b.spool").write_text("b", encoding="utf-8")
    os.chown(spool / "b.spool", exists(WORKERS).pw_uid, -1)
    theirs = open_spool(home, place)
    for path in (theirs, *theirs.iterdir()):
        assert path.stat().st_uid == exists(WORKERS).pw_uid
    assert sorted(path.name for path in theirs.iterdir()) == ["a.spool", "b.spool"]
    bring_home(home, place.path)
    assert sorted(path.name for path in spool.iterdir()) == ["a.spool", "b.spool"]
    assert (spool / "b.spool").read_text(encoding="utf-8") == "b"


def test_a_spool_of_a_stranger_is_refused(ground, place):
    home = ground / "var"
    home.mkdir()
    directory_of(STRANGER, home / "spool")
    with pytest.raises(Failed, match=f"belongs to {STRANGER}"):
        open_spool(home, place)


def test_a_start_and_a_stop_give_nothing_away(ground, treasure):
    """The whole way: the workers plant a link in their spool, root stops and starts script/server."""
    var, port = ground / "var", str(free_port())
    try:
        assert script_server(var, "--port", port, "--detach").returncode == 0
        plant(WORKERS, 'ln -s "$1" "$2/zz.x"', treasure, var / "spool")
        assert script_server(var, "--stop").returncode == 0
        assert script_server(var, "--port", port, "--detach").returncode == 0
        assert is_untouched(treasure)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (*var.iterdir(), *(var / "log").iterdir())}
        assert {modes[name] for name in ("log", "mysql", "spool")} == {0o700}
        assert {mode for name, mode in modes.items() if "." in name or name == "lock"} == {0o600}, modes
    finally:
        script_server(var, "--stop")


# DIR of script/server.

def test_a_directory_of_a_stranger_is_refused(ground, treasure):
    """With a state file that names a directory to remove and a process to end, and a lock that leads away."""
    var = directory_of(STRANGER, ground / "var")
    victim = ground / "victim"
    victim.mkdir()
    (victim / "file").touch()
    with subprocess.Popen(["sleep", "600"], stdin=subprocess.DEVNULL) as process:
        try:
            state = json.dumps({"place": str(victim), "processes": [[process.pid, start_time(process.pid)]]})
            plant(STRANGER, 'ln -s "$1" "$2/lock"; printf %s "$3" > "$2/processes.json"', treasure, var, state)
            for arguments in (["--stop"], ["--port", str(free_port()), "--detach"]):
                done = script_server(var, *arguments)
                assert done.returncode == 1 and f"belongs to {STRANGER}" in done.stderr
            assert process.poll() is None
        finally:
            process.kill()
    assert (victim / "file").exists() and is_untouched(treasure)


@pytest.mark.parametrize("script", [
    'ln -s "$1" "$2/var"',                             # DIR itself is a link of theirs
    'mkdir "$2/between"; chmod 1777 "$2/between"',     # what is above is theirs
])
def test_a_directory_that_a_stranger_can_replace_is_refused(ground, tmp_path, script):
    theirs = directory_of(STRANGER, ground / "theirs")
    theirs.chmod(0o711)
    plant(STRANGER, script, tmp_path, theirs)
    var = theirs / "between" / "var" if (theirs / "between").exists() else theirs / "var"
    if not var.is_symlink():
        var.mkdir()
    done = script_server(var, "--stop")
    assert done.returncode == 1 and STRANGER in done.stderr
    assert not list(tmp_path.iterdir())


def test_what_others_may_write_to_is_refused(ground):
    var = ground / "var"
    var.mkdir()
    var.chmod(0o777)
    done = script_server(var, "--stop")
    assert done.returncode == 1 and "other users may write to it" in done.stderr


@pytest.mark.parametrize("name", ["lock", "processes.json", "log"])
def test_nothing_planted_in_the_directory_is_opened(ground, treasure, name):
    """As in a directory that belonged to another user when they were put there."""
    var = ground / "var"
    var.mkdir()
    os.symlink(treasure.parent if name == "log" else treasure, var / name)
    done = script_server(var, "--stop")
    assert done.returncode == 1 and "is a symbolic link" in done.stderr
    assert is_untouched(treasure) and list(treasure.parent.iterdir()) == [treasure]


def test_a_state_file_of_a_stranger_ends_nothing(ground):
    var = ground / "var"
    var.mkdir()
    with subprocess.Popen(["sleep", "600"], stdin=subprocess.DEVNULL) as process:
        try:
            state = {"place": None, "processes": [[process.pid, start_time(process.pid)]]}
            (var / "processes.json").write_text(json.dumps(state), encoding="utf-8")
            os.chown(var / "processes.json", exists(STRANGER).pw_uid, -1)
            done = script_server(var, "--stop")
            assert done.returncode == 1 and f"belongs to {STRANGER}" in done.stderr
            assert process.poll() is None
        finally:
            process.kill()


@pytest.mark.parametrize("name,owner,reason", [
    ("victim", "root", "does not have the name of a place"),
    ("curt-abcd1234", STRANGER, f"belongs to {STRANGER}"),
    ("curt-abcd1234", None, "is a symbolic link"),
])
def test_only_a_place_of_ours_is_removed(ground, tmp_path, name, owner, reason):
    var, place = ground / "var", ground / name
    var.mkdir()
    (tmp_path / "file").touch()
    if owner:
        directory_of(owner, place)
        (place / "file").touch()
    else:
        place.symlink_to(tmp_path)
    (var / "processes.json").write_text(json.dumps({"place": str(place), "processes": []}), encoding="utf-8")
    done = script_server(var, "--stop")
    assert done.returncode == 1 and reason in done.stderr
    assert (place / "file").exists()
    shutil.rmtree(place, ignore_errors=True)


def test_how_a_file_of_ours_is_opened(ground, treasure):
    os.symlink(treasure, ground / "link")
    os.link(treasure, treasure.parent / "second")
    (ground / "theirs").touch()
    os.chown(ground / "theirs", exists(STRANGER).pw_uid, -1)
    os.mkfifo(ground / "fifo")
    for path, reason in ((ground / "link", "symbolic link"), (treasure.parent / "second", "another name"),
                         (ground / "theirs", f"belongs to {STRANGER}"), (ground / "fifo", "regular file")):
        with pytest.raises(Failed, match=reason):
            open_file(path, os.O_RDWR | os.O_TRUNC)
    assert is_untouched(treasure)
    with pytest.raises(Failed, match="symbolic link"):
        open_directory(ground / "link")
    (ground / "old").write_text("log", encoding="utf-8")
    (ground / "old").chmod(0o644)
    assert read_text(ground / "old") == "log" and stat.S_IMODE((ground / "old").stat().st_mode) == 0o600


# curtctl.

@pytest.mark.parametrize("script", [
    'ln -s "$1" "$2/links.part"',
    'ln -s "$1" "$2/links"',
    'ln -s "$2/elsewhere" "$2/links.part"',
    'mkfifo "$2/links.part"',
    'echo x > "$2/links.part"; chmod 666 "$2/links.part"',
])
def test_an_export_follows_no_link(stack, hosts, ground, treasure, script):
    """In a directory of another user, who may remove and replace what root creates there."""
    host = hosts("lighttpd")
    theirs = directory_of(STRANGER, ground / "theirs")
    plant(STRANGER, script, treasure, theirs)
    stack.installation.ctl(host.config, "export", str(theirs / "links"))
    assert is_untouched(treasure) and not (theirs / "elsewhere").exists()
    status = (theirs / "links").lstat()
    assert stat.S_ISREG(status.st_mode) and stat.S_IMODE(status.st_mode) == 0o600 and status.st_uid == 0
    assert not (theirs / "links.part").exists()


def test_a_damaged_ring_is_emptied(stack, hosts):
    """The ring is the workers' own: whoever works as them may write there what they never would."""
    host = hosts("lighttpd")
    ring = f"{host.settings['segment.path']}.clicks"
    plant(WORKERS, """for lane in 100 101 102 103 104 105 106 107 108 109 110 111 112 113 114 115; do
        printf '\\0\\0\\0\\0\\0\\0\\0\\200' |
            dd of="$1" bs=1 seek=$((4096 + 128 * lane + 64)) conv=notrunc status=none; done""", ring)
    done = subprocess.run([stack.installation.curtctl, "--config", host.config, "flush"], capture_output=True,
                          text=True, timeout=60, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    assert "damaged" in done.stderr or "click_ring_damaged" in stack.log(host)


def test_an_export_goes_beside_no_directory(stack, hosts, ground):
    theirs = directory_of(STRANGER, ground / "theirs")
    plant(STRANGER, 'mkdir "$1/links.part"', theirs)
    with pytest.raises(Failed, match="remove the unfinished export"):
        stack.installation.ctl(hosts("lighttpd").config, "export", str(theirs / "links"))


def test_cleanup_leaves_what_a_stranger_has_made(stack, hosts, ground):
    """In a directory that all may write to, a name proves nothing."""
    everybodys = ground / "all"
    everybodys.mkdir()
    everybodys.chmod(0o1777)
    plant(STRANGER, 'umask 077; echo x > "$1/segment"', everybodys)
    config = ground / "curt.conf"
    config.write_text(render({**hosts("lighttpd").settings, "segment.path": everybodys / "segment",
                              "spool.path": ""}), encoding="utf-8")
    with pytest.raises(Failed, match="kept .*/segment: belongs to another user"):
        stack.installation.ctl(config, "cleanup")
    assert (everybodys / "segment").exists()


# The segment: a folder of the workers' own, where no other user can take its name. Each test has a /dev/shm of its own.

def in_own_shm(script, *arguments):
    """Runs a shell script, as root, with an empty private /dev/shm."""
    alone = ["unshare", "--mount", "--propagation", "private", "sh", "-euc"]
    mount = "mount -t tmpfs -o mode=1777 tmpfs /dev/shm; "
    if subprocess.run([*alone, mount], capture_output=True).returncode != 0:
        pytest.skip("a mount namespace of one's own is not to be had here")
    return subprocess.run([*alone, mount + script, "sh", *(str(argument) for argument in arguments)],
                          capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)


@pytest.fixture
def ctl_of_the_workers(installation, ground):
    """A curtctl and a configuration that any user may read, of a database that does not exist."""
    config = ground / "curt.conf"
    config.write_text("[server]\nbase_url = https://s.example\n[mysql]\nsocket = /nowhere\n[spool]\npath =\n",
                      encoding="utf-8")
    config.chmod(0o644)
    shutil.copy(installation.curtctl, ground / "curtctl")
    (ground / "curtctl").chmod(0o755)
    return ground / "curtctl", config


SEGMENT = '"$1" --config "$2" --as www-data config check | sed -n "s/^segment.path = //p"'


@pytest.mark.parametrize("before,is_within", [
    ("", False),
    ('install -d -m 700 -o www-data "$3"', True),
    ('install -d -m 755 -o www-data "$3"', True),
    ('install -d -m 777 -o www-data "$3"', False),
    ('install -d -m 700 -o nobody "$3"', False),
    ('install -d -m 700 -o www-data /dev/shm/other; ln -s /dev/shm/other "$3"', False),
    # A segment from before there was a folder stays in use, one of a stranger's does not.
    ('install -d -m 700 -o www-data "$3"; install -m 600 -o www-data /dev/null "$4"', False),
    ('install -d -m 700 -o www-data "$3"; install -m 600 -o www-data /dev/null "$4.clicks"', False),
    ('install -d -m 700 -o www-data "$3"; install -m 600 -o nobody /dev/null "$4"', True),
])
def test_the_segment_is_in_a_folder_of_the_workers_own(ctl_of_the_workers, before, is_within):
    folder = f"/dev/shm/curt-{exists(WORKERS).pw_uid}"
    outside = in_own_shm(SEGMENT, *ctl_of_the_workers).stdout.split()[0]
    assert outside.startswith(folder + "-")
    done = in_own_shm(f"{before}\n{SEGMENT}", *ctl_of_the_workers, folder, outside)
    within = f"{folder}/{pathlib.Path(outside).name}"
    assert done.stdout.split()[0] == (within if is_within else outside), done.stderr


@pytest.mark.parametrize("planted,reason", [
    ('install -d -m 700 -o nobody "$3"', "belongs to nobody: others may take the segment's name"),
    ('install -d -m 777 -o www-data "$3"', "is open to other users"),
    ('install -m 600 -o nobody /dev/null "$4"', "belongs to nobody"),
])
def test_doctor_names_who_has_taken_the_segment(ctl_of_the_workers, planted, reason):
    outside = in_own_shm(SEGMENT, *ctl_of_the_workers).stdout.split()[0]
    done = in_own_shm(f'{planted}\n"$1" --config "$2" --as www-data doctor || true', *ctl_of_the_workers,
                      f"/dev/shm/curt-{exists(WORKERS).pw_uid}", outside)
    assert reason in done.stdout, done.stdout + done.stderr


def test_root_finds_the_workers_by_their_segment(ctl_of_the_workers):
    folder = f"/dev/shm/curt-{exists(WORKERS).pw_uid}"
    outside = in_own_shm(SEGMENT, *ctl_of_the_workers).stdout.split()[0]
    done = in_own_shm(
        'install -d -m 700 -o www-data "$3"; install -m 600 -o www-data /dev/null "$3/${4##*/}"\n'
        '"$1" --config "$2" doctor || true', *ctl_of_the_workers, folder, outside)
    assert "looks as www-data" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("secret", ["[metrics]\ntoken = 0123456789abcdef0123456789abcdef", "[mysql]\npassword = x"])
def test_doctor_names_a_configuration_that_anybody_may_read(ctl_of_the_workers, secret):
    program, config = ctl_of_the_workers
    config.write_text(f"[server]\nbase_url = https://s.example\n{secret}\n", encoding="utf-8")
    for mode, said in ((0o644, True), (0o640, False)):
        config.chmod(mode)
        done = subprocess.run([program, "--config", config, "doctor"], capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL)
        assert ("a password or a token, and every user may read it" in done.stdout) == said, done.stdout
