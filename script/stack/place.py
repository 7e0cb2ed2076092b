# SPDX-License-Identifier: MIT
"""Where things lie while Curt runs: files for the web server's user, sockets with short names."""

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
    """Whom servers run as when root starts them."""
    name: str
    group: str

    @property
    def uid(self):
        return pwd.getpwnam(self.name).pw_uid

    @property
    def gid(self):
        return grp.getgrnam(self.group).gr_gid


def server_user():
    """www-data for root; None for anybody else: then servers run as we do."""
    return User("www-data", "www-data") if os.geteuid() == 0 else None


def check_leftover(path):
    """Refuses what is no place that a Place of ours has made: it is about to be removed."""
    path = pathlib.Path(path)
    if not re.fullmatch(r"curt-[a-z0-9_]{8}", path.name) or not path.is_absolute():
        raise Failed(f"{path}: is not named as a place of script/server is")
    if path.exists() or path.is_symlink():
        os.close(open_directory(path))


class Place:
    """A private directory below /run (or the directory for temporary files), which anybody may pass
    through and nobody may list: the checkout and DIR may be closed to the web server's user, and the
    name of a unix socket holds 107 bytes."""

    def __init__(self):
        base = "/run" if os.access("/run", os.W_OK) else tempfile.gettempdir()
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="curt-", dir=base))
        self.path.chmod(0o711)
        self.user = server_user()

    def directory(self, name):
        """A directory in which the server user alone may read and write."""
        path = self.path / name
        path.mkdir(mode=0o700)
        if self.user:
            os.chown(path, self.user.uid, self.user.gid)
        return path

    def program(self, source, name):
        """A copy of a program that the server user may run, in a directory of its own that it may
        read (lighttpd looks into it)."""
        directory = self.path / name
        directory.mkdir()
        path = directory / source.name
        shutil.copyfile(source, path)
        self._protect(directory, 0o750)
        return self._protect(path, 0o750)

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
