"""The QR code of a payment for Russian bank applications (GOST R 56042-2014).

``ST00012|Name=…|PersonalAcc=…|BankName=…|BIC=…|CorrespAcc=…|Sum=250000|Purpose=…``:
the letters ST, version 0001, encoding 2 (UTF-8), then pairs after a separator. The
standard has no escaping: where a value contains the separator, another one is taken,
for a reader learns it from the character after the header. Control characters, which
no reader expects, become spaces.
"""

import re
from dataclasses import dataclass

HEADER = "ST00012"
# The usual one first; each is one byte, none can begin the name of a field.
SEPARATORS = "|~^#;_*!@$%&`"
REQUIRED = ("Name", "PersonalAcc", "BankName", "BIC", "CorrespAcc")
LENGTHS = {
    "Name": 160,
    "PersonalAcc": 20,
    "BankName": 45,
    "BIC": 9,
    "CorrespAcc": 20,
    "Sum": 18,
    "Purpose": 210,
    "PayeeINN": 12,
    "KPP": 9,
}


class BankQrError(ValueError):
    """The code cannot be made of these values."""


@dataclass(frozen=True)
class Payee:
    """Who receives the money, and where."""

    name: str
    account: str
    bank: str
    bic: str
    correspondent: str = ""
    inn: str = ""
    kpp: str = ""


def _clean(value: str) -> str:
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", value).strip()


def bank_qr(
    payee: Payee,
    kopecks: int | None = None,
    purpose: str = "",
    personal_account: str = "",
    **more: str,
) -> str:
    """Return the text of the code.

    :param kopecks: the sum; without one the payer enters it
    :param personal_account: ``persAcc``, the payer's number at the payee
    :param more: other fields of the standard, e.g. ``LastName``
    """
    if kopecks is not None and kopecks <= 0:
        raise BankQrError("the sum must be more than zero")
    values = {
        "Name": payee.name,
        "PersonalAcc": payee.account,
        "BankName": payee.bank,
        "BIC": payee.bic,
        "CorrespAcc": payee.correspondent or "0",
        "Sum": "" if kopecks is None else str(kopecks),
        "Purpose": purpose,
        "PayeeINN": payee.inn,
        "KPP": payee.kpp,
        "persAcc": personal_account,
        **more,
    }
    values = {
        name: _clean(value or "")[: LENGTHS.get(name)].rstrip()
        for name, value in values.items()
    }
    missing = [name for name in REQUIRED if not values[name]]
    if missing:
        raise BankQrError(f"required fields are empty: {', '.join(missing)}")
    pairs = [f"{name}={value}" for name, value in values.items() if value]
    text = "".join(pairs)
    for separator in SEPARATORS:
        if separator not in text:
            return separator.join([HEADER, *pairs])
    raise BankQrError("the values contain every separator")


def parse(text: str) -> dict[str, str]:
    """Return the fields of a code, as a bank application reads them."""
    if not text.startswith(HEADER) or len(text) <= len(HEADER):
        raise BankQrError("not a payment code")
    separator = text[len(HEADER)]
    return dict(
        pair.partition("=")[::2] for pair in text[len(HEADER) + 1 :].split(separator)
    )
