"""What tells that two bills are one and the same."""

import re
from dataclasses import dataclass
from datetime import date

# Cyrillic letters that look like Latin ones: people type either.
LOOKALIKES = str.maketrans("АВЕКМНОРСТУХ", "ABEKMHOPCTYX")
# Words that people put before a number, or leave out.
WORDS = frozenset({"СЧ", "СЧЕТ", "СЧЁТ", "СФ", "НОМЕР", "N", "NO", "INV", "INVOICE"})
# The same sum of the same supplier again this soon is rarely the next month's rent.
SOON_DAYS = 20

NUMBER = "number"
AMOUNT = "amount"
FILE = "file"


def number_key(number: str | None) -> str | None:
    """Return the number as it is compared: letters and digits only, no zeros in front.

    >>> number_key("Сч. № 00-123/а") == number_key("сч 123А")
    True
    """
    clean = re.sub(r"[\W_]+", " ", (number or "").upper())
    parts = re.findall(r"\d+|[^\W\d_]+", clean)
    if parts and parts[0] in WORDS and len(parts) > 1:
        del parts[0]
    parts = [part.translate(LOOKALIKES) for part in parts]
    key = "".join(part.lstrip("0") if part.isdigit() else part for part in parts)
    return key or None


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill as it is compared; ``amount`` in minor units."""

    id: int
    partner: int | None
    number: str | None
    amount: int
    day: date | None
    checksums: frozenset[str] = frozenset()


def likeness(one: Bill, other: Bill) -> str | None:
    """Return why the two are probably one bill, the surest reason first."""
    if one.checksums & other.checksums:
        return FILE
    same_partner = one.partner is not None and one.partner == other.partner
    same_amount = one.amount == other.amount and one.amount != 0
    same_number = one.number is not None and one.number == other.number
    if same_number and (same_partner or same_amount):
        return NUMBER
    if same_partner and same_amount and one.day and other.day:
        # Two numbers, both known and not alike, are two bills.
        if one.number and other.number:
            return None
        if abs((one.day - other.day).days) <= SOON_DAYS:
            return AMOUNT
    return None
