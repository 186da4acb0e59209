"""Reading what a visitor typed or what stands in an address, without an ORM.

Every reader returns a value or ``None`` and never raises: a page decides what to
say about it.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from odoo.addons.clinic_base.tools.age import is_plausible_birthdate

START_FORMAT = "%Y-%m-%dT%H:%M"
SHORTEST_PASSWORD = 8
TOKEN_LENGTH = 20

_AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")


def read_id(text: object) -> int | None:
    """A positive database id, or None."""
    try:
        number = int(str(text).strip())
    except ValueError:
        return None
    return number if 0 < number < 2**31 else None


def read_ids(texts: Iterable[object]) -> list[int]:
    """The positive ids among the texts, each once, in their order."""
    return list(dict.fromkeys(filter(None, map(read_id, texts))))


def read_date(text: str | None) -> date | None:
    """A day written ``2016-05-31`` or ``31.05.2016``."""
    text = (text or "").strip()
    for day_format in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, day_format).date()
        except ValueError:
            continue
    return None


def read_start(text: str | None) -> datetime | None:
    """The start of a window (UTC, naive) as :func:`write_start` writes it."""
    try:
        return datetime.strptime((text or "").strip(), START_FORMAT)
    except ValueError:
        return None


def write_start(start: datetime) -> str:
    """The start of a window for an address or a form."""
    return start.strftime(START_FORMAT)


def check_birthdate(text: str | None, today: date) -> tuple[date | None, str | None]:
    """A birth date and the code of what is wrong with it.

    :return: ``(date, None)`` or ``(None, code)``; the codes are ``missing``,
        ``unreadable``, ``future`` and ``too_old``.
    """
    if not (text or "").strip():
        return None, "missing"
    born = read_date(text)
    if not born:
        return None, "unreadable"
    if born > today:
        return None, "future"
    if not is_plausible_birthdate(born, today):
        return None, "too_old"
    return born, None


def looks_like_email(text: str | None) -> bool:
    return bool(_EMAIL.fullmatch((text or "").strip()))


def local_path(address: str | None, default: str) -> str:
    """The address if it leads to a page of this very site, else the default."""
    address = (address or "").strip()
    if not address.startswith("/") or address.startswith(("//", "/\\")):
        return default
    if any(ord(char) < 32 for char in address):
        return default
    return address


def read_amount(text: str | None) -> Decimal | None:
    """A sum of money as people type it (``1 500,50``), above zero, or None."""
    plain = "".join((text or "").split()).replace(",", ".").rstrip("₽")
    if not _AMOUNT.fullmatch(plain):
        return None
    return Decimal(plain) or None
