"""Numbers of personal accounts: short, and a mistyped digit shows.

A patient reads it aloud, a bank's application sends it back in a payment: so it is
digits only, and the last one is a check digit (Luhn) that catches every single wrong
digit and nearly all swaps of neighbours.
"""

import re

LENGTH = 8


def account_number(serial: int) -> str:
    """Return the number of the account with this serial, as ``00001230``."""
    if serial <= 0:
        raise ValueError(f"{serial} is no serial of an account")
    digits = str(serial).zfill(LENGTH - 1)
    return digits + str(_check_digit(digits))


def is_account_number(text: str) -> bool:
    """Tell whether ``text`` is a number that :func:`account_number` may have made."""
    return (
        len(text) >= LENGTH
        and text.isascii()
        and text.isdigit()
        and int(text[:-1]) > 0
        and text == account_number(int(text[:-1]))
    )


def find_account_numbers(text: str) -> list[str]:
    """Return what may be numbers of accounts in a payer's free text, in order."""
    words = re.findall(r"(?<![\w/-])\d+(?![\w/-])", text)
    return list(dict.fromkeys(word for word in words if is_account_number(word)))


def _check_digit(digits: str) -> int:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10
