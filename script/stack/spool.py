# SPDX-License-Identifier: MIT
"""Where the spool lies: in DIR, so that what was promised outlives a stop. The web server's user may not
be able to come there; then it is in the place, and comes home when that is removed."""

import os
import pathlib
import shutil

NAME = "spool"


def _is_passable(path):
    """Whether anybody may pass through to the directory `path`."""
    return all(parent.stat().st_mode & 0o001 for parent in path.parents)


def _move(files, directory):
    for path in files:
        shutil.move(path, directory / path.name)


def open_spool(home, place):
    """The directory for the workers to use, with what an earlier run has left."""
    home = pathlib.Path(home) / NAME
    home.mkdir(mode=0o700, exist_ok=True)
    user = place.user
    if user is None:
        return home
    directory = home if _is_passable(home) else place.directory(NAME)
    if directory != home:
        _move(home.iterdir(), directory)
    for path in (directory, *directory.iterdir()):
        os.chown(path, user.uid, user.gid)
    return directory


def bring_home(home, place_path):
    """Saves what is in a place that is about to be removed."""
    left = pathlib.Path(place_path) / NAME
    if left.is_dir():
        target = pathlib.Path(home) / NAME
        target.mkdir(mode=0o700, exist_ok=True)
        _move(left.iterdir(), target)
