"""СНИЛС, the number of a person in the Russian pension insurance.

Nine digits and two of control: ``112-233-445 95``. The control digits are the sum of
the nine digits, each times its place counted from the right, modulo 101 (100 is
written as 00). Numbers up to 001-001-998 were issued without control digits.
"""

import re

LAST_UNCHECKED = 1_001_998

_SEPARATORS = re.compile(r"[\s\-‐-―−.]+")


class SnilsError(ValueError):
    """Not a СНИЛС; ``code`` is ``format`` or ``checksum``."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def control_number(nine_digits: str) -> int:
    """Return the number the last two digits must show."""
    total = sum(
        int(d) * place for d, place in zip(nine_digits, range(9, 0, -1), strict=True)
    )
    return total % 101 % 100


def snils_digits(text: str) -> str:
    """Return the digits of a СНИЛС in any spelling, unchecked."""
    return _SEPARATORS.sub("", text or "")


def normalise_snils(text: str) -> str:
    """Return the number as ``112-233-445 95``, or raise :class:`SnilsError`."""
    digits = snils_digits(text)
    if not re.fullmatch(r"[0-9]{11}", digits):
        raise SnilsError("format")
    body, control = digits[:9], int(digits[9:])
    if int(body) == 0:
        raise SnilsError("checksum")
    if int(body) > LAST_UNCHECKED and control != control_number(body):
        raise SnilsError("checksum")
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}"
