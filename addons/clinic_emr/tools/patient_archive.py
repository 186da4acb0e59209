"""One zip of everything the clinic knows about a patient, for the patient.

Plain data in, bytes out. In it: ``index.html`` to read, ``data.json`` for programs,
and the files as they are.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable, Sequence
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


# dates, moments with their zone and numbers are said in words on the page only
Value = str | date | float
Row = Sequence[tuple[str, Value]]


def safe_name(name: str) -> str:
    """Return a file name that leads nowhere outside of the archive."""
    name = re.sub(r"[^\w.\- ()]+", "_", name or "")
    name = re.sub(r"\.{2,}", ".", name).strip(" .")
    return name[-100:] or "file"


def build(
    title: str,
    sections: Sequence[tuple[str, Sequence[Row]]],
    files: Sequence[tuple[str, bytes]],
    lang: str = "ru",
    show: Callable[[Value], str] = str,
    files_heading: str = "files/",
) -> bytes:
    """Return the archive's bytes.

    :param sections: list of (heading, rows); a row is a list of (label, value)
    :param files: list of (name, bytes); equal names are kept apart by a number
    :param files_heading: what stands above the links to the files
    :param show: returns a value in words for the page; the JSON keeps dates as ISO
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        names = []
        for number, (name, content) in enumerate(files, 1):
            path = f"files/{number:03d} {safe_name(name)}"
            archive.writestr(path, content)
            names.append(path)
        body = "".join(_section(heading, rows, show) for heading, rows in sections)
        if names:
            links = "".join(
                f'<li><a href="{escape(quote(path))}">{escape(path)}</a></li>'
                for path in names
            )
            body += f"<h2>{escape(files_heading)}</h2><ul>{links}</ul>"
        page = PAGE.format(lang=escape(lang), title=escape(title), body=body)
        archive.writestr("index.html", page)
        data = {
            heading: [[list(pair) for pair in row] for row in rows]
            for heading, rows in sections
        }
        archive.writestr(
            "data.json", json.dumps(data, ensure_ascii=False, indent=1, default=str)
        )
    return out.getvalue()


def _section(heading: str, rows: Sequence[Row], show: Callable[[Value], str]) -> str:
    articles = "".join(
        "<article><dl>"
        + "".join(
            f"<dt>{escape(label)}</dt><dd>{escape(show(value))}</dd>"
            for label, value in row
        )
        + "</dl></article>"
        for row in rows
    )
    return f"<h2>{escape(heading)}</h2>{articles}"
