"""One zip of everything the clinic knows about a patient, for the patient.

Plain data in, bytes out. In it: ``index.html`` to read, ``data.json`` for programs,
and the files as they are.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from urllib.parse import quote

PAGE = """<!DOCTYPE html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font-family:sans-serif;max-width:60em;margin:2em auto;padding:0 1em}}
dt{{color:#666;margin-top:.4em}}dd{{margin:0;white-space:pre-wrap}}
article{{border-top:1px solid #ccc;padding:.6em 0}}</style></head>
<body><h1>{title}</h1>{body}</body></html>
"""


@dataclass(frozen=True, eq=False)
class File:
    """A file of a row: the page and the JSON say where in the archive it lies."""

    name: str
    content: bytes
    # the day it belongs to, and what it belongs to, in words
    day: date | None = None
    about: str = ""


# dates, moments with their zone and numbers are said in words on the page only
Value = str | date | float | File
Row = Sequence[tuple[str, Value]]


def safe_name(name: str) -> str:
    """Return a file name that leads nowhere outside of the archive."""
    name = re.sub(r"[^\w.\- ()]+", "_", name or "")
    name = re.sub(r"\.{2,}", ".", name).strip(" .")
    return name[-100:] or "file"


def build(
    title: str,
    sections: Sequence[tuple[str, Sequence[Row]]],
    lang: str = "ru",
    show: Callable[[Value], str] = str,
    files_heading: str = "files/",
) -> bytes:
    """Return the archive's bytes.

    :param sections: list of (heading, rows); a row is a list of (label, value). Files
        stand in the row they belong to; equal names are kept apart by a number.
    :param files_heading: what stands above the list of all files
    :param show: returns a value in words for the page; the JSON keeps dates as ISO
    """
    files = [
        value
        for _heading, rows in sections
        for row in rows
        for _label, value in row
        if isinstance(value, File)
    ]
    paths = {file: _path(number, file) for number, file in enumerate(files, 1)}

    def to_html(value):
        if not isinstance(value, File):
            return escape(show(value))
        path = paths[value]
        name = path.removeprefix("files/")
        return f'<a href="{escape(quote(path))}">{escape(name)}</a>'

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, path in paths.items():
            archive.writestr(path, file.content)
        body = "".join(_section(heading, rows, to_html) for heading, rows in sections)
        if paths:
            links = "".join(
                f"<li>{to_html(file)}<br>{escape(file.about)}</li>" for file in paths
            )
            body += f"<h2>{escape(files_heading)}</h2><ul>{links}</ul>"
        page = PAGE.format(lang=escape(lang), title=escape(title), body=body)
        archive.writestr("index.html", page)
        data = {
            heading: [
                [[label, paths.get(value, value)] for label, value in row]
                for row in rows
            ]
            for heading, rows in sections
        }
        archive.writestr(
            "data.json", json.dumps(data, ensure_ascii=False, indent=1, default=str)
        )
    return out.getvalue()


def _path(number: int, file: File) -> str:
    """Return where a file lies: by its number, its day and its name."""
    day = f"{file.day:%Y-%m-%d} " if file.day else ""
    return f"files/{number:03d} {day}{safe_name(file.name)}"


def _section(heading: str, rows: Sequence[Row], to_html: Callable[[Value], str]) -> str:
    articles = "".join(
        "<article><dl>"
        + "".join(
            f"<dt>{escape(label)}</dt><dd>{to_html(value)}</dd>" for label, value in row
        )
        + "</dl></article>"
        for row in rows
    )
    return f"<h2>{escape(heading)}</h2>{articles}"
