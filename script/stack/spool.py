# SPDX-License-Identifier: MIT
"""The spool's directory: in DIR, so that accepted links survive a stop. If the web server's user has no access
to DIR, it is in the place, and is moved to DIR when that is removed. It belongs to that user, so root checks
each file after opening it and trusts no name in it."""

import errno
import os
import pathlib
import shutil
import sys

from .ours import open_directory, what_is_wrong
from .place import server_user

NAME = "spool"


def _is_passable(path):
    """Whether all users may pass through to the directory `path`."""
    return all(parent.stat().st_mode & 0o001 for parent in path.parents)


def _open(path, user):
    """The descriptor of a spool directory of this user or the server user."""
    return open_directory(path, {os.geteuid(), user.uid} if user else None)


def _sound_files(fd, path, user):
    """(name, descriptor) of each valid file: in a directory of the server user, a file of that user with one
    name; in a directory of this user, also one of this user. All others are left there and reported."""
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
            print(f"script/server: {path / name}: {wrong}; not moved", file=sys.stderr, flush=True)


def _give(fd, user, mode):
    os.fchmod(fd, mode)
    if user:
        os.fchown(fd, user.uid, user.gid)


def _move(source, target, user):
    """Moves the valid files of one directory into another. A file gets its name when it is complete."""
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
    """Gives a directory and the valid files in it to the server user."""
    fd = _open(path, user)
    for _, file in _sound_files(fd, path, user):
        _give(file, user, 0o600)
    _give(fd, user, 0o700)
    os.close(fd)


def open_spool(home, place):
    """The spool directory for the workers, with the files of an earlier run."""
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
    """Saves the spool of a place that is about to be removed."""
    left = pathlib.Path(place_path) / NAME
    if left.is_dir():
        target = pathlib.Path(home) / NAME
        target.mkdir(mode=0o700, exist_ok=True)
        _move(left, target, server_user())
