"""The zip of what a box runs: our drivers, and those of Odoo that do no harm.

The box deletes all its drivers before it unpacks the zip, so what it shall keep of
Odoo's own has to be in it.
"""

import io
import zipfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from ..iot_handlers.clinic_devices.renewal import digest as etag

# Odoo's serial drivers (scales, foreign registers) try their commands on every port
# they find, the fiscal register's as well.
NOT_WANTED = ("serial_", "l10n_")
# Without a moment in it the same files make the same zip.
EPOCH = (1980, 1, 1, 0, 0, 0)


def wanted(path: Path) -> bool:
    """Return whether one of Odoo's own handlers belongs on a box of ours."""
    return not path.name.startswith(NOT_WANTED)


def collect(ours: Path, stock: Path | None) -> dict[str, bytes]:
    """Return the files by their names in the zip; ours win."""
    files: dict[str, bytes] = {}
    if stock is not None:
        files |= _read(stock, filter(wanted, sorted(stock.rglob("*.py"))))
    return files | _read(ours, sorted(ours.rglob("*.py")))


def _read(folder: Path, paths: Iterable[Path]) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def pack(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, EPOCH), content)
    return buffer.getvalue()


@cache
def package(ours: Path, stock: Path | None) -> tuple[str, bytes]:
    """Return etag and zip; read once in the life of a server, as its code is."""
    files = collect(ours, stock)
    return etag(files), pack(files)
