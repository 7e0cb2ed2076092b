# SPDX-License-Identifier: MIT
"""The private directory of a running Curt: files for the web server's user, sockets with short names."""

import dataclasses
import grp
import os
import pathlib
import pwd
import re
import shutil
import tempfile

from .ours import Failed, open_directory


@dataclasses.dataclass(frozen=True)
class User:
    """The user that servers run as when root starts them."""
    name: str
    group: str

    @property
    def uid(self):
        return pwd.getpwnam(self.name).pw_uid

    @property
    def gid(self):
        return grp.getgrnam(self.group).gr_gid


def server_user():
    """www-data for root; None for other users, whose servers run as themselves."""
    return User("www-data", "www-data") if os.geteuid() == 0 else None


def check_leftover(path):
    """Raises Failed for a directory that no Place has made, before it would be removed."""
    path = pathlib.Path(path)
    if not re.fullmatch(r"curt-[a-z0-9_]{8}", path.name) or not path.is_absolute():
        raise Failed(f"{path}: does not have the name of a place of script/server")
    if path.exists() or path.is_symlink():
        os.close(open_directory(path))


class Place:
    """A private directory below /run (or the directory for temporary files), which all users may
    pass through and none may list: the web server's user may have no access to the checkout and DIR, and
    the name of a unix socket has at most 107 bytes."""

    def __init__(self):
        base = "/run" if os.access("/run", os.W_OK) else tempfile.gettempdir()
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="curt-", dir=base))
        self.path.chmod(0o711)
        self.user = server_user()

    def directory(self, name):
        """A directory that only the server user may read and write."""
        path = self.path / name
        path.mkdir(mode=0o700)
        if self.user:
            os.chown(path, self.user.uid, self.user.gid)
        return path

    def program(self, source, name):
        """A copy of a program that the server user may run, in a separate directory that it may read, as
        lighttpd does."""
        directory = self.path / name
        directory.mkdir()
        path = directory / source.name
        shutil.copyfile(source, path)
        self._protect(directory, 0o750)
        return self._protect(path, 0o750)

    def folder(self, source, name):
        """A folder with copies of the files of the folder `source`, if that exists, which the server user may read."""
        directory = self.path / name
        directory.mkdir()
        self._protect(directory, 0o750)
        for file in source.iterdir() if source.is_dir() else ():
            shutil.copyfile(file, directory / file.name)
            self._protect(directory / file.name, 0o640)
        return directory

    def write(self, name, text, mode=0o640):
        path = self.path / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        return self._protect(path, mode)

    def _protect(self, path, mode):
        if self.user:
            os.chown(path, 0, self.user.gid)
        path.chmod(mode)
        return path

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)
