"""Newer drivers, for a box that has started without its server.

The stock box fetches its drivers when it starts, and never again: one that came up
while the server was down, or whose server was renewed since, goes on with its old ones.
The server names its drivers in each (signed) answer. If they are others, they are
fetched between two jobs, and the box starts itself anew.
"""

import hashlib
import io
import logging
import os
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

_logger = logging.getLogger(__name__)

# So often in a row it has to be said: while a server is replaced, two may answer.
SURE = 3
# What a worker was allowed last it has begun by then.
BREATH = 1.0
# After a failure it is tried again so many seconds later.
LATER = 60.0


class BadDrivers(Exception):
    """What was fetched is not what the server has named."""


def digest(files: Mapping[str, bytes]) -> str:
    """Return a name of these contents, whatever packs them: the ETag."""
    whole = hashlib.sha256()
    for name, content in sorted(files.items()):
        whole.update(b"%d:%d:" % (len(name), len(content)))
        whole.update(name.encode() + content)
    return whole.hexdigest()[:32]


def read(folder: Path) -> dict[str, bytes]:
    """Return the drivers that lie in a folder, as the server names them."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*.py")
    }


def unpack(content: bytes, etag: str) -> dict[str, bytes]:
    """Return the files of the zip, if they are what ``etag`` names."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
    except zipfile.BadZipFile as error:
        raise BadDrivers("no zip") from error
    if digest(files) != etag:
        raise BadDrivers("other contents")
    for name in files:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise BadDrivers(f"{name} is out of its folder")
    return files


def replace(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make the folder hold these files; each is the old or the new one, at any time."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.new")
        fresh.write_bytes(content)
        os.replace(fresh, path)
    for name in read(folder).keys() - files.keys():
        (folder / name).unlink()
    if digest(read(folder)) != digest(files):
        raise OSError("What was written is not there")


class Renewal:
    """Decides when the box takes other drivers, and starts anew with them.

    :param known: returns the name of the drivers this box runs
    :param keep: called with the name of the new ones when all of them are in place
    :param fetch: returns the zip of the server
    :param hold: nothing is begun from ``hold(True)`` until ``hold(False)``
    :param is_busy: tells whether a job is being done
    :param restart: starts the box anew, in a moment
    """

    def __init__(
        self,
        folder: Path,
        known: Callable[[], str | None],
        keep: Callable[[str], None],
        fetch: Callable[[], bytes],
        hold: Callable[[bool], None],
        is_busy: Callable[[], bool],
        restart: Callable[[], None],
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.folder = folder
        self.known = known
        self.keep = keep
        self.fetch = fetch
        self.hold = hold
        self.is_busy = is_busy
        self.restart = restart
        self.sleep = sleep
        self.clock = clock
        self._others: tuple[str, int] = ("", 0)
        self._not_before = 0.0

    def offered(self, etag: str | None) -> bool:
        """Hear what drivers the server has; return whether the box starts anew."""
        if not etag or etag == self.known():
            self._others = ("", 0)
            return False
        times = self._others[1] + 1 if self._others[0] == etag else 1
        self._others = (etag, times)
        if times < SURE or self.clock() < self._not_before or self.is_busy():
            return False
        try:
            files = unpack(self.fetch(), etag)
        except (BadDrivers, OSError) as error:
            # What requests raises is an OSError.
            _logger.warning("The drivers of the server were not taken: %s", error)
            self._not_before = self.clock() + LATER
            return False
        self.hold(True)
        self.sleep(BREATH)
        if self.is_busy():
            self.hold(False)
            return False
        _logger.warning("Other drivers of the server are taken, the box starts anew")
        try:
            replace(self.folder, files)
            self.keep(etag)
        except OSError:
            _logger.exception("The drivers of the server cannot be written")
            self._not_before = self.clock() + LATER
            self.hold(False)
            return False
        # Asked a second time while it ends, the box would not come back.
        self._not_before = self.clock() + 2 * LATER
        self.restart()
        return True
