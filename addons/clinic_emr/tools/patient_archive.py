"""One zip of everything the clinic knows about a patient, for the patient.

Plain data in, bytes out. In it: ``index.html`` to read, ``data.json`` for programs,
and the files as they are.
"""

import io
import json
import re
import zipfile
from collections.abc import Sequence
from html import escape

PAGE = """<!DOCTYPE html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font-family:sans-serif;max-width:60em;margin:2em auto;padding:0 1em}}
dt{{color:#666;margin-top:.4em}}dd{{margin:0;white-space:pre-wrap}}
article{{border-top:1px solid #ccc;padding:.6em 0}}</style></head>
<body><h1>{title}</h1>{body}</body></html>
"""


Row = Sequence[tuple[str, str]]


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
) -> bytes:
    """Return the archive's bytes.

    :param sections: list of (heading, rows); a row is a list of (label, text)
    :param files: list of (name, bytes); equal names are kept apart by a number
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        names = []
        for number, (name, content) in enumerate(files, 1):
            path = f"files/{number:03d} {safe_name(name)}"
            archive.writestr(path, content)
            names.append(path)
        body = "".join(_section(heading, rows) for heading, rows in sections)
        if names:
            body += _section("files/", [[("", name)] for name in names])
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


def _section(heading: str, rows: Sequence[Row]) -> str:
    articles = "".join(
        "<article><dl>"
        + "".join(
            f"<dt>{escape(label)}</dt><dd>{escape(str(text))}</dd>"
            for label, text in row
        )
        + "</dl></article>"
        for row in rows
    )
    return f"<h2>{escape(heading)}</h2>{articles}"
