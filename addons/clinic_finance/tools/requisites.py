"""Check digits of Russian requisites: INN, KPP, OGRN, BIC and bank accounts.

Each function answers whether a string is what it claims to be. Spaces and hyphens
are not forgiven: :func:`digits` takes them out of what people type.
"""

import re

INN_10 = (2, 4, 10, 3, 5, 9, 4, 6, 8)
INN_11 = (7, *INN_10)
INN_12 = (3, *INN_11)
ACCOUNT = (7, 1, 3)


def digits(text: str | None) -> str:
    """Return what was typed without the spaces and hyphens people put between."""
    return re.sub(r"[\s\-\u00a0]", "", text or "")


def _is_number(text: str, *lengths: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) in lengths


def _weighted(text: str, weights: tuple[int, ...]) -> int:
    return sum(int(d) * w for d, w in zip(text, weights, strict=False))


def inn_check(text: str) -> str:
    """Return the check digits for the first 9 or 10 digits of an INN."""
    if len(text) == 9:
        return str(_weighted(text, INN_10) % 11 % 10)
    first = str(_weighted(text, INN_11) % 11 % 10)
    return first + str(_weighted(text + first, INN_12) % 11 % 10)


def is_inn(text: str) -> bool:
    """Of an organisation (10 digits) or a person (12 digits)."""
    if not _is_number(text, 10, 12) or not text.strip("0"):
        return False
    body = text[:9] if len(text) == 10 else text[:10]
    return text == body + inn_check(body)


def is_kpp(text: str) -> bool:
    """Four digits of the tax office, two of the reason (letters too), three more."""
    return bool(re.fullmatch(r"\d{4}[\dA-Z]{2}\d{3}", text, re.ASCII))


def ogrn_check(text: str) -> str:
    """Return the check digit for the first 12 (OGRN) or 14 (OGRNIP) digits."""
    return str(int(text) % (11 if len(text) == 12 else 13) % 10)


def is_ogrn(text: str) -> bool:
    """Of an organisation (13 digits) or an entrepreneur (15 digits)."""
    return (
        _is_number(text, 13, 15)
        and text[0] != "0"
        and text[-1] == ogrn_check(text[:-1])
    )


def is_bic(text: str) -> bool:
    """Nine digits: 04 for banks, 01 and 02 for branches of the Bank of Russia."""
    return _is_number(text, 9) and text[:2] in ("00", "01", "02", "04")


def _account_sum(prefix: str, account: str) -> int:
    return sum(
        int(d) * ACCOUNT[place % 3] % 10 for place, d in enumerate(prefix + account)
    )


def is_correspondent_account(text: str, bic: str) -> bool:
    """Tell whether the bank of this BIC may have this correspondent account."""
    return (
        _is_number(text, 20)
        and is_bic(bic)
        and text.startswith("301")
        and _account_sum("0" + bic[4:6], text) % 10 == 0
    )


def is_account(text: str, bic: str) -> bool:
    """Tell whether a client of the bank of this BIC may have this account.

    Branches of the Bank of Russia itself (the last three digits of the BIC below 003)
    count by another key.
    """
    if not _is_number(text, 20) or not is_bic(bic):
        return False
    own = bic[6:] in ("000", "001", "002")
    return _account_sum("0" + bic[4:6] if own else bic[6:], text) % 10 == 0


def account_check(text: str, prefix: str) -> str:
    """Return ``text`` (20 digits) with its ninth digit, the key, put right."""
    for key in "0123456789":
        candidate = text[:8] + key + text[9:]
        if _account_sum(prefix, candidate) % 10 == 0:
            return candidate
    raise ValueError("the weight of the key is prime to ten: one always fits")
