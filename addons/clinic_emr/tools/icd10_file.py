"""The Ministry's file of ICD-10 (НСИ 1.2.643.5.1.13.13.11.1005), read and compared.

The file is a CSV with a header, ``;`` between columns, in UTF-8 (old versions in
Windows-1251), alone or in a zip as the portal gives it. Parents are named by ``ID``;
here they become codes, because a code is what a clinic keeps.

No database here: bytes in, rows out, parents always before their children.
"""

import csv
import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date, datetime

COLUMNS = ("ID", "MKB_CODE", "MKB_NAME", "ID_PARENT", "ACTUAL")
# the whole classifier is under 3 MB; a zip must not be a bomb
MAX_BYTES = 30_000_000
MARKS = {"1": "dagger", "2": "asterisk"}
CODE_RE = re.compile(r"^(?:[IVX]+|[A-Z]\d\d(?:\.\d{1,2})?|[A-Z]\d\d-[A-Z]\d\d)$")
VERSION_RE = re.compile(r"_(\d+(?:\.\d+)+)(?:[_.]|$)")


class Icd10FileError(Exception):
    """The file can't be imported; ``reason`` is a code, ``detail`` says where."""

    def __init__(self, reason, detail=""):
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Row:
    """A line of the classifier as the Ministry states it."""

    official_id: int
    code: str
    name: str
    parent: str | None
    mark: str | None
    is_actual: bool
    changed_on: date | None


def version_of(filename):
    """Return the version in the file's name ("…1005_2.27.csv" → "2.27"), or None."""
    found = VERSION_RE.search(filename or "")
    return found and found[1]


def parse(content):
    """Return the rows of a file, each after its parent.

    :raise Icd10FileError: for the first thing that makes the file unusable
    """
    lines = list(csv.DictReader(io.StringIO(_text(content)), delimiter=";"))
    if not lines:
        raise Icd10FileError("empty")
    lines = [_normal(line) for line in lines]
    if missing := [name for name in COLUMNS if name not in lines[0]]:
        raise Icd10FileError("columns", ", ".join(missing))
    by_id = {}
    for number, line in enumerate(lines, start=2):
        _check(line, number)
        if line["ID"] in by_id:
            raise Icd10FileError("double_id", line["ID"])
        by_id[line["ID"]] = line
    depths = {key: _depth(key, by_id) for key in by_id}
    rows = {}
    # when a code was closed and opened anew under another ID, the living one counts
    for key in sorted(by_id, key=lambda key: (by_id[key]["ACTUAL"] == "1", int(key))):
        line = by_id[key]
        parent = line["ID_PARENT"] and by_id[line["ID_PARENT"]]
        rows[line["MKB_CODE"]] = (depths[key], int(key), _row(line, parent))
    return tuple(row for _depth_, _id, row in sorted(rows.values(), key=_place))


def _place(item):
    return item[:2]


def _text(content):
    if content[:2] == b"PK":
        content = _unzip(content)
    if len(content) > MAX_BYTES:
        raise Icd10FileError("too_big")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1251", errors="replace")


def _unzip(content):
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [n for n in archive.infolist() if n.filename.endswith(".csv")]
            if len(names) != 1:
                raise Icd10FileError("zip")
            with archive.open(names[0]) as file:
                return file.read(MAX_BYTES + 1)
    except zipfile.BadZipFile as error:
        raise Icd10FileError("zip") from error


def _normal(line):
    """Return the line with plain names and values; surplus columns are dropped."""
    return {
        (name or "").strip().upper(): (value or "").strip()
        for name, value in line.items()
        if isinstance(value, str | None)
    }


def _check(line, number):
    where = f"{number}: {line['MKB_CODE'][:20]}"
    if not line["ID"].isdecimal():
        raise Icd10FileError("id", where)
    if not CODE_RE.match(line["MKB_CODE"]):
        raise Icd10FileError("code", where)
    if not line["MKB_NAME"]:
        raise Icd10FileError("name", where)
    if line["ACTUAL"] not in ("0", "1"):
        raise Icd10FileError("actual", where)


def _depth(key, by_id):
    """Return how many parents a line has."""
    depth, seen = 0, {key}
    while key := by_id[key]["ID_PARENT"]:
        if key not in by_id:
            raise Icd10FileError("parent", key)
        if key in seen:
            raise Icd10FileError("cycle", key)
        seen.add(key)
        depth += 1
    return depth


def _row(line, parent):
    parent_code = parent["MKB_CODE"] if parent else None
    return Row(
        official_id=int(line["ID"]),
        code=line["MKB_CODE"],
        name=" ".join(line["MKB_NAME"].split()),
        parent=parent_code if parent_code != line["MKB_CODE"] else None,
        mark=MARKS.get(line.get("ADDL_CODE", "")),
        is_actual=line["ACTUAL"] == "1",
        changed_on=_date(line.get("DATE", "")),
    )


def _date(text):
    for pattern in ("%d.%m.%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, pattern).date()
        except ValueError:
            continue
    return None
