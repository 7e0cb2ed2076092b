# SPDX-License-Identifier: MIT
"""Where the spool lies: in DIR, so that what was promised outlives a stop. The web server's user may not
be able to come there; then it is in the place, and comes home when that is removed. The directory is that
user's: root takes nothing in it for more than a name until the file is open."""

import errno
import os
import pathlib
import shutil
import sys

from .ours import open_directory, what_is_wrong
from .place import server_user

NAME = "spool"


def _is_passable(path):
    """Whether anybody may pass through to the directory `path`."""
    return all(parent.stat().st_mode & 0o001 for parent in path.parents)


def _open(path, user):
    """The descriptor of a spool, which is ours or the server user's."""
    return open_directory(path, {os.geteuid(), user.uid} if user else None)


def _sound_files(fd, path, user):
    """(name, descriptor) of each file that is what it seems: in a directory of the server user's, a file of
    that user's with one name; in one of ours, one of ours, too. Everything else stays, and is named."""
    owners = {os.fstat(fd).st_uid, *([user.uid] if user else [])}
    for name in sorted(os.listdir(fd)):
        try:
            file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=fd)
        except OSError as error:
            wrong = "is a symbolic link" if error.errno == errno.ELOOP else error.strerror
        else:
            wrong = what_is_wrong(os.fstat(file), owners)
            if not wrong:
                yield name, file
            os.close(file)
        if wrong:
            print(f"script/server: {path / name}: {wrong}; left alone", file=sys.stderr, flush=True)


def _give(fd, user, mode):
    os.fchmod(fd, mode)
    if user:
        os.fchown(fd, user.uid, user.gid)


def _move(source, target, user):
    """Moves the sound files of one directory into another. A file gets its name when it is complete."""
    source_fd, target_fd = _open(source, user), _open(target, user)
    for name, file in _sound_files(source_fd, source, user):
        unfinished = f".{name}.new"
        try:
            os.unlink(unfinished, dir_fd=target_fd)
        except FileNotFoundError:
            pass
        copy = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC,
                       0o600, dir_fd=target_fd)
        with open(file, "rb", closefd=False) as old, open(copy, "wb") as new:
            shutil.copyfileobj(old, new)
            new.flush()
            _give(copy, user, 0o600)
            os.fsync(copy)
        os.rename(unfinished, name, src_dir_fd=target_fd, dst_dir_fd=target_fd)
        os.fsync(target_fd)
        os.unlink(name, dir_fd=source_fd)
    os.close(source_fd)
    os.close(target_fd)


def _hand_over(path, user):
    """Makes a directory, and what is sound in it, the server user's."""
    fd = _open(path, user)
    for _, file in _sound_files(fd, path, user):
        _give(file, user, 0o600)
    _give(fd, user, 0o700)
    os.close(fd)


def open_spool(home, place):
    """The directory for the workers to use, with what an earlier run has left."""
    home = pathlib.Path(home) / NAME
    home.mkdir(mode=0o700, exist_ok=True)
    user = place.user
    if user is None or _is_passable(home):
        _hand_over(home, user)
        return home
    directory = place.directory(NAME)
    _move(home, directory, user)
    return directory


def bring_home(home, place_path):
    """Saves what is in a place that is about to be removed."""
    left = pathlib.Path(place_path) / NAME
    if left.is_dir():
        target = pathlib.Path(home) / NAME
        target.mkdir(mode=0o700, exist_ok=True)
        _move(left, target, server_user())
