"""Which files of the staff are not kept: what a computer or a browser would run.

Told by what is in the file as well as by its name. What a clinic receives is of many
kinds (pictures, PDF, DICOM, tables), so the dangerous ones are named, not the others.
"""

MEGABYTE = 1_000_000
LARGEST = 50 * MEGABYTE

# what programs and scripts begin with
_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
)
_PROGRAM_SUFFIXES = frozenset(
    "apk app bat cmd com cpl dll exe hta jar js jse lnk msi ps1 py scr sh vbe vbs "
    "wsf".split()
)
# what a browser would run
_PAGES = (b"<html", b"<svg", b"<script", b"<!doctype html", b"<iframe", b"<body")
_PAGE_SUFFIXES = frozenset("htm html mht mhtml shtml svg svgz xht xhtml".split())
_LOOKED_AT = 4096


def refusal(name: str, content: bytes) -> str | None:
    """Why a file is not kept: ``large``, ``program`` or ``page``; None if it is."""
    if len(content) > LARGEST:
        return "large"
    suffix = (name or "").rpartition(".")[2].strip().lower()
    start = content[:_LOOKED_AT]
    if suffix in _PROGRAM_SUFFIXES or start.startswith(_PROGRAMS):
        return "program"
    # text of two bytes a sign has zeros in between
    text = start.replace(b"\0", b"").lower()
    is_markup = text.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<")
    if suffix in _PAGE_SUFFIXES or (is_markup and any(tag in text for tag in _PAGES)):
        return "page"
    return None
