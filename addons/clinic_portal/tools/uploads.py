"""Which files a patient may send: told by what is in them, not by their names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

MEGABYTE = 1_000_000
LARGEST = 10 * MEGABYTE
MOST = 5
LONGEST_NAME = 80

# what a file begins with, its type, the suffix it is kept with
KINDS = (
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"%PDF-", "application/pdf", ".pdf"),
)
ACCEPTED = ",".join(mimetype for _start, mimetype, _suffix in KINDS)

_UNWANTED = re.compile(r"[^\w .()+-]+")


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    mimetype: str
    content: bytes


class RefusedError(Exception):
    """A file is not taken; ``code``: ``many``, ``large``, ``empty`` or ``kind``."""

    def __init__(self, code: str, name: str = ""):
        super().__init__(code)
        self.code = code
        self.name = name


def check(files: Sequence[tuple[str, bytes]]) -> list[Upload]:
    """The files (name, content) ready to be kept; RefusedError says what is wrong.

    A reader of the files asks for one byte more than ``LARGEST``, so that a larger one
    is known as such without being read whole.
    """
    if len(files) > MOST:
        raise RefusedError("many")
    return [_check(name, content) for name, content in files]


def _check(name: str, content: bytes) -> Upload:
    if not content:
        raise RefusedError("empty", name)
    if len(content) > LARGEST:
        raise RefusedError("large", name)
    for start, mimetype, suffix in KINDS:
        if content.startswith(start):
            return Upload(clean_name(name, suffix), mimetype, content)
    raise RefusedError("kind", name)


def clean_name(name: str, suffix: str) -> str:
    """The name without folders and odd signs, with the suffix its content asks for."""
    stem = re.split(r"[\\/]", name or "")[-1].rpartition(".")
    words = " ".join(_UNWANTED.sub(" ", stem[0] or stem[2]).split()).strip(" .")
    return (words[:LONGEST_NAME].strip() or "file") + suffix
