# SPDX-License-Identifier: MIT
"""Opens files and directories that belong to this user alone. As root, nothing is opened that another user
could have placed: no link is followed, and the owner of each open file is checked."""

import os
import pathlib
import pwd
import stat

TOP = pathlib.Path(__file__).resolve().parents[2]


class Failed(Exception):
    """A start or stop failed; the text is printed to the user."""


def user_name(uid):
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _others_may_write(status):
    """Whether other users than the owner have the access: all users, or a group that is not the owner's own."""
    try:
        own_group = pwd.getpwuid(status.st_uid).pw_gid
    except KeyError:
        own_group = None
    group = status.st_mode & stat.S_IWGRP and status.st_gid not in (0, own_group)
    return bool(group or status.st_mode & stat.S_IWOTH)


def _check_above(path):
    """Checks the directories above, since a user who may rename one could replace it. The owners of this program
    and of "/" can do that anyway."""
    trusted = {0, os.geteuid(), os.stat("/").st_uid, TOP.stat().st_uid}
    for above in {*path.parents, *path.resolve().parents}:
        status = above.lstat()
        if status.st_uid not in trusted:
            raise Failed(f"{path}: {above} belongs to {user_name(status.st_uid)}, who could put something "
                         "else there")
        free = stat.S_ISDIR(status.st_mode) and not status.st_mode & stat.S_ISVTX
        if free and _others_may_write(status):
            raise Failed(f"{path}: other users may write to {above}, and could put something else there")


def _refuse(path, error):
    raise Failed(f"{path}: {'is a symbolic link' if path.is_symlink() else error.strerror}") from None


def open_directory(path, owners=None):
    """The descriptor of a directory that belongs to one of the user ids `owners` (default: this user), and that no
    other user may write to."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        _refuse(path, error)
    status = os.fstat(fd)
    reason = None
    if status.st_uid not in (owners or {os.geteuid()}):
        reason = f"belongs to {user_name(status.st_uid)}: take another directory, or do it as that user"
    elif _others_may_write(status):
        reason = "other users may write to it"
    if reason:
        os.close(fd)
        raise Failed(f"{path}: {reason}")
    return fd


def check_home(path):
    """Raises Failed for a directory of another user, or one that another user could replace."""
    if path.is_symlink() and path.lstat().st_uid not in (0, os.geteuid()):
        raise Failed(f"{path}: is a symbolic link of {user_name(path.lstat().st_uid)}")
    _check_above(path)
    os.close(open_directory(path.resolve()))


def make_home(path):
    """The directory `path`, which the web server's user may pass through."""
    path.mkdir(mode=0o711, parents=True, exist_ok=True)
    check_home(path)


def make_directory(path, mode=0o700):
    """A directory of this user with this mode, created if needed."""
    path.mkdir(mode=mode, exist_ok=True)
    fd = open_directory(path)
    os.fchmod(fd, mode)
    os.close(fd)
    return path


def what_is_wrong(status, owners):
    """Why a file must not be used; None: it may be."""
    if stat.S_ISLNK(status.st_mode):
        return "is a symbolic link"
    if not stat.S_ISREG(status.st_mode):
        return "is not a regular file"
    if status.st_uid not in owners:
        return f"belongs to {user_name(status.st_uid)}"
    if status.st_nlink != 1:
        return "has another name, too"
    return None


def open_file(path, flags):
    """The descriptor of a file of this user, created if `flags` have O_CREAT. Its mode is set to 0600."""
    path = pathlib.Path(path)
    flags |= os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        fd = os.open(path, flags & ~os.O_TRUNC, 0o600)
    except FileNotFoundError:
        raise
    except OSError as error:
        _refuse(path, error)
    wrong = what_is_wrong(os.fstat(fd), {os.geteuid()})
    if wrong:
        os.close(fd)
        raise Failed(f"{path}: {wrong}")
    os.fchmod(fd, 0o600)
    os.set_blocking(fd, True)
    if flags & os.O_TRUNC:
        os.ftruncate(fd, 0)
    return fd


def open_log(path):
    """Opens a log for appending."""
    return open(open_file(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), "ab")


def read_text(path):
    """The text of a file of this user; FileNotFoundError if it does not exist."""
    with open(open_file(path, os.O_RDONLY), encoding="utf-8") as file:
        return file.read()


def write_private(path, text):
    """Replaces a file with mode 0600 atomically."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with open(open_file(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "w", encoding="utf-8") as file:
        file.write(text)
    new.rename(path)
